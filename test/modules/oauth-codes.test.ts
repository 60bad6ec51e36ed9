import { startTestApp, type TestApp } from '../support/app';
import { waiting } from '../support/passwords';
import {
  type Asked,
  asks,
  challengeOf,
  codeFor,
  exchange,
  openPage,
  post,
  REDIRECT_URI,
  sentBack,
  signUp,
} from '../support/sign-in-page';

const LOOPBACK = 'http://127.0.0.1/callback';
const CLIENTS = [
  { id: 'demo', name: 'Demo', redirectUris: [REDIRECT_URI, LOOPBACK] },
  { id: 'other', name: 'Other', redirectUris: [REDIRECT_URI] },
];
const ENV = { OAUTH_CLIENTS: JSON.stringify(CLIENTS) };
const KEY_THUMBPRINT = challengeOf('a key of the app');

let app: TestApp;
let asked: Asked;
let code: string;

beforeAll(async () => {
  app = await startTestApp({ env: ENV });
  await signUp(app, 'ada');
});
afterAll(() => app.close());
beforeEach(async () => {
  asked = asks();
  code = await codeFor(app, 'ada', asked);
});

const auditOf = async (kind: string) =>
  (
    await app.sql.query(`SELECT user_id, session_id, address, details FROM audit_events WHERE kind = $1 ORDER BY at`, [
      kind,
    ])
  ).rows;

describe('a code', () => {
  it('is exchanged for the tokens of a session of the app', async () => {
    const { status, headers, body } = await exchange(app, code, asked.verifier);
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'Bearer', expires_in: 600, refresh_token: expect.any(String) },
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    const [opened] = (await auditOf('session.opened')).slice(-1);
    expect(JSON.parse(opened.details)).toEqual({ method: 'password', clientId: 'demo', bound: false });
  });

  it('brought a second time ends the session that it opened', async () => {
    const { body } = await exchange(app, code, asked.verifier);
    expect((await exchange(app, code, asked.verifier)).body['error']).toBe('invalid_grant');
    const renewal = { grant_type: 'refresh_token', client_id: 'demo', refresh_token: String(body['refresh_token']) };
    expect((await post(app, '/oauth/token', renewal)).body['error']).toBe('invalid_grant');
    const [reused] = (await auditOf('code.reused')).slice(-1);
    const [ended] = (await auditOf('session.ended')).slice(-1);
    expect(reused).toMatchObject({ address: '127.0.0.1', details: '{"clientId":"demo"}' });
    expect(ended).toMatchObject({ session_id: reused.session_id, details: '{"why":"reused"}' });
  });

  it('brought a second time by whoever knows no more than it ends that session too', async () => {
    await exchange(app, code, asked.verifier);
    const before = (await auditOf('session.ended')).length;
    await exchange(app, code, 'x'.repeat(43), { client_id: 'other' });
    expect(await auditOf('session.ended')).toHaveLength(before + 1);
  });

  it('opens one session at most, however many bring it at once', async () => {
    const before = (await auditOf('session.opened')).length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => exchange(app, code, asked.verifier)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await auditOf('session.opened')).toHaveLength(before + 1);
  });

  it.each<[string, Record<string, string | null>]>([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['the challenge in its place', { code_verifier: 'challenge' }],
    ['a verifier that is too short', { code_verifier: 'short' }],
    ['another app', { client_id: 'other' }],
    ['another redirect URI of the app', { redirect_uri: LOOPBACK }],
    ['a redirect URI with a slash more', { redirect_uri: `${REDIRECT_URI}/` }],
  ])('is refused with %s, and spent', async (_what, changes) => {
    if (changes['code_verifier'] === 'challenge') changes['code_verifier'] = asked.query['code_challenge'] ?? '';
    const refused = await exchange(app, code, asked.verifier, changes);
    expect([refused.status, refused.body['error']]).toEqual([400, 'invalid_grant']);
    expect((await exchange(app, code, asked.verifier)).body['error']).toBe('invalid_grant');
    expect((await auditOf('token.refused')).slice(-1)[0].details).toBe('{"why":"code","clientId":"demo"}');
    expect((await auditOf('code.reused')).slice(-1)[0].session_id).toBeNull();
  });

  it('whose challenge is a verifier in plain is no way around the hash', async () => {
    const plain = asks({ code_challenge: 'x'.repeat(43) });
    const refused = await exchange(app, await codeFor(app, 'ada', plain), 'x'.repeat(43));
    expect(refused.body['error']).toBe('invalid_grant');
  });

  it.each(['code', 'code_verifier', 'redirect_uri', 'client_id', 'grant_type'])(
    'is not spent by a request without %s, or with two',
    async (name) => {
      const sent = {
        grant_type: 'authorization_code',
        client_id: 'demo',
        redirect_uri: REDIRECT_URI,
        code,
        code_verifier: asked.verifier,
      };
      const missing = await exchange(app, code, asked.verifier, { [name]: null });
      const empty = await exchange(app, code, asked.verifier, { [name]: '' });
      const twice = await post(app, '/oauth/token', `${new URLSearchParams(sent)}&${name}=other`);
      for (const { status, body } of [missing, empty, twice])
        expect([status, body['error']]).toEqual([400, 'invalid_request']);
      expect((await exchange(app, code, asked.verifier)).status).toBe(200);
    },
  );

  it('of an unknown app is refused before it is looked at', async () => {
    const refused = await exchange(app, code, asked.verifier, { client_id: 'nobody' });
    expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_client']);
    expect((await exchange(app, code, asked.verifier)).status).toBe(200);
  });

  it('ends after a minute', async () => {
    const { rows } = await app.sql.query(
      'SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM oauth_codes ORDER BY created_at DESC LIMIT 1',
    );
    expect(rows).toEqual([{ seconds: 60 }]);
    await app.sql.query('UPDATE oauth_codes SET expires_at = now() WHERE used_at IS NULL');
    expect((await exchange(app, code, asked.verifier)).body['error']).toBe('invalid_grant');
  });

  it('that was made for a key is refused without a proof of it', async () => {
    const bound = asks({ dpop_jkt: KEY_THUMBPRINT });
    const refused = await exchange(app, await codeFor(app, 'ada', bound), bound.verifier);
    expect(refused.body['error']).toBe('invalid_grant');
  });

  it('stands for nobody whose account was deleted, or whose password was changed, meanwhile', async () => {
    await signUp(app, 'gone');
    for (const change of [
      `UPDATE credentials SET password_version = password_version + 1`,
      `UPDATE users SET deleted_at = now()`,
    ]) {
      const fresh = asks();
      const late = await codeFor(app, 'gone', fresh);
      const key = change.includes('users') ? 'id' : 'user_id';
      await app.sql.query(`${change} WHERE ${key} = (SELECT user_id FROM user_handles WHERE handle_key = 'gone')`);
      expect((await exchange(app, late, fresh.verifier)).body['error']).toBe('invalid_grant');
    }
  });

  it('stands for nobody whose password is replaced while it is compared, or while the code is exchanged', async () => {
    await signUp(app, 'racer');
    const owner = `(SELECT user_id FROM user_handles WHERE handle_key = 'racer')`;
    const replace = `UPDATE credentials SET password_hash = '$argon2id$another',
      password_version = password_version + 1, updated_at = now() WHERE user_id = ${owner}`;
    const outdated = { PASSWORD_HASH_MEMORY_KIB: '128', JOBS_CONCURRENCY: '0' };
    const later = await startTestApp({ databaseUrl: app.databaseUrl, env: { ...ENV, ...outdated } });
    const holder = await app.sql.connect();
    try {
      const early = asks();
      const [exchanged, compared] = [await codeFor(app, 'racer', early), asks()];
      await holder.query('BEGIN');
      await holder.query(replace);
      const exchanging = exchange(app, exchanged, early.verifier);
      // Held at the moment at which it is to write the hash anew.
      const signingIn = codeFor(later, 'racer', compared);
      await waiting(app, 2);
      await holder.query('COMMIT');
      expect((await exchanging).body['error']).toBe('invalid_grant');
      const refused = await exchange(app, await signingIn, compared.verifier);
      expect(refused.body['error']).toBe('invalid_grant');
    } finally {
      holder.release();
      await later.close();
    }
  });

  it('is no token, and no token is a code', async () => {
    const { body } = await exchange(app, code, asked.verifier);
    const fresh = asks();
    const unused = await codeFor(app, 'ada', fresh);
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${unused}` },
      body: '{"query":"{ viewer { id } }"}',
    });
    expect(answer.status).toBe(401);
    const renewal = { grant_type: 'refresh_token', client_id: 'demo', refresh_token: unused };
    expect((await post(app, '/oauth/token', renewal)).body['error']).toBe('invalid_grant');
    for (const token of ['access_token', 'refresh_token']) {
      const refused = await exchange(app, String(body[token]), asked.verifier);
      expect(refused.body['error']).toBe('invalid_grant');
    }
  });
});

describe('an attempt on the sign-in page', () => {
  it('counts as any other, by address, and is refused on the page', async () => {
    const strict = await startTestApp({ databaseUrl: app.databaseUrl, env: { ATTEMPTS_MAX: '2' } });
    try {
      const page = await openPage(strict, asks().query);
      for (let i = 0; i < 2; i += 1) expect((await page.submit('ada', 'wrong')).status).toBe(400);
      const refused = await page.submit('ada', 'wrong');
      expect([refused.status, Number(refused.headers.get('retry-after')) > 800]).toEqual([429, true]);
      expect(refused.html).toContain('<p id="fault" role="alert">');
      expect((await post(strict, '/oauth/token', { grant_type: 'refresh_token', refresh_token: 'x' })).status).toBe(
        429,
      );
      expect((await post(strict, '/oauth/revoke', { token: 'x' })).status).toBe(429);
      expect((await post(strict, '/oauth/introspect', { token: 'x' })).status).toBe(429);
      expect((await openPage(strict, asks().query)).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  it('that is refused stands in the audit trail', async () => {
    const before = (await auditOf('sign-in.refused')).length;
    const page = await openPage(app, asks().query);
    expect((await page.submit('ada', 'wrong')).location).toBeNull();
    expect(await auditOf('sign-in.refused')).toHaveLength(before + 1);
    expect(sentBack(await page.submit('ada', 'correct horse battery'))).toHaveProperty('code');
  });
});
