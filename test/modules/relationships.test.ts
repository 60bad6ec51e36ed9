import { type Person, startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/interleaving';
import {
  answerRequest,
  attempt,
  block,
  deleteAccount,
  follow,
  followPrivate,
  readWhole,
  standing,
  unblock,
  viewerId,
} from '../support/social';
import { mutate, publish, type RelationshipFields, relate } from '../support/verbs';

const STRANGERS = { following: false, followedBy: false, requested: false, blocking: false, muting: false };

describe('relationships', () => {
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

  const change = (viewer: Person | null, other: Person, fields: RelationshipFields) =>
    attempt(app, viewer, 'setRelationship', { userId: other.id, ...fields });

  /** The counters as their owner sees them. */
  async function countsOf(person: Person): Promise<{ followers: number; following: number }> {
    const document = 'query Counts($id: ID!) { user(id: $id) { counts { followers following } } }';
    return (await app.ok(document, { id: person.id }, person)).user.counts;
  }

  async function openAccount(person: Person): Promise<void> {
    await mutate(app, person, 'updateProfile', { private: false });
  }

  describe('following', () => {
    it('a public account begins at once and is counted on both sides', async () => {
      await follow(app, ada, ben);
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, following: true });
      expect(await standing(app, ben, ada)).toEqual({ ...STRANGERS, followedBy: true });
      expect(await countsOf(ada)).toEqual({ followers: 0, following: 1 });
      expect(await countsOf(ben)).toEqual({ followers: 1, following: 0 });
    });

    it('ends when it is set to false, and the counters with it', async () => {
      await follow(app, ada, ben);
      await relate(app, ada, ben, { following: false });
      expect(await standing(app, ada, ben)).toEqual(STRANGERS);
      expect(await countsOf(ben)).toEqual({ followers: 0, following: 0 });
    });

    it('twice is following once, and keeps the place in the list', async () => {
      await follow(app, ada, ben);
      await follow(app, pia, ben);
      await follow(app, ada, ben);
      expect(await readWhole(app, ben, 'followers', ben.id)).toEqual([pia.id, ada.id]);
      expect(await countsOf(ben)).toEqual({ followers: 2, following: 0 });
      expect(await change(ada, ben, { following: false })).toBe('OK');
      expect(await change(ada, ben, { following: false })).toBe('OK');
      expect(await countsOf(ben)).toEqual({ followers: 1, following: 0 });
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
      expect(await countsOf(pia)).toEqual({ followers: 0, following: 0 });
    });

    it('becomes a follow when it is accepted', async () => {
      await followPrivate(app, ada, pia);
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, following: true });
      expect(await readWhole(app, pia, 'followRequests', viewerId(pia))).toEqual([]);
      expect(await countsOf(pia)).toEqual({ followers: 1, following: 0 });
    });

    it('vanishes when it is declined, and may be made again', async () => {
      await follow(app, ada, pia);
      await answerRequest(app, pia, ada, false);
      expect(await standing(app, ada, pia)).toEqual(STRANGERS);
      await followPrivate(app, ada, pia);
      expect(await countsOf(pia)).toEqual({ followers: 1, following: 0 });
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
      expect(await countsOf(pia)).toEqual({ followers: 2, following: 0 });
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
      await eventually('the request waits', async () => (await waitingOnLocks()) >= 1);
      let opened = false;
      const opening = openAccount(pia).then(() => {
        opened = true;
      });
      await eventually('the opening waits too, or has been done', async () => opened || (await waitingOnLocks()) >= 2);
      if (opened) await app.jobsDone();
      await holder.query('ROLLBACK');
      holder.release();
      await Promise.all([asked, opening]);
      await app.jobsDone();
      expect(await standing(app, ada, pia)).toEqual({ ...STRANGERS, following: true });
      expect(await countsOf(pia)).toEqual({ followers: 1, following: 0 });
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

  describe('blocking', () => {
    it('ends follows both ways, and the counters with them', async () => {
      await follow(app, ada, ben);
      await follow(app, ben, ada);
      await block(app, ada, ben);
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, blocking: true });
      expect(await standing(app, ben, ada)).toBeNull();
      await unblock(app, ada, ben);
      expect(await standing(app, ada, ben)).toEqual(STRANGERS);
      expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
      expect(await countsOf(ben)).toEqual({ followers: 0, following: 0 });
    });

    it.each(['asker', 'asked'])('ends a request, whether the %s blocks', async (who) => {
      await follow(app, ada, pia);
      await (who === 'asker' ? block(app, ada, pia) : block(app, pia, ada));
      await (who === 'asker' ? unblock(app, ada, pia) : unblock(app, pia, ada));
      expect(await standing(app, ada, pia)).toEqual(STRANGERS);
      expect(await readWhole(app, pia, 'followRequests', viewerId(pia))).toEqual([]);
    });

    it('and the end of the follows are one transaction', async () => {
      await follow(app, ada, ben);
      await app.sql.query(`
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the test'; END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON follows FOR EACH ROW EXECUTE FUNCTION refuse()`);
      try {
        expect(await change(ada, ben, { blocking: true })).toBe('INTERNAL');
      } finally {
        await app.sql.query('DROP TRIGGER refuse ON follows; DROP FUNCTION refuse()');
      }
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, following: true });
      expect(await countsOf(ada)).toEqual({ followers: 0, following: 1 });
    });

    it('forbids to follow: who blocked is told to lift it, who was blocked finds nobody', async () => {
      await block(app, ada, ben);
      expect(await change(ada, ben, { following: true })).toBe('BLOCKED');
      expect(await change(ben, ada, { following: true })).toBe('NOT_FOUND');
      expect(await change(ben, ada, { blocking: true })).toBe('NOT_FOUND');
    });

    it('twice is blocking once', async () => {
      await block(app, ada, ben);
      await block(app, ada, ben);
      expect(await readWhole(app, ada, 'blocks', viewerId(ada))).toEqual([ben.id]);
      await unblock(app, ada, ben);
      expect(await change(ada, ben, { blocking: false })).toBe('OK');
      expect(await readWhole(app, ada, 'blocks', viewerId(ada))).toEqual([]);
    });
  });

  describe('several changes at once', () => {
    it.each<[string, RelationshipFields, RelationshipFields, string, object]>([
      ['cannot follow and block', {}, { following: true, blocking: true }, 'BLOCKED', {}],
      [
        'cannot follow across a block and mute',
        { blocking: true },
        { following: true, muting: true },
        'BLOCKED',
        { blocking: true },
      ],
      [
        'can lift a block and follow',
        { blocking: true },
        { following: true, blocking: false },
        'OK',
        { following: true },
      ],
      [
        'can block and stop following',
        { following: true },
        { following: false, blocking: true },
        'OK',
        { blocking: true },
      ],
      [
        'can block and mute',
        { following: true },
        { blocking: true, muting: true },
        'OK',
        { blocking: true, muting: true },
      ],
      ['can follow and mute', {}, { following: true, muting: true }, 'OK', { following: true, muting: true }],
      ['can be none at all', { muting: true }, {}, 'OK', { muting: true }],
    ])('%s', async (_what, before, fields, outcome, after) => {
      await relate(app, ada, ben, before);
      expect(await change(ada, ben, fields)).toBe(outcome);
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, ...after });
    });

    it('leave alone what is null', async () => {
      await relate(app, ada, ben, { following: true, muting: true });
      const nulls = { userId: ben.id, following: null, blocking: null, muting: null };
      expect(await attempt(app, ada, 'setRelationship', nulls)).toBe('OK');
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, following: true, muting: true });
    });
  });

  describe('muting', () => {
    it('is known to the viewer alone, outlives a follow, and ends when it is set to false', async () => {
      await relate(app, ada, ben, { following: true, muting: true });
      await relate(app, ada, ben, { following: false, muting: true });
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, muting: true });
      expect(await standing(app, ben, ada)).toEqual(STRANGERS);
      expect(await readWhole(app, ada, 'mutes', viewerId(ada))).toEqual([ben.id]);
      await relate(app, ada, ben, { muting: false });
      await relate(app, ada, ben, { muting: false });
      expect(await readWhole(app, ada, 'mutes', viewerId(ada))).toEqual([]);
    });
  });

  it.each<RelationshipFields>([{ following: true }, { blocking: true }, { muting: true }, {}])(
    'with oneself are INVALID: %o',
    async (fields) => {
      expect(await change(ada, ada, fields)).toBe('INVALID');
    },
  );

  it('with somebody whose account is deleted are NOT_FOUND', async () => {
    await deleteAccount(app, ben);
    expect(await change(ada, ben, { following: true })).toBe('NOT_FOUND');
  });

  it('are not set without signing in, nor for an id of something else', async () => {
    expect(await change(null, ben, { following: true })).toBe('UNAUTHENTICATED');
    expect(await attempt(app, ada, 'setRelationship', { userId: viewerId(ben), following: true })).toBe('INVALID');
    expect(await attempt(app, ada, 'answerFollowRequest', { userId: 'user_1', accept: true })).toBe('INVALID');
  });

  async function waitingOnLocks(): Promise<number> {
    const { rows } = await app.sql.query(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0].waiting;
  }
});
