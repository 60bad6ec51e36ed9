import { startTestApp, type TestApp } from '../support/app';
import { readLog } from '../support/change-log';
import {
  auditOf,
  liveSessions,
  type Member,
  member,
  opens,
  PASSWORD,
  signed,
  signIn,
  trySignUp,
  waiting,
} from '../support/passwords';

const STRONGER = { PASSWORD_HASH_MEMORY_KIB: '128', PASSWORD_HASH_PASSES: '2' };

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const hashOf = async ({ uuid }: Member) =>
  (await app.sql.query('SELECT password_hash FROM credentials WHERE user_id = $1', [uuid])).rows[0].password_hash;
const change = (who: Member, currentPassword: string, newPassword: string, more: object = {}) =>
  signed(app, who, 'changePassword', { currentPassword, newPassword, ...more });

let people = 0;
async function tried(password: string, handle = `tried${people++}`) {
  const { userErrors } = await trySignUp(app, { name: 'T', handle, email: `${handle}.mail@example.com`, password });
  return userErrors;
}

describe('a new password', () => {
  it.each([
    ['seven characters', 'aB3$efg'],
    ['seven characters of two UTF-16 units each', '😀'.repeat(7)],
    ['more than eight, which become seven when composed', 'cafe\u0301 12'],
    ['129 characters', `${'ab'.repeat(64)}c`],
    ['128 ligatures, each of which becomes 18 letters', '\ufdfa'.repeat(128)],
    ['text without end', 'x'.repeat(20_000)],
  ])('is refused that has %s', async (_what, password) => {
    expect(await tried(password)).toMatchObject([{ code: 'INVALID', path: ['input', 'password'] }]);
  });

  it.each([
    ['eight characters', 'z8Kp w3!'],
    ['128 characters of two UTF-16 units each', '😀😺'.repeat(64)],
    ['spaces and letters of any script', 'дом у дороги'],
  ])('may have %s', async (_what, password) => {
    expect(await tried(password)).toEqual([]);
  });

  it.each(['password', 'PassWord1', 'qwertyuiop', '1QAZ2wsx', 'ＰＡＳＳＷＯＲＤ'])(
    'is refused when it is one of those that are tried first, however it is written: %j',
    async (password) => {
      expect(await tried(password)).toMatchObject([{ code: 'INVALID', path: ['input', 'password'] }]);
    },
  );

  it.each(['OwnHandle_9', 'ownhandle_9', 'OwnHandle_9.mail@example.com', 'ownhandle_9.mail'])(
    "is refused when it is one's own name: %j",
    async (password) => {
      expect(await tried(password, 'OwnHandle_9')).toMatchObject([{ code: 'INVALID', path: ['input', 'password'] }]);
    },
  );
});

describe('a stored hash', () => {
  it('is renewed by a sign-in once the parameters are others, and stays as it is until then', async () => {
    const ada = await member(app, 'rehash_ada');
    const before = await hashOf(ada);
    expect(before).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    await signIn(app, 'rehash_ada');
    expect(await hashOf(ada)).toBe(before);
    const later = await startTestApp({ databaseUrl: app.databaseUrl, env: { ...STRONGER, JOBS_CONCURRENCY: '0' } });
    try {
      expect(await opens(later, 'rehash_ada', 'a wrong password')).toBe(false);
      expect(await hashOf(ada)).toBe(before);
      expect(await opens(later, 'rehash_ada', PASSWORD)).toBe(true);
      expect(await hashOf(ada)).toMatch(/^\$argon2id\$v=19\$m=128,t=2,p=1\$/);
    } finally {
      await later.close();
    }
    expect(await opens(app, 'rehash_ada', PASSWORD)).toBe(true);
  });

  it('is not renewed over a password that was changed meanwhile', async () => {
    const bob = await member(app, 'rehash_bob');
    const later = await startTestApp({ databaseUrl: app.databaseUrl, env: { ...STRONGER, JOBS_CONCURRENCY: '0' } });
    const holder = await app.sql.connect();
    try {
      // Holds the sign-in at the moment at which it is to write the new hash of the old password.
      await holder.query('BEGIN');
      await holder.query(
        `UPDATE credentials SET password_hash = '$argon2id$another', password_version = 2 WHERE user_id = $1`,
        [bob.uuid],
      );
      const signingIn = signIn(later, 'rehash_bob');
      await waiting(app, 1);
      await holder.query('COMMIT');
      expect((await signingIn).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
      expect(await hashOf(bob)).toBe('$argon2id$another');
    } finally {
      holder.release();
      await later.close();
    }
  });
});

describe('signing in while the password is replaced', () => {
  it('opens no session by the old one', async () => {
    const cyd = await member(app, 'during_cyd');
    const holder = await app.sql.connect();
    await holder.query('BEGIN');
    await holder.query('UPDATE credentials SET password_version = 2 WHERE user_id = $1', [cyd.uuid]);
    const signingIn = signIn(app, 'during_cyd');
    await waiting(app, 1);
    await holder.query('COMMIT');
    holder.release();
    expect((await signingIn).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
    expect(await liveSessions(app, cyd)).toBe(1);
  });
});

describe('changing the password', () => {
  it('takes the new one from then on, ends all other sessions, and tells the owner', async () => {
    const dan = await member(app, 'change_dan');
    await signIn(app, 'change_dan');
    await signIn(app, 'change_dan');
    expect(await liveSessions(app, dan)).toBe(3);
    expect(await change(dan, PASSWORD, 'another horse battery')).toMatchObject({ userErrors: [], replayed: false });
    expect(await liveSessions(app, dan)).toBe(1);
    expect((await app.query('mutation { signOut(input: {}) { replayed } }', {}, dan)).errors).toBeUndefined();
    expect([await opens(app, 'change_dan', PASSWORD), await opens(app, 'change_dan', 'another horse battery')]).toEqual(
      [false, true],
    );
    expect(await auditOf(app, dan)).toEqual(expect.arrayContaining(['password.changed', 'session.ended']));
    await app.jobsDone();
    expect(app.mails.filter((text) => text.includes(dan.email) && text.includes('has a new password'))).toHaveLength(1);
  });

  it('leaves the other sessions alone where that is asked', async () => {
    const eve = await member(app, 'change_eve');
    await signIn(app, 'change_eve');
    await change(eve, PASSWORD, 'another horse battery', { keepOtherSessions: true });
    expect(await liveSessions(app, eve)).toBe(2);
  });

  it('is refused without the old one, and with a new one that is too weak; then all stays as it is', async () => {
    const fay = await member(app, 'change_fay');
    expect((await change(fay, 'not this', 'another horse battery')).userErrors).toMatchObject([
      { code: 'INVALID_CREDENTIALS', path: ['input', 'currentPassword'] },
    ]);
    for (const weak of ['short', 'password1', 'change_fay', 'change_fay@example.com']) {
      expect((await change(fay, PASSWORD, weak)).userErrors).toMatchObject([
        { code: 'INVALID', path: ['input', 'newPassword'] },
      ]);
    }
    expect(await opens(app, 'change_fay', PASSWORD)).toBe(true);
  });

  it('happens once when it is sent again, and keeps no passwords for that', async () => {
    const gil = await member(app, 'change_gil');
    const sent = { clientMutationId: 'once' };
    expect(await change(gil, PASSWORD, 'another horse battery', sent)).toMatchObject({ replayed: false });
    const hash = await hashOf(gil);
    expect(await change(gil, PASSWORD, 'another horse battery', sent)).toMatchObject({
      replayed: true,
      userErrors: [],
    });
    expect(await hashOf(gil)).toBe(hash);
    // The same for other passwords: what is stored does not depend on them.
    expect(await change(gil, 'x', 'y', sent)).toMatchObject({ replayed: true, userErrors: [] });
  });

  it('happens to one of several who do so at once', async () => {
    const hal = await member(app, 'change_hal');
    const wanted = Array.from({ length: 6 }, (_, i) => `new horse battery ${i}`);
    const answers = await Promise.all(wanted.map((each) => change(hal, PASSWORD, each)));
    const done = answers.flatMap(({ userErrors }, i) => (userErrors.length === 0 ? [wanted[i]] : []));
    expect(done).toHaveLength(1);
    expect(await opens(app, 'change_hal', done[0] ?? '')).toBe(true);
    const codes = answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code));
    expect(codes.every((code) => ['CONFLICT', 'INVALID_CREDENTIALS'].includes(code))).toBe(true);
  });

  it('is not for an account without one, nor for one that has ended its session', async () => {
    const ida = await member(app, 'change_ida');
    await app.sql.query('DELETE FROM credentials WHERE user_id = $1', [ida.uuid]);
    expect((await change(ida, 'x', 'another horse battery')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const jan = await member(app, 'change_jan');
    await app.sql.query('UPDATE sessions SET revoked_at = now() WHERE user_id = $1', [jan.uuid]);
    const document =
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }';
    const input = { currentPassword: PASSWORD, newPassword: 'another horse battery' };
    expect((await app.query(document, { input }, jan)).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  it('leaves no trace in what apps show', async () => {
    const kim = await member(app, 'change_kim');
    await change(kim, PASSWORD, 'another horse battery');
    expect(await readLog(app, kim)).toEqual([]);
  });
});
