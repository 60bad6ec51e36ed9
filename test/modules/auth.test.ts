import { createHash } from 'node:crypto';
import { newId } from '../../src/kernel/ids';
import { startTestApp, type TestApp } from '../support/app';

const SIGN_UP = `mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    clientMutationId replayed userErrors { code message path ... on HandleTakenError { suggestions } }
    accessToken refreshToken expiresIn viewer { id user { handle name email } }
  }
}`;
const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { userErrors { code message path } accessToken refreshToken viewer { user { handle email } } }
}`;
const WHO = 'query Who { viewer { user { handle } } }';

const account = (handle: string) => ({
  name: handle,
  handle,
  email: `${handle}@example.com`,
  password: 'correct horse battery',
});

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const signUp = async (input: object) => (await app.ok(SIGN_UP, { input })).signUp;
const signIn = async (login: string, password: string) =>
  (await app.ok(SIGN_IN, { input: { login, password } })).signIn;

function who(authorization: string) {
  return fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: WHO }),
  });
}

async function refresh(token: string, form: Record<string, string> = {}) {
  const response = await fetch(`${app.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, ...form }),
  });
  const body = (await response.json()) as Record<string, string>;
  return { status: response.status, headers: response.headers, body };
}

describe('signing up', () => {
  it('makes an account, signs in to it and runs the rest of the document as that person', async () => {
    const made = await signUp(account('Ada_L'));
    expect(made).toMatchObject({
      replayed: false,
      userErrors: [],
      expiresIn: 600,
      viewer: { user: { handle: 'Ada_L', email: 'Ada_L@example.com' } },
    });
    const answer = await who(`Bearer ${made.accessToken}`);
    expect(await answer.json()).toMatchObject({ data: { viewer: { user: { handle: 'Ada_L' } } } });
  });

  it('names everything that is wrong at once, and makes nothing', async () => {
    const { userErrors, accessToken } = await signUp({ name: ' ', handle: '1x', email: 'nobody', password: 'short' });
    expect(userErrors.map((error: { path: string[] }) => error.path.join('.')).sort()).toEqual([
      'input.email',
      'input.handle',
      'input.name',
      'input.password',
    ]);
    expect(accessToken).toBeNull();
    const { rows } = await app.sql.query(`SELECT FROM users WHERE handle = '1x'`);
    expect(rows).toHaveLength(0);
  });

  it('refuses a handle and an address that differ from taken ones by case only', async () => {
    await signUp(account('grace'));
    const handle = await signUp({ ...account('GRACE'), email: 'other@example.com' });
    expect(handle.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'handle'] }]);
    expect(handle.userErrors[0].suggestions.length).toBeGreaterThan(0);
    const email = await signUp({ ...account('grace2'), email: 'GRACE@example.com' });
    expect(email.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'email'] }]);
    const { rows } = await app.sql.query(`SELECT FROM user_handles WHERE handle_key = 'grace2'`);
    expect(rows).toHaveLength(0);
  });

  it('answers a retry with the same key by signing in to the account made before', async () => {
    const input = { ...account('retry'), clientMutationId: newId() };
    const tries = await Promise.all(Array.from({ length: 6 }, () => signUp(input)));
    expect(tries.every((each) => each.viewer?.user.handle === 'retry')).toBe(true);
    expect(tries.filter((each) => !each.replayed)).toHaveLength(1);
    expect(new Set(tries.map((each) => each.viewer.id)).size).toBe(1);
  });

  it('does not give a retry with the same key but another password the account', async () => {
    const input = { ...account('guarded'), clientMutationId: newId() };
    await signUp(input);
    const stranger = await signUp({ ...input, password: 'another password' });
    expect(stranger).toMatchObject({ accessToken: null, viewer: null, userErrors: [{ code: 'CONFLICT' }] });
  });
});

describe('signing in', () => {
  beforeAll(() => signUp(account('linus')));

  it.each(['linus', 'LINUS', 'linus@example.com', ' Linus@Example.com '])('takes %j', async (login) => {
    expect(await signIn(login, 'correct horse battery')).toMatchObject({ viewer: { user: { handle: 'linus' } } });
  });

  it('answers a wrong password and an unknown account alike', async () => {
    const wrong = await app.query(SIGN_IN, { input: { login: 'linus', password: 'wrong password' } });
    const unknown = await app.query(SIGN_IN, { input: { login: 'nobody', password: 'wrong password' } });
    expect(wrong.data.signIn.userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
    expect(unknown.text).toBe(wrong.text);
  });

  it('takes a password typed in another Unicode form', async () => {
    await signUp({ ...account('unicode'), password: 'caf\u00e9 \u212b ngstrom' });
    expect((await signIn('unicode', 'cafe\u0301 \u00c5 ngstrom')).userErrors).toEqual([]);
  });

  it('does not let a deleted account in', async () => {
    await signUp(account('gone'));
    await app.sql.query(`UPDATE users SET deleted_at = now() WHERE handle = 'gone'`);
    expect((await signIn('gone', 'correct horse battery')).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
  });

  it('stores neither the password nor the refresh token', async () => {
    const { refreshToken } = await signIn('linus', 'correct horse battery');
    const { rows } = await app.sql.query(`SELECT token_hash FROM refresh_tokens`);
    const hashes = rows.map((row) => row.token_hash);
    expect(hashes).toContain(createHash('sha256').update(refreshToken).digest('base64url'));
    expect(hashes).not.toContain(refreshToken);
    const stored = await app.sql.query(`SELECT password_hash FROM credentials`);
    expect(stored.rows.every((row) => row.password_hash.startsWith('$argon2id$'))).toBe(true);
  });

  it('leaves no secret, address or handle of a login in the log', async () => {
    const { accessToken, refreshToken } = await signIn('linus@example.com', 'correct horse battery');
    await refresh(refreshToken);
    const log = JSON.stringify(app.log);
    for (const secret of [accessToken, refreshToken, 'correct horse', 'linus@example.com']) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('refresh tokens', () => {
  const fresh = async (handle: string) => (await signUp(account(handle))).refreshToken as string;

  it('are exchanged for a new pair that works', async () => {
    const { status, body, headers } = await refresh(await fresh('rotate'));
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await who(`Bearer ${body['access_token']}`)).status).toBe(200);
    expect((await refresh(body['refresh_token'] ?? '')).status).toBe(200);
  });

  it('give the same successor when the answer was lost and the app tries again', async () => {
    const token = await fresh('lost');
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(token)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(answers.map(({ body }) => body['refresh_token'])).size).toBe(1);
  });

  it('end the session when one comes back after its successor was used', async () => {
    const first = await fresh('stolen');
    const second = (await refresh(first)).body['refresh_token'] ?? '';
    const third = (await refresh(second)).body['refresh_token'] ?? '';
    expect((await refresh(first)).body['error']).toBe('invalid_grant');
    expect((await refresh(third)).body['error']).toBe('invalid_grant');
  });

  it('are refused after their end, and when nobody issued them', async () => {
    const token = await fresh('late');
    await app.sql.query(`UPDATE refresh_tokens SET expires_at = now() - interval '1 second'`);
    expect((await refresh(token)).body['error']).toBe('invalid_grant');
    expect((await refresh('A'.repeat(43))).body['error']).toBe('invalid_grant');
    expect((await refresh('short')).body['error']).toBe('invalid_grant');
  });

  it('are asked for as RFC 6749 says', async () => {
    expect((await refresh('x', { grant_type: 'password' })).body['error']).toBe('unsupported_grant_type');
    const json = await fetch(`${app.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'refresh_token', refresh_token: 'x' }),
    });
    expect([json.status, ((await json.json()) as { error: string }).error]).toEqual([400, 'invalid_request']);
    const twice = await fetch(`${app.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=refresh_token&refresh_token=a&refresh_token=b',
    });
    expect(((await twice.json()) as { error: string }).error).toBe('invalid_request');
  });

  it.each([
    ['broken JSON', 400, 'application/json', '{"grant_type": '],
    ['JSON that would change a prototype', 400, 'application/json', '{"__proto__": {}}'],
    ['no JSON at all', 400, 'application/json', ''],
    ['a type that is not taken', 415, 'text/plain', 'grant_type=refresh_token'],
    ['a body that is too large', 413, 'application/x-www-form-urlencoded', 'x'.repeat(200_000)],
  ])('are refused in the shape of RFC 6749 for %s', async (_what, status, contentType, body) => {
    const headers = { 'content-type': contentType };
    const answer = await fetch(`${app.url}/oauth/token`, { method: 'POST', headers, body });
    const expected = { error: 'invalid_request', error_description: expect.any(String) };
    expect([answer.status, await answer.json()]).toEqual([status, expected]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});
