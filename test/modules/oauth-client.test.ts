import { createHash } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { startTestApp, type TestApp } from '../support/app';
import { openPage, PASSWORD, signUp } from '../support/sign-in-page';

const ISSUER = 'https://portico.example';
const SECRET = 'a secret of the service, with + and / and : and é';
const PHONE: oauth.Client = { client_id: 'phone' };
const SERVICE: oauth.Client = { client_id: 'media.service' };
const REDIRECT = 'http://127.0.0.1:53421/callback';
const CLIENTS = [
  { id: 'phone', name: 'Phone', redirectUris: ['http://127.0.0.1/callback'] },
  { id: 'other', name: 'Other', redirectUris: ['http://127.0.0.1/callback'] },
  { id: 'media.service', name: 'Media', secretSha256: createHash('sha256').update(SECRET).digest('hex') },
  {
    id: 'web',
    name: 'Web',
    redirectUris: ['https://web.example/callback'],
    secretSha256: createHash('sha256').update(SECRET).digest('hex'),
  },
];

let app: TestApp;
let server: oauth.AuthorizationServer;
/** The issuer's name leads to the process under test. */
const here = {
  [oauth.customFetch]: (url: string, init: object) => fetch(url.replace(ISSUER, app.url), init as RequestInit),
};

beforeAll(async () => {
  app = await startTestApp({ env: { PUBLIC_URL: ISSUER, OAUTH_CLIENTS: JSON.stringify(CLIENTS) } });
  await signUp(app, 'ada');
  const issuer = new URL(ISSUER);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...here });
  server = await oauth.processDiscoveryResponse(issuer, found);
});
afterAll(() => app.close());

/** Signs Ada in as an app that uses oauth4webapi would. */
async function signIn(
  client = PHONE,
  redirectUri = REDIRECT,
  authentication = oauth.None(),
  options: oauth.TokenEndpointRequestOptions = {},
  more: Record<string, string> = {},
) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  }).toString();
  const page = await openPage(app, url.search.slice(1));
  const { location } = await page.submit('ada@example.com', PASSWORD);
  const parameters = oauth.validateAuthResponse(server, client, new URL(location ?? ''), state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    redirectUri,
    verifier,
    { ...here, ...options },
  );
  return oauth.processAuthorizationCodeResponse(server, client, answer);
}

async function introspect(token: string) {
  const answer = await oauth.introspectionRequest(server, SERVICE, oauth.ClientSecretBasic(SECRET), token, here);
  return oauth.processIntrospectionResponse(server, SERVICE, answer);
}

async function who(token: string | undefined) {
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ viewer { user { handle } } }' }),
  });
  return ((await answer.json()) as { data?: { viewer: { user: { handle: string } } } }).data?.viewer.user.handle;
}

async function refresh(token = '', client = PHONE) {
  const answer = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), token, here);
  return oauth.processRefreshTokenResponse(server, client, answer);
}

describe('an app that uses oauth4webapi', () => {
  it('signs somebody in, renews the tokens, has them looked at, and signs out', async () => {
    const first = await signIn();
    expect(await who(first.access_token)).toBe('ada');
    const second = await refresh(first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await introspect(second.access_token)).toMatchObject({
      active: true,
      client_id: 'phone',
      iss: ISSUER,
      token_type: 'Bearer',
      sub: expect.stringMatching(/^user_/),
    });
    const gone = await oauth.revocationRequest(server, PHONE, oauth.None(), second.refresh_token ?? '', here);
    expect(await oauth.processRevocationResponse(gone)).toBeUndefined();
    expect(await introspect(second.access_token)).toEqual({ active: false });
    await expect(refresh(second.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('finds access tokens to be as RFC 9068 says, by the keys that are served', async () => {
    const { access_token: token } = await signIn();
    const request = new Request('https://portico.example/graphql', { headers: { authorization: `Bearer ${token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, 'portico', here);
    expect(claims).toMatchObject({ client_id: 'phone', iss: ISSUER });
  });

  it('is told what the server can do, and nothing that it cannot', async () => {
    const answer = await fetch(`${app.url}/.well-known/oauth-authorization-server`);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    const secrets = ['none', 'client_secret_basic', 'client_secret_post'];
    expect(await answer.json()).toEqual({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/oauth/authorize`,
      token_endpoint: `${ISSUER}/oauth/token`,
      revocation_endpoint: `${ISSUER}/oauth/revoke`,
      introspection_endpoint: `${ISSUER}/oauth/introspect`,
      jwks_uri: `${ISSUER}/oauth/jwks.json`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: secrets,
      revocation_endpoint_auth_methods_supported: secrets,
      introspection_endpoint_auth_methods_supported: secrets.slice(1),
      authorization_response_iss_parameter_supported: true,
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
    });
    expect((await fetch(`${app.url}/.well-known/openid-configuration`)).status).toBe(404);
  });

  it('has people sign in with a cookie that goes over TLS alone, to this host alone', async () => {
    const query = { client_id: 'phone', redirect_uri: REDIRECT, response_type: 'code' };
    const challenge = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
    const { headers } = await openPage(app, { ...query, ...challenge });
    expect(headers.get('set-cookie')).toMatch(/^__Host-portico-sign-in=[\w-]{43}; Path=\/; .*; Secure$/);
  });

  it('may be one that keeps a secret', async () => {
    const web = { client_id: 'web' };
    for (const authentication of [oauth.ClientSecretBasic(SECRET), oauth.ClientSecretPost(SECRET)]) {
      const { access_token } = await signIn(web, 'https://web.example/callback', authentication);
      expect(await who(access_token)).toBe('ada');
    }
    for (const authentication of [oauth.None(), oauth.ClientSecretBasic('wrong'), oauth.ClientSecretPost('wrong')]) {
      const refused = signIn(web, 'https://web.example/callback', authentication);
      await expect(refused).rejects.toMatchObject({ status: 401 });
    }
  });

  it('may bind its tokens to a key, and the code before them', async () => {
    const proofs = async () => {
      const DPoP = oauth.DPoP(PHONE, await oauth.generateKeyPair('ES256'));
      return { DPoP, jkt: await DPoP.calculateThumbprint() };
    };
    const [{ DPoP, jkt }, other] = [await proofs(), await proofs()];
    const bound = await signIn(PHONE, REDIRECT, oauth.None(), { DPoP }, { dpop_jkt: jkt });
    expect(await introspect(bound.access_token)).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt } });
    const refused = signIn(PHONE, REDIRECT, oauth.None(), { DPoP: other.DPoP }, { dpop_jkt: jkt });
    await expect(refused).rejects.toMatchObject({ error: 'invalid_grant' });
    const gone = await oauth.revocationRequest(server, PHONE, oauth.None(), bound.refresh_token ?? '', here);
    expect(gone.status).toBe(200);
    expect(await introspect(bound.access_token)).toEqual({ active: false });
  });

  it('signs out by the access token too', async () => {
    const { access_token: token, refresh_token } = await signIn();
    expect((await oauth.revocationRequest(server, PHONE, oauth.None(), token, here)).status).toBe(200);
    expect(await introspect(token)).toEqual({ active: false });
    await expect(refresh(refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a token of one app', () => {
  it('is neither renewed nor revoked by another', async () => {
    const { refresh_token: token = '', access_token } = await signIn();
    const other = { client_id: 'other' };
    await expect(refresh(token, other)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(refresh(token, { client_id: 'first-party' })).rejects.toMatchObject({ error: 'invalid_grant' });
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
    const nameless = await fetch(`${app.url}/oauth/token`, { method: 'POST', body });
    expect(await nameless.json()).toMatchObject({ error: 'invalid_grant' });
    for (const each of [token, access_token]) {
      const refused = await oauth.revocationRequest(server, other, oauth.None(), each, here);
      expect([refused.status, await refused.json()]).toEqual([
        400,
        expect.objectContaining({ error: 'invalid_grant' }),
      ]);
    }
    expect(await who((await refresh(token)).access_token)).toBe('ada');
    const { rows } = await app.sql.query(
      `SELECT kind FROM audit_events WHERE details = '{"why":"other-client"}' AND address = '127.0.0.1'`,
    );
    expect(rows).toEqual(Array(3).fill({ kind: 'token.refused' }));
  });

  it('that was issued by a mutation works as before, and not for an app', async () => {
    const { refreshToken } = await signUp(app, 'grace');
    await expect(refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' });
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
    // An app that puts its access token on every request puts it on this one.
    const headers = { authorization: 'Bearer ended' };
    const renewed = await fetch(`${app.url}/oauth/token`, { method: 'POST', headers, body });
    const { refresh_token: next } = (await renewed.json()) as { refresh_token: string };
    const gone = await fetch(`${app.url}/oauth/revoke`, { method: 'POST', body: new URLSearchParams({ token: next }) });
    expect([gone.status, await gone.json()]).toEqual([200, {}]);
    const { rows } = await app.sql.query(
      `SELECT count(*)::int AS live FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.handle = 'grace' AND revoked_at IS NULL`,
    );
    expect(rows[0].live).toBe(0);
  });
});

describe('introspection', () => {
  const ask = (form: Record<string, string>, headers = {}) =>
    fetch(`${app.url}/oauth/introspect`, { method: 'POST', headers, body: new URLSearchParams(form) });
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it('tells nothing to whoever does not show a secret', async () => {
    const { access_token: token } = await signIn();
    const wrong = [
      await ask({ token }),
      await ask({ token, client_id: 'phone' }),
      await ask({ token, client_id: 'media.service' }),
      await ask({ token, client_id: 'media.service', client_secret: 'wrong' }),
      await ask({ token, client_id: 'nobody', client_secret: SECRET }),
      await ask({ token, client_id: 'phone', client_secret: SECRET }),
      await ask({ token }, basic('media.service:wrong')),
      await ask({ token }, basic('media.service')),
      await ask({ token }, { authorization: `Bearer ${token}` }),
    ];
    for (const answer of wrong) {
      expect([answer.status, await answer.json()]).toEqual([
        401,
        { error: 'invalid_client', error_description: expect.any(String) },
      ]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('is asked in one way only, and about one token', async () => {
    const good = { client_id: 'media.service', client_secret: SECRET };
    const header = basic(`media.service:${encodeURIComponent(SECRET)}`);
    for (const answer of [
      await ask({ token: 'x', ...good }, header),
      await ask({ token: 'x', client_id: 'web' }, header),
      await ask({ token: 'x', client_secret: SECRET }),
      await ask(good),
    ]) {
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    }
    expect(await (await ask({ token: 'x', ...good })).json()).toEqual({ active: false });
    expect(await (await ask({ token: 'x' }, header)).json()).toEqual({ active: false });
  });

  it('finds no refresh token, code or altered token active', async () => {
    const { access_token: token, refresh_token = '' } = await signIn();
    for (const each of [refresh_token, `${token.slice(0, -4)}AAAA`, 'nonsense']) {
      expect(await introspect(each)).toEqual({ active: false });
    }
    await app.sql.query(`UPDATE users SET deleted_at = now() WHERE handle = 'ada'`);
    expect(await introspect(token)).toEqual({ active: false });
    await app.sql.query(`UPDATE users SET deleted_at = NULL WHERE handle = 'ada'`);
  });
});

describe('revocation', () => {
  it('of what nobody issued is as good as done (RFC 7009 §2.2)', async () => {
    for (const token of ['A'.repeat(43), 'nonsense', '\u0000']) {
      expect((await oauth.revocationRequest(server, PHONE, oauth.None(), token, here)).status).toBe(200);
    }
    const none = await fetch(`${app.url}/oauth/revoke`, { method: 'POST', body: new URLSearchParams({}) });
    expect([none.status, await none.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });
});
