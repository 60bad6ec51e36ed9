import { startTestApp, type TestApp } from '../support/app';
import { asks, openPage, PASSWORD, REDIRECT_URI, sentBack, signUp, tokenIn } from '../support/sign-in-page';

const WEB = 'https://web.example/callback?from=portico';
const CLIENTS = [
  { id: 'demo', name: 'Demo', redirectUris: [REDIRECT_URI, WEB, 'http://127.0.0.1/callback'] },
  { id: 'fixed', name: 'Fixed', redirectUris: ['http://127.0.0.1:7777/callback', 'http://[::1]/callback'] },
  { id: 'service', name: 'Service', secretSha256: 'a'.repeat(64) },
];

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { OAUTH_CLIENTS: JSON.stringify(CLIENTS) } });
  await signUp(app, 'ada');
});
afterAll(() => app.close());

describe('a request that cannot be told to be of an app', () => {
  it.each<[string, Record<string, string | null>]>([
    ['of no app', { client_id: null }],
    ['of an unknown app', { client_id: 'nobody' }],
    ['of an app without redirect URIs', { client_id: 'service' }],
    ['of another app', { client_id: 'fixed' }],
    ['without a redirect URI', { redirect_uri: null }],
    ['with an empty one', { redirect_uri: '' }],
    ['with one of another host', { redirect_uri: 'https://evil.example/callback?from=portico' }],
    ['with a slash more', { redirect_uri: `${REDIRECT_URI}/` }],
    ['with a slash more before the query', { redirect_uri: 'https://web.example/callback/?from=portico' }],
    ['with another port', { redirect_uri: 'https://web.example:8443/callback?from=portico' }],
    ['with its usual port', { redirect_uri: 'https://web.example:443/callback?from=portico' }],
    ['with a user', { redirect_uri: 'https://web.example@evil.example/callback?from=portico' }],
    ['with a user at its host', { redirect_uri: 'https://me@web.example/callback?from=portico' }],
    ['with a way up', { redirect_uri: 'https://web.example/callback/../callback?from=portico' }],
    ['with an encoded way up', { redirect_uri: 'https://web.example/%2e%2e/callback?from=portico' }],
    ['with a path below', { redirect_uri: 'https://web.example/callback/more?from=portico' }],
    ['with a fragment', { redirect_uri: `${WEB}#x` }],
    ['with a query more', { redirect_uri: `${WEB}&more=1` }],
    ['with a query less', { redirect_uri: 'https://web.example/callback' }],
    ['with another case', { redirect_uri: 'https://WEB.example/callback?from=portico' }],
    ['with another scheme', { redirect_uri: 'http://web.example/callback?from=portico' }],
    ['with a host that begins like it', { redirect_uri: 'https://web.example.evil.example/callback?from=portico' }],
    ['with a backslash', { redirect_uri: 'https://evil.example\\@web.example/callback?from=portico' }],
    ['with a space', { redirect_uri: `${WEB} ` }],
    ['with a line break', { redirect_uri: `${WEB}\r\nset-cookie: a=b` }],
    ['with a longer scheme', { redirect_uri: `${REDIRECT_URI.replace(':', '.evil:')}` }],
    ['to the machine under another name', { redirect_uri: 'http://localhost:5000/callback' }],
    ['to the machine by another path', { redirect_uri: 'http://127.0.0.1:5000/callback/' }],
    ['to the machine with a user', { redirect_uri: 'http://127.0.0.1:5000@evil.example/callback' }],
    ['to the machine with no port number', { redirect_uri: 'http://127.0.0.1:99999/callback' }],
    ['to the machine over TLS', { redirect_uri: 'https://127.0.0.1:5000/callback' }],
    ['to a machine that is called alike', { redirect_uri: 'http://127.0.0.1.evil.example/callback' }],
    ['to another port than the only one', { client_id: 'fixed', redirect_uri: 'http://127.0.0.1:7778/callback' }],
  ])('is told to the person and sent nowhere: %s', async (_what, changes) => {
    const page = await openPage(app, asks(changes).query);
    expect([page.status, page.location]).toEqual([400, null]);
    expect(page.html).toContain('Signing in is not possible');
    expect(page.html).not.toContain('<form');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'none'");
  });

  it.each(['client_id', 'redirect_uri'])('is told to the person when %s was sent twice', async (name) => {
    const { query } = asks();
    const page = await openPage(app, `${new URLSearchParams(query)}&${name}=${encodeURIComponent(query[name] ?? '')}`);
    expect([page.status, page.location]).toEqual([400, null]);
  });

  it('cannot come by a form either', async () => {
    const { query } = asks({ redirect_uri: 'https://evil.example/' });
    const good = await openPage(app, asks().query);
    const answer = await fetch(`${app.url}/oauth/authorize?${new URLSearchParams(query)}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: String(good.headers.get('set-cookie')?.split(';')[0]) },
      body: new URLSearchParams({ request: tokenIn(good.html), login: 'ada', password: PASSWORD }),
    });
    expect(answer.headers.get('location')).toMatch(/^com\.example\.portico:\/callback\?code=/);
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(query) };
    expect((await fetch(`${app.url}/oauth/authorize`, json)).status).toBe(400);
  });
});

describe('a redirect URI of the machine itself', () => {
  it.each([
    ['demo', 'http://127.0.0.1/callback'],
    ['demo', 'http://127.0.0.1:1/callback'],
    ['demo', 'http://127.0.0.1:65535/callback'],
    ['fixed', 'http://127.0.0.1:7777/callback'],
    ['fixed', 'http://[::1]:49152/callback'],
  ])('of %s may be %s', async (client_id, redirect_uri) => {
    const page = await openPage(app, asks({ client_id, redirect_uri }).query);
    const done = await page.submit('ada', PASSWORD);
    expect(done.location?.startsWith(`${redirect_uri}?code=`)).toBe(true);
  });
});

describe('a request that an app has got wrong', () => {
  it.each<[string, Record<string, string | null>, string]>([
    ['for a token', { response_type: 'token' }, 'unsupported_response_type'],
    ['for a code and a token', { response_type: 'code token' }, 'unsupported_response_type'],
    ['for nothing', { response_type: null }, 'invalid_request'],
    ['without a challenge', { code_challenge: null, code_challenge_method: null }, 'invalid_request'],
    ['with an empty challenge', { code_challenge: '' }, 'invalid_request'],
    ['with a challenge and no method', { code_challenge_method: null }, 'invalid_request'],
    ['with a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['with a method in small letters', { code_challenge_method: 's256' }, 'invalid_request'],
    ['with a challenge that is no hash', { code_challenge: 'x'.repeat(42) }, 'invalid_request'],
    ['with a scope', { scope: 'openid' }, 'invalid_scope'],
    ['in another mode', { response_mode: 'fragment' }, 'invalid_request'],
    ['with a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['with the place of one', { request_uri: 'https://web.example/r' }, 'request_uri_not_supported'],
    ['with a thumbprint that is none', { dpop_jkt: 'short' }, 'invalid_request'],
  ])('is sent back to it: %s', async (_what, changes, error) => {
    const page = await openPage(app, asks(changes).query);
    expect([page.status, page.location?.startsWith(`${REDIRECT_URI}?`)]).toEqual([303, true]);
    expect(sentBack(page)).toEqual({
      error,
      error_description: expect.any(String),
      state: 'xyz',
      iss: 'http://localhost',
    });
  });

  it.each(['state', 'code_challenge', 'response_type', 'anything'])(
    'is sent back when %s is there twice',
    async (name) => {
      const page = await openPage(app, `${new URLSearchParams({ ...asks().query, anything: '1' })}&${name}=S256`);
      expect(sentBack(page)).toMatchObject({ error: 'invalid_request' });
      expect(sentBack(page)['state']).toBe(name === 'state' ? undefined : 'xyz');
    },
  );

  it('is good with parameters that mean nothing here, or are empty (RFC 6749 §3.1)', async () => {
    const page = await openPage(app, asks({ scope: '', nonce: 'n', prompt: 'login', response_mode: 'query' }).query);
    expect(page.status).toBe(200);
  });
});
