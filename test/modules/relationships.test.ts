import { type Person, startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/interleaving';
import {
  answerRequest,
  attempt,
  countsOf,
  follow,
  followPrivate,
  readWhole,
  STRANGERS,
  standing,
  viewerId,
  waitingOnLocks,
} from '../support/social';
import { mutate, publish, relate } from '../support/verbs';

describe('follows and requests', () => {
  let app: TestApp;
  let ada: Person;
  let ben: Person;
  /** A private account. */
  let pia: Person;
  let round = 0;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    round += 1;
    ada = await app.person(`ada_${round}`);
    ben = await app.person(`ben_${round}`);
    pia = await app.person(`pia_${round}`, { private: true });
  });

  async function openAccount(person: Person): Promise<void> {
    await mutate(app, person, 'updateProfile', { private: false });
  }

  describe('following', () => {
    it('a public account begins at once and is counted on both sides', async () => {
      await follow(app, ada, ben);
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, following: true });
      expect(await standing(app, ben, ada)).toEqual({ ...STRANGERS, followedBy: true });
      expect(await countsOf(app, ada)).toEqual({ followers: 0, following: 1 });
      expect(await countsOf(app, ben)).toEqual({ followers: 1, following: 0 });
    });

    it('ends when it is set to false, and the counters with it', async () => {
      await follow(app, ada, ben);
      await relate(app, ada, ben, { following: false });
      expect(await standing(app, ada, ben)).toEqual(STRANGERS);
      expect(await countsOf(app, ben)).toEqual({ followers: 0, following: 0 });
    });

    it('twice is following once, and keeps the place in the list', async () => {
      await follow(app, ada, ben);
      await follow(app, pia, ben);
      await follow(app, ada, ben);
      expect(await readWhole(app, ben, 'followers', ben.id)).toEqual([pia.id, ada.id]);
      expect(await countsOf(app, ben)).toEqual({ followers: 2, following: 0 });
      expect(await attempt(app, ada, 'setRelationship', { userId: ben.id, following: false })).toBe('OK');
      expect(await attempt(app, ada, 'setRelationship', { userId: ben.id, following: false })).toBe('OK');
      expect(await countsOf(app, ben)).toEqual({ followers: 1, following: 0 });
    });

    it('is answered with the person as they stand now', async () => {
      const payload = await mutate(
        app,
        ada,
        'setRelationship',
        { userId: ben.id, following: true },
        'user { id counts { followers } relationship { following } }',
      );
      expect(payload.user).toEqual({ id: ben.id, counts: { followers: 1 }, relationship: { following: true } });
    });
  });

  describe('a request to a private account', () => {
    it('waits: it is listed for the account alone and counted nowhere', async () => {
      await follow(app, ada, pia);
      await follow(app, ben, pia);
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, requested: true });
      expect(await standing(app, pia, ada)).toEqual(STRANGERS);
      expect(await readWhole(app, pia, 'followRequests', viewerId(pia))).toEqual([ben.id, ada.id]);
      expect(await readWhole(app, ada, 'followRequests', viewerId(pia))).toBeNull();
      expect(await countsOf(app, pia)).toEqual({ followers: 0, following: 0 });
    });

    it('becomes a follow when it is accepted', async () => {
      await followPrivate(app, ada, pia);
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, following: true });
      expect(await readWhole(app, pia, 'followRequests', viewerId(pia))).toEqual([]);
      expect(await countsOf(app, pia)).toEqual({ followers: 1, following: 0 });
    });

    it('vanishes when it is declined, and may be made again', async () => {
      await follow(app, ada, pia);
      await answerRequest(app, pia, ada, false);
      expect(await standing(app, ada, pia)).toEqual(STRANGERS);
      await followPrivate(app, ada, pia);
      expect(await countsOf(app, pia)).toEqual({ followers: 1, following: 0 });
    });

    it('is taken back by following: false', async () => {
      await follow(app, ada, pia);
      await relate(app, ada, pia, { following: false });
      expect(await standing(app, ada, pia)).toEqual(STRANGERS);
      expect(await attempt(app, pia, 'answerFollowRequest', { userId: ada.id, accept: true })).toBe('NOT_FOUND');
    });

    it('is answered once', async () => {
      await followPrivate(app, ada, pia);
      const answer = (accept: boolean) => attempt(app, pia, 'answerFollowRequest', { userId: ada.id, accept });
      expect(await answer(true)).toBe('NOT_FOUND');
      expect(await answer(false)).toBe('NOT_FOUND');
      expect(await standing(app, ada, pia)).toMatchObject({ following: true });
    });

    it('made twice waits once', async () => {
      await follow(app, ada, pia);
      await follow(app, ada, pia);
      expect(await readWhole(app, pia, 'followRequests', viewerId(pia))).toEqual([ada.id]);
    });
  });

  describe('opening a private account', () => {
    it('accepts everybody who waits, and brings them its posts', async () => {
      const postId = await publish(app, pia);
      await follow(app, ada, pia);
      await follow(app, ben, pia);
      await openAccount(pia);
      await app.jobsDone();
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, following: true });
      expect(await countsOf(app, pia)).toEqual({ followers: 2, following: 0 });
      expect(await readWhole(app, pia, 'followRequests', viewerId(pia))).toEqual([]);
      expect(await readWhole(app, ben, 'feed', viewerId(ben))).toEqual([postId]);
    });

    it('leaves nobody waiting who asked at the same moment', async () => {
      // Holds the request back, after it has looked whether the account is private and before it commits.
      const holder = await app.sql.connect();
      await holder.query('BEGIN');
      await holder.query(
        `INSERT INTO follows (follower_id, followee_id, state, created_at) VALUES ($1, $2, 'accepted', now())`,
        [ada.uuid, pia.uuid],
      );
      const asked = follow(app, ada, pia);
      await eventually('the request waits', async () => (await waitingOnLocks(app)) >= 1);
      let opened = false;
      const opening = openAccount(pia).then(() => {
        opened = true;
      });
      await eventually(
        'the opening waits too, or has been done',
        async () => opened || (await waitingOnLocks(app)) >= 2,
      );
      if (opened) await app.jobsDone();
      await holder.query('ROLLBACK');
      holder.release();
      await Promise.all([asked, opening]);
      await app.jobsDone();
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, following: true });
      expect(await countsOf(app, pia)).toEqual({ followers: 1, following: 0 });
    });

    it('does not accept anybody once the account has been closed again', async () => {
      await follow(app, ada, pia);
      // The job of the opening runs late: after the account was closed.
      await app.sql.query(
        `SELECT graphile_worker.add_job('accounts.opened', payload := json_build_object('userId', $1::text))`,
        [pia.uuid],
      );
      await app.jobsDone();
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, requested: true });
    });

    it('keeps the followers when it is closed again', async () => {
      await followPrivate(app, ada, pia);
      await openAccount(pia);
      await mutate(app, pia, 'updateProfile', { private: true });
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, following: true });
    });
  });
});
