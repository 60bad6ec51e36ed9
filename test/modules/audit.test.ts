import { createHash } from 'node:crypto';
import { openDatabase } from '../../src/app';
import { checkAudit } from '../../src/commands/audit';
import { composeAudit } from '../../src/composition';
import { loadConfig } from '../../src/config';
import { newId } from '../../src/kernel/ids';
import { createLog } from '../../src/platform/telemetry/log';
import { startTestApp, TEST_SECRET, type TestApp } from '../support/app';
import { Authenticator } from '../support/authenticator';
import { signInByPasskey, signUpByPasskey, trailOf } from '../support/passkeys';

const CONFIG = loadConfig({ NODE_ENV: 'test' });
const SILENT = createLog({ level: 'silent', format: 'json' });
const PASSWORD = 'blue kettle on the roof';
const AUTH = 'userErrors { code } accessToken refreshToken viewer { user { id } }';
const SIGN_UP = `mutation SignUp($input: SignUpInput!) { signUp(input: $input) { ${AUTH} } }`;
const SIGN_IN = `mutation SignIn($input: SignInInput!) { signIn(input: $input) { ${AUTH} } }`;

/** Two processes on one database. */
let apps: readonly [TestApp, TestApp];

beforeAll(async () => {
  const first = await startTestApp();
  apps = [first, await startTestApp({ databaseUrl: first.databaseUrl })];
});
afterAll(async () => {
  await apps[1].close();
  await apps[0].close();
});

const check = () => checkAudit(apps[0].databaseUrl, CONFIG, SILENT, TEST_SECRET, { ends: null, archived: null });
const idOf = async (handle: string) =>
  (await apps[0].sql.query('SELECT id FROM users WHERE handle = $1', [handle])).rows[0].id as string;

async function refresh(token: string) {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
  return (await (await fetch(`${apps[0].url}/oauth/token`, { method: 'POST', body })).json()) as Record<string, string>;
}

describe('the audit trail', () => {
  it('tells of each sign-up, sign-in, refusal, reuse and sign-out: who, in which session, from where', async () => {
    const [app] = apps;
    const account = { name: 'Ada', handle: 'ada', email: 'ada@example.com', password: PASSWORD };
    const { signUp } = await app.ok(SIGN_UP, { input: account });
    const { signIn } = await app.ok(SIGN_IN, { input: { login: 'ada', password: PASSWORD } });
    await app.ok(SIGN_IN, { input: { login: 'ada@example.com', password: 'not the password' } });
    const person = { uuid: '', id: '', handle: 'ada', token: signIn.accessToken };
    await app.ok('mutation { signOut(input: {}) { userErrors { code } } }', {}, person);
    const next = await refresh(signUp.refreshToken);
    const last = await refresh(next['refresh_token'] ?? '');
    await refresh(signUp.refreshToken);
    const told = await trailOf(app, await idOf('ada'));
    expect(told.map(({ kind, details }) => [kind, details['method'] ?? details['why']])).toEqual([
      ['account.created', undefined],
      ['session.opened', 'password'],
      ['session.opened', 'password'],
      ['sign-in.refused', undefined],
      ['session.ended', 'signed-out'],
      ['token.reused', undefined],
      ['session.ended', 'reused'],
    ]);
    expect(told.every(({ address }) => address === '127.0.0.1')).toBe(true);
    const [, first, second, , ended, reused, revoked] = told.map(({ session_id }) => session_id);
    expect([ended, reused, revoked]).toEqual([second, first, first]);
    expect(first).not.toBe(second);
    for (const secret of [signUp, signIn, next, last].flatMap((each) => Object.values(each)).filter(isLong)) {
      await expectNowhere(secret);
    }
    for (const secret of [PASSWORD, 'not the password', 'ada@example.com', '@']) await expectNowhere(secret);
  });

  it('tells of refusals of nobody by the address alone', async () => {
    const [app] = apps;
    await app.ok(SIGN_IN, { input: { login: 'nobody@example.com', password: PASSWORD } });
    expect((await trailOf(app, null)).at(-1)).toMatchObject({ kind: 'sign-in.refused', address: '127.0.0.1' });
    await expectNowhere('nobody');
  });

  it('tells nothing of an account that was not made after all', async () => {
    const [app] = apps;
    await signUpByPasskey(app, new Authenticator(), 'taken');
    const before = await app.sql.query('SELECT FROM audit_events');
    const input = { name: 'Eve', handle: 'TAKEN', email: 'eve@example.com', password: PASSWORD };
    expect((await app.ok(SIGN_UP, { input })).signUp.userErrors).toEqual([{ code: 'CONFLICT' }]);
    expect((await app.sql.query('SELECT FROM audit_events')).rowCount).toBe(before.rowCount);
  });

  it('holds after fifty sign-ins at once on two processes, each told once', async () => {
    const phones = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        const phone = new Authenticator();
        await signUpByPasskey(apps[(i % 2) as 0 | 1], phone, `many_${i}`);
        return phone;
      }),
    );
    const ends = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        signInByPasskey(apps[(i % 2) as 0 | 1], phones[i % 10] ?? new Authenticator()),
      ),
    );
    expect(ends.filter(({ viewer }) => viewer)).toHaveLength(50);
    for (let i = 0; i < 10; i += 1) {
      const kinds = (await trailOf(apps[0], await idOf(`many_${i}`))).map(({ kind }) => kind);
      expect(kinds).toEqual(['account.created', 'key.registered', ...Array(6).fill('session.opened')]);
    }
    const { lines, holds } = await check();
    expect([holds, lines.filter((line) => line.includes('BROKEN'))]).toEqual([true, []]);
  });

  it('costs a sign-in two statements', async () => {
    const [app] = apps;
    const phone = new Authenticator();
    await signUpByPasskey(app, phone, 'counted');
    await signInByPasskey(app, phone);
    // Take the challenge, find the passkey; BEGIN, lock it, mark it used, session, token, lock chain, link, COMMIT;
    // and two for what the answer shows.
    expect(app.statementsOf('finishPasskeySignIn')).toBe(12);
  });
});

describe('a chain longer than a page of the check', () => {
  it('is checked to its end, and what is wrong where pages meet is told right', async () => {
    const [app] = apps;
    const postgres = await openDatabase(app.databaseUrl, CONFIG, SILENT);
    const audit = composeAudit(TEST_SECRET);
    const userId = newId();
    await postgres.database.transaction(async (tx) => {
      for (let i = 0; i < 2_010; i += 1) audit.append(tx, { kind: 'session.opened', userId });
    });
    await postgres.close();
    expect((await check()).holds).toBe(true);
    const { rows } = await app.sql.query('SELECT chain FROM audit_events WHERE user_id = $1 LIMIT 1', [userId]);
    const client = await app.sql.connect();
    await client.query('SET session_replication_role = replica');
    const swap = async () => {
      await client.query(`UPDATE audit_events SET seq = -seq WHERE chain = $1 AND seq IN (1000, 1001)`, [
        rows[0].chain,
      ]);
      await client.query(`UPDATE audit_events SET seq = 2001 + seq WHERE chain = $1 AND seq < 0`, [rows[0].chain]);
    };
    await swap();
    expect((await check()).lines.filter((line) => line.startsWith('chain') && line.includes('BROKEN'))).toEqual([
      expect.stringContaining('BROKEN at row 1000: reordered. Row 1001 belongs in its place'),
    ]);
    await swap();
    expect((await check()).holds).toBe(true);
    client.release(true);
  });
});

function isLong(value: unknown): value is string {
  return typeof value === 'string' && value.length > 20;
}

/** Neither as it is nor hashed stands it anywhere in the trail. */
async function expectNowhere(secret: string): Promise<void> {
  const { rows } = await apps[0].sql.query('SELECT kind, user_id, session_id, address, details, at FROM audit_events');
  const text = JSON.stringify(rows);
  expect(text).not.toContain(secret);
  expect(text).not.toContain(createHash('sha256').update(secret).digest('base64url'));
}
