import { type Person, startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/interleaving';
import { attempt, deleteAccount, waitingOnLocks } from '../support/social';
import { crowd, mutate } from '../support/verbs';

const PROFILE = 'name handle bio private version';
const SUGGESTIONS = 'userErrors { ... on HandleTakenError { suggestions } }';

describe('updateProfile', () => {
  let app: TestApp;
  let ada: Person;
  let round = 0;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    round += 1;
    ada = await app.person(`Ada_${round}`, { name: 'Ada' });
  });

  const update = (person: Person, input: object) =>
    mutate(app, person, 'updateProfile', input, `user { ${PROFILE} } ${SUGGESTIONS}`);

  async function profileOf(person: Person) {
    return (await app.ok(`query Profile($id: ID!) { user(id: $id) { ${PROFILE} } }`, { id: person.id })).user;
  }

  async function findByHandle(handle: string): Promise<string | null> {
    const document = 'query ByHandle($handle: String!) { userByHandle(handle: $handle) { id } }';
    return (await app.ok(document, { handle })).userByHandle?.id ?? null;
  }

  describe('changes', () => {
    const filled = { name: 'Ada Lovelace', bio: 'Poetical science', private: false };

    it.each([
      { name: 'Countess' },
      { handle: 'countess' },
      { bio: 'Line one\nline two' },
      { private: true },
      { name: 'A', bio: 'B', private: true },
    ])('what is given and leaves the rest: %o', async (change) => {
      const before = (await update(ada, filled)).user;
      const { user, userErrors } = await update(ada, change);
      expect(userErrors).toEqual([]);
      expect(user).toEqual({ ...before, ...change, version: before.version + 1 });
      expect(await profileOf(ada)).toEqual(user);
    });

    it('nothing where it is sent null, except the bio, which null empties', async () => {
      const before = (await update(ada, filled)).user;
      const { user } = await update(ada, { name: null, handle: null, private: null, ifVersion: null, bio: null });
      expect(user).toEqual({ ...before, bio: null, version: before.version + 1 });
    });

    it.each(['', '  \n '])('an empty bio to none: %j', async (bio) => {
      await update(ada, filled);
      expect((await update(ada, { bio })).user).toMatchObject({ bio: null });
    });

    it('texts to what they are without the space around them', async () => {
      const { user } = await update(ada, { name: '  Ada  ', bio: '\n Hello \t' });
      expect(user).toMatchObject({ name: 'Ada', bio: 'Hello' });
    });

    it('the time of the last change', async () => {
      const at = 'query At($id: ID!) { user(id: $id) { createdAt updatedAt } }';
      const before = (await app.ok(at, { id: ada.id })).user;
      await update(ada, { name: 'Later' });
      const after = (await app.ok(at, { id: ada.id })).user;
      expect(after.createdAt).toBe(before.createdAt);
      expect(Date.parse(after.updatedAt)).toBeGreaterThan(Date.parse(before.updatedAt));
    });

    it('up to the limits, which count characters as people do', async () => {
      const longest = { name: '🦉'.repeat(60), bio: '🦉'.repeat(300), handle: 'h'.repeat(30) };
      expect((await update(ada, longest)).user).toMatchObject(longest);
    });
  });

  describe('refuses as INVALID', () => {
    it.each([
      ['an empty name', { name: ' ' }, 'name'],
      ['a name that is too long', { name: 'n'.repeat(61) }, 'name'],
      ['a name of two lines', { name: 'Ada\nLovelace' }, 'name'],
      ['a name that turns the direction of writing', { name: 'Ada\u202egnp' }, 'name'],
      ['a bio that is too long', { bio: 'b'.repeat(301) }, 'bio'],
      ['a bio with a control character', { bio: 'beep\u0007' }, 'bio'],
    ])('%s', async (_what, input, field) => {
      const before = await profileOf(ada);
      const { user, userErrors } = await update(ada, { ...input, private: true });
      expect(userErrors).toEqual([expect.objectContaining({ code: 'INVALID', path: ['input', field] })]);
      expect(user).toBeNull();
      expect(await profileOf(ada)).toEqual(before);
    });

    it('everything that is wrong, at once', async () => {
      const { userErrors } = await update(ada, { name: '', handle: '1', bio: 'b'.repeat(301) });
      const paths = userErrors.map(({ path }: { path: string[] }) => path.join('.')).sort();
      expect(paths).toEqual(['input.bio', 'input.handle', 'input.name']);
    });

    it.each([
      'ab',
      'h'.repeat(31),
      '1ada',
      '_ada',
      'ada lovelace',
      'ada-lovelace',
      'ada.lovelace',
      '@ada',
      'adà',
      'аda',
      '\u212aelvin',
      'ada\n',
      '',
      'admin',
      'Portico',
      'ROOT',
    ])('the handle %j', async (handle) => {
      const { userErrors } = await update(ada, { handle });
      expect(userErrors).toEqual([expect.objectContaining({ code: 'INVALID', path: ['input', 'handle'] })]);
      expect(await profileOf(ada)).toMatchObject({ handle: ada.handle, version: 1 });
    });
  });

  describe('with ifVersion', () => {
    it('changes the profile when it still has that version', async () => {
      expect((await update(ada, { ifVersion: 1, name: 'Second' })).user).toMatchObject({ name: 'Second', version: 2 });
    });

    it.each([0, 1, 3])('%i answers ConflictError with the profile as it is at version 2', async (ifVersion) => {
      await update(ada, { name: 'Second' });
      const { user, userErrors } = await update(ada, { ifVersion, name: 'Third', handle: 'third' });
      expect(userErrors).toEqual([
        expect.objectContaining({
          __typename: 'ConflictError',
          code: 'CONFLICT',
          path: ['input', 'ifVersion'],
          currentVersion: 2,
          current: { __typename: 'User', id: ada.id },
        }),
      ]);
      expect(user).toBeNull();
      expect(await profileOf(ada)).toMatchObject({ name: 'Second', version: 2 });
      expect(await findByHandle('third')).toBeNull();
    });

    it('lets one of twenty edits of one version through', async () => {
      // The row is held until several edits want it, so that none has ended before another begins.
      const holder = await app.sql.connect();
      await holder.query('BEGIN');
      await holder.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [ada.uuid]);
      const edits = Array.from({ length: 20 }, (_, i) => attempt(app, ada, 'updateProfile', edit(i)));
      await eventually('several edits wait', async () => (await waitingOnLocks(app)) > 4);
      await holder.query('COMMIT');
      holder.release();
      const outcomes = await Promise.all(edits);
      expect(outcomes.filter((outcome) => outcome === 'OK')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'CONFLICT')).toHaveLength(19);
      expect(await profileOf(ada)).toMatchObject({ version: 2, name: `Edit ${outcomes.indexOf('OK')}` });
    });
    const edit = (i: number) => ({ ifVersion: 1, name: `Edit ${i}` });
  });

  describe('with a handle', () => {
    it('that somebody else has, in whatever case, answers HandleTakenError', async () => {
      const ben = await app.person(`Ben_${round}`);
      for (const handle of [ben.handle, ben.handle.toUpperCase(), ben.handle.toLowerCase()]) {
        const { user, userErrors } = await update(ada, { handle });
        const taken = { __typename: 'HandleTakenError', code: 'CONFLICT', path: ['input', 'handle'] };
        expect(userErrors).toEqual([expect.objectContaining(taken)]);
        expect(user).toBeNull();
      }
      expect(await profileOf(ada)).toMatchObject({ handle: ada.handle });
    });

    it.each(['taken_one', 'T'.repeat(30)])('that is taken, suggests others that are free: %s', async (handle) => {
      await app.person(handle);
      await app.person(`${handle.slice(0, 29)}_`);
      const [error] = (await update(ada, { handle: handle.toLowerCase() })).userErrors;
      expect(error.suggestions.length).toBeGreaterThan(0);
      expect(error.suggestions).not.toContain(`${handle.toLowerCase().slice(0, 29)}_`);
      for (const suggestion of error.suggestions) {
        expect(await findByHandle(suggestion)).toBeNull();
        expect((await update(ada, { handle: suggestion })).user).toMatchObject({ handle: suggestion });
      }
    });

    it('of the own account changes its case', async () => {
      const handle = ada.handle.toUpperCase();
      expect((await update(ada, { handle })).user).toMatchObject({ handle });
      expect(await findByHandle(ada.handle)).toBe(ada.id);
    });

    it('moves the profile there and gives the old handle back', async () => {
      await update(ada, { handle: `moved_${round}` });
      expect(await findByHandle(`MOVED_${round}`)).toBe(ada.id);
      expect(await findByHandle(ada.handle)).toBeNull();
      const ben = await app.person(`ben_${round}`);
      expect((await update(ben, { handle: ada.handle })).user).toMatchObject({ handle: ada.handle });
    });

    it('that twenty people claim at once has one winner, and the others keep theirs', async () => {
      const people = await crowd(app, `claimer_${round}_`, 20);
      const outcomes = await Promise.all(
        people.map((person, i) => attempt(app, person, 'updateProfile', { handle: i % 2 ? 'coveted' : 'COVETED' })),
      );
      const winners = people.filter((_, i) => outcomes[i] === 'OK');
      expect(winners).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'CONFLICT')).toHaveLength(19);
      expect(await findByHandle('coveted')).toBe(winners[0]?.id);
      for (const person of people.filter((each) => each !== winners[0])) {
        expect(await findByHandle(person.handle)).toBe(person.id);
      }
      const { rows } = await app.sql.query(
        'SELECT count(*)::int AS handles FROM user_handles WHERE user_id = ANY($1)',
        [people.map(({ uuid }) => uuid)],
      );
      expect(rows).toEqual([{ handles: 20 }]);
    });
  });

  it('is for whoever is signed in and still has an account', async () => {
    expect(await attempt(app, null, 'updateProfile', { name: 'Nobody' })).toBe('UNAUTHENTICATED');
    await deleteAccount(app, ada);
    expect(await attempt(app, ada, 'updateProfile', { name: 'Nobody' })).toBe('UNAUTHENTICATED');
  });

  it('leads nobody to a profile by a text that can be no handle', async () => {
    for (const handle of ['', 'ab', '🦉🦉🦉', "' OR 1 = 1 --", 'h'.repeat(1_000), '%', 'ada%', `${ada.handle}\n`]) {
      expect(await findByHandle(handle)).toBeNull();
    }
  });
});
