import { startTestApp, type TestApp } from '../support/app';
import { link, personOf, signInBy, unlink } from '../support/issuers';
import { API, APP_CLIENT, type OidcIssuer, OTHER_CLIENT, startOidcIssuer } from '../support/oidc-issuer';
import { type ScriptedIssuer, startScriptedIssuer } from '../support/scripted-issuer';

const WHO = 'query Who { viewer { user { handle } } }';
const SESSIONS = `SELECT s.id, s.revoked_at IS NULL AS live FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE u.handle = $1 AND s.client_id <> 'first-party' ORDER BY s.created_at`;

let provider: OidcIssuer;
let pool: ScriptedIssuer;
let idOnly: ScriptedIssuer;
let app: TestApp;
let twin: TestApp;

beforeAll(async () => {
  [provider, pool, idOnly] = await Promise.all([startOidcIssuer(), startScriptedIssuer(), startScriptedIssuer()]);
  const issuers = [
    { issuer: provider.url, name: 'provider', audiences: [APP_CLIENT], accessTokens: { audiences: [API] } },
    {
      // As Amazon Cognito writes them: no audience, but the client and what the token is for.
      ...{ issuer: pool.url, name: 'pool', audiences: [APP_CLIENT], claims: { token_use: 'id' } },
      accessTokens: { clientIds: [APP_CLIENT], type: 'JWT', claims: { token_use: 'access' } },
    },
    { issuer: idOnly.url, name: 'id-only', audiences: [APP_CLIENT] },
  ];
  const env = { OIDC_ISSUERS: JSON.stringify(issuers) };
  app = await startTestApp({ env });
  twin = await startTestApp({ env, databaseUrl: app.databaseUrl });
});
afterAll(async () => {
  await twin.close();
  await app.close();
  await Promise.all([provider.stop(), pool.close(), idOnly.close()]);
});

const now = () => Math.floor(Date.now() / 1_000);

/** Asks who a token stands for; the handle, or the code of the refusal. */
async function who(token: string, on = app): Promise<string> {
  const answer = await on.query(WHO, {}, { uuid: '', id: '', handle: '', token });
  return answer.errors?.[0]?.extensions.code ?? answer.data.viewer.user.handle;
}

const member = async (subject: string, handle: string) =>
  personOf(await signInBy(app, { idToken: await pool.sign(subject, { token_use: 'id' }), handle }));

const access = (subject: string, claims: object = {}, header: object = {}) =>
  pool.sign(subject, { aud: undefined, client_id: APP_CLIENT, token_use: 'access', ...claims }, header);

const sessionsOf = async (handle: string) => (await app.sql.query(SESSIONS, [handle])).rows;

describe("access tokens of another issuer's own", () => {
  it('stand for the account that has been signed in to by an ID token, and for nobody before', async () => {
    const { idToken, accessToken } = await provider.signIn('ada');
    const refused = await app.query(WHO, {}, { uuid: '', id: '', handle: '', token: accessToken });
    expect(refused.status).toBe(401);
    expect(refused.errors).toMatchObject([
      { message: expect.stringContaining('signInWithIdToken'), extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    expect((await signInBy(app, { idToken, handle: 'ada_access' })).userErrors).toEqual([]);
    expect(await who(accessToken)).toBe('ada_access');
    const write = await app.query(
      'mutation { createPost(input: { text: "By the token of another" }) { userErrors { code } } }',
      {},
      { uuid: '', id: '', handle: '', token: accessToken },
    );
    expect(write.data.createPost.userErrors).toEqual([]);
  });

  it('cost no SQL from their second request on, and one session, however many come at once to two processes', async () => {
    await member('many', 'many_access');
    const token = await access('many', { sid: 'one' });
    const both = Array.from({ length: 20 }, (_, n) => who(token, n % 2 ? app : twin));
    expect(new Set(await Promise.all(both))).toEqual(new Set(['many_access']));
    expect(await sessionsOf('many_access')).toHaveLength(1);
    const seen = async () =>
      (await app.sql.query('SELECT xmin::text FROM issuer_sessions WHERE subject = $1', ['many'])).rows;
    const before = await seen();
    for (let n = 0; n < 5; n += 1) expect(await who(token)).toBe('many_access');
    expect(await seen()).toEqual(before);
    expect(app.statementsOf('Who')).toBe(1);
  });

  it.each<[string, () => Promise<string>]>([
    ['of an issuer whose are not taken', () => idOnly.sign('ada', { aud: API }, { typ: 'at+jwt' })],
    ['that are ID tokens', () => pool.sign('whole', { token_use: 'id' })],
    ['made for another client', () => access('whole', { client_id: OTHER_CLIENT })],
    ['made for no client', () => access('whole', { client_id: undefined })],
    ['that are for something else', () => access('whole', { token_use: 'refresh' })],
    ['of another type', () => access('whole', {}, { typ: 'logout+jwt' })],
    ['of the type of another profile', () => access('whole', {}, { typ: 'at+jwt' })],
    ['bound to a key', () => access('whole', { cnf: { jkt: 'x' } })],
    ['that have ended', () => access('whole', { iat: now() - 900, exp: now() - 60 })],
    ['that are logout tokens', () => access('whole', { events: {} })],
    ['altered', async () => `${(await access('whole')).slice(0, -8)}AAAAAAAA`],
  ])('%s are refused', async (_what, make) => {
    if ((await app.sql.query(`SELECT 1 FROM users WHERE handle = 'whole'`)).rows.length === 0)
      await member('whole', 'whole');
    expect(await who(await access('whole'))).toBe('whole');
    expect(await who(await make())).toBe('UNAUTHENTICATED');
  });

  it('of a real issuer are refused when they are its ID tokens, or made for another service', async () => {
    const { idToken } = await provider.signIn('bea');
    expect(await who(idToken)).toBe('UNAUTHENTICATED');
  });
});

describe('the session of such tokens', () => {
  const end = async (handle: string) => {
    const [{ id }] = await sessionsOf(handle);
    await app.sql.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [id]);
  };

  it('is one for each sign-in there, and ends by itself alone', async () => {
    const owner = await member('several', 'several');
    const [phone, tablet] = await Promise.all([access('several', { sid: 'a' }), access('several', { sid: 'b' })]);
    expect([await who(phone), await who(tablet)]).toEqual(['several', 'several']);
    expect(await sessionsOf('several')).toHaveLength(2);
    const signOut = await app.query(
      'mutation { signOut(input: {}) { userErrors { code } } }',
      {},
      { ...owner, token: phone },
    );
    expect(signOut.data.signOut.userErrors).toEqual([]);
    expect(await who(phone)).toBe('UNAUTHENTICATED');
    expect(await who(tablet)).toBe('several');
  });

  it('stays ended for every new token of the same sign-in, until the person has signed in anew', async () => {
    await member('ended', 'ended_access');
    expect(await who(await access('ended', { sid: 's', auth_time: now() - 100 }))).toBe('ended_access');
    await end('ended_access');
    expect(await who(await access('ended', { sid: 's', auth_time: now() - 100 }))).toBe('UNAUTHENTICATED');
    expect(await who(await access('ended', { sid: 's' }))).toBe('UNAUTHENTICATED');
    await app.sql.query(`DELETE FROM sessions WHERE revoked_at IS NOT NULL`);
    expect(await who(await access('ended', { sid: 's' }))).toBe('UNAUTHENTICATED');
    await signInBy(app, await pool.sign('ended', { token_use: 'id' }));
    expect(await who(await access('ended', { sid: 's' }))).toBe('ended_access');
    await app.sql.query(`UPDATE sessions SET revoked_at = now() - interval '5 seconds' WHERE revoked_at IS NULL`);
    await app.sql.query(`UPDATE identities SET signed_in_at = now() - interval '1 hour'`);
    expect(await who(await access('ended', { sid: 's' }))).toBe('UNAUTHENTICATED');
    expect(await who(await access('ended', { sid: 's', auth_time: now() - 1 }))).toBe('ended_access');
  });

  it('stays ended for tokens of before its end, whenever the person signs in anew', async () => {
    await member('stolen', 'stolen');
    const stolen = await access('stolen', { sid: 's', iat: now() - 5 });
    expect(await who(stolen)).toBe('stolen');
    await end('stolen');
    expect(await who(stolen, twin)).toBe('UNAUTHENTICATED');
    await signInBy(app, { idToken: await pool.sign('stolen', { token_use: 'id' }) });
    expect(await who(stolen, twin)).toBe('UNAUTHENTICATED');
    expect(await who(await access('stolen', { sid: 's' }), twin)).toBe('stolen');
  });

  it('ends when the identity is given up', async () => {
    const owner = await member('leaving', 'leaving');
    await link(app, owner, await idOnly.sign('leaving'));
    const token = await access('leaving');
    expect(await who(token)).toBe('leaving');
    const { viewer } = await app.ok('{ viewer { identities { id issuer } } }', {}, owner);
    const { id } = viewer.identities.find((each: { issuer: string }) => each.issuer === 'pool');
    expect((await unlink(app, owner, id)).userErrors).toEqual([]);
    expect(await who(token)).toBe('UNAUTHENTICATED');
    expect(await who(await access('leaving'))).toBe('UNAUTHENTICATED');
  });

  it('is kept by the nightly clean-up while it is used', async () => {
    await member('nightly', 'nightly');
    expect(await who(await access('nightly'))).toBe('nightly');
    // Opened long ago, its time is nearly up; the issuer's next token has just come.
    await app.sql.query(`UPDATE refresh_tokens SET expires_at = now() - interval '1 second'`);
    expect(await who(await access('nightly'))).toBe('nightly');
    await app.sql.query(`UPDATE sessions SET last_used_at = now() - interval '1 day'`);
    await app.sql.query(`SELECT graphile_worker.add_job('auth.purge-ended')`);
    await app.jobsDone();
    expect(await sessionsOf('nightly')).toMatchObject([{ live: true }]);
  });

  it('is not one of a fresh sign-in: what asks for one is told when the issuer last saw the person', async () => {
    await member('stale', 'stale');
    await app.sql.query(`UPDATE identities SET signed_in_at = now() - interval '3 hours' WHERE subject = 'stale'`);
    const authTime = now() - 7_200;
    expect(await who(await access('stale', { auth_time: authTime }))).toBe('stale');
    const { rows } = await app.sql.query(
      `SELECT extract(epoch FROM s.authenticated_at)::int AS at FROM sessions s JOIN users u ON u.id = s.user_id
       WHERE u.handle = 'stale' AND s.client_id = 'pool'`,
    );
    expect(rows).toEqual([{ at: authTime }]);
  });
});
