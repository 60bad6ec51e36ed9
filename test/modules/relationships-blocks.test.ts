import { type Person, startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/interleaving';
import {
  attempt,
  block,
  countsOf,
  deleteAccount,
  follow,
  readWhole,
  STRANGERS,
  standing,
  unblock,
  viewerId,
  waitingOnLocks,
} from '../support/social';
import { type RelationshipFields, relate } from '../support/verbs';

describe('blocks, mutes and combined changes', () => {
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

  describe('blocking', () => {
    it('ends follows both ways, and the counters with them', async () => {
      await follow(app, ada, ben);
      await follow(app, ben, ada);
      await block(app, ada, ben);
      expect(await standing(app, ada, ben)).toEqual({ ...STRANGERS, blocking: true });
      expect(await standing(app, ben, ada)).toBeNull();
      await unblock(app, ada, ben);
      expect(await standing(app, ada, ben)).toEqual(STRANGERS);
      expect(await countsOf(app, ada)).toEqual({ followers: 0, following: 0 });
      expect(await countsOf(app, ben)).toEqual({ followers: 0, following: 0 });
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
      expect(await countsOf(app, ada)).toEqual({ followers: 0, following: 1 });
    });

    it('forbids to follow: who blocked is told to lift it, who was blocked finds nobody', async () => {
      await block(app, ada, ben);
      expect(await change(ada, ben, { following: true })).toBe('BLOCKED');
      expect(await change(ben, ada, { following: true })).toBe('NOT_FOUND');
      expect(await change(ben, ada, { blocking: true })).toBe('NOT_FOUND');
    });

    it('refuses a follow that was on its way when the block was made', async () => {
      // The follow has found that there is no block, and waits for its turn with these two people.
      const blocking = await app.sql.connect();
      await blocking.query('BEGIN');
      await blocking.query('INSERT INTO relationship_counters (user_id) VALUES ($1), ($2)', [ada.uuid, ben.uuid]);
      const following = change(ada, ben, { following: true });
      await eventually('the follow waits', async () => (await waitingOnLocks(app)) > 0);
      await blocking.query('INSERT INTO blocks VALUES ($1, $2, now())', [ben.uuid, ada.uuid]);
      await blocking.query('COMMIT');
      blocking.release();
      expect(await following).toBe('NOT_FOUND');
      await unblock(app, ben, ada);
      expect(await standing(app, ada, ben)).toEqual(STRANGERS);
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
});
