import { startTestApp, type TestApp } from '../support/app';
import { asks, codeFor, openPage, PASSWORD, REDIRECT_URI, sentBack, signUp, tokenIn } from '../support/sign-in-page';

const WEB = 'https://web.example/callback?from=portico';
const CLIENTS = [
  { id: 'demo', name: 'Tom & <b>Jerry</b> "Inc."', redirectUris: [REDIRECT_URI, WEB, 'http://127.0.0.1/callback'] },
  { id: 'fixed', name: 'Fixed', redirectUris: ['http://127.0.0.1:7777/callback', 'http://[::1]/callback'] },
  { id: 'service', name: 'Service', secretSha256: 'a'.repeat(64) },
];

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { OAUTH_CLIENTS: JSON.stringify(CLIENTS) } });
  await signUp(app, 'ada');
});
afterAll(() => app.close());

describe('the sign-in page', () => {
  it('signs in, and sends the browser back with a code, the state and the issuer', async () => {
    const page = await openPage(app, asks({ state: 'a b&c=/é' }).query);
    expect(page.status).toBe(200);
    const done = await page.submit('ada', PASSWORD);
    expect([done.status, done.html, done.location?.startsWith(`${REDIRECT_URI}?`)]).toEqual([303, '', true]);
    expect(sentBack(done)).toEqual({
      code: expect.stringMatching(/^[\w-]{43}$/),
      state: 'a b&c=/é',
      iss: 'http://localhost',
    });
    const { location } = await (await openPage(app, asks({ redirect_uri: WEB, state: null }).query)).submit(
      'ada',
      PASSWORD,
    );
    expect(location).toMatch(/^https:\/\/web\.example\/callback\?from=portico&code=[\w-]{43}&iss=/);
  });

  it('runs no script, asks no other host, stands in no frame, and is kept nowhere', async () => {
    const { headers, html } = await openPage(app, asks().query);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      expect.stringMatching(/^style-src 'sha256-[\w+/]{43}='$/),
      "form-action 'self' com.example.portico:",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(html).not.toMatch(/<script|\son\w+=|javascript:|\ssrc=|<link|url\(/i);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  it.each([
    ['https', 'demo', WEB, 'https://web.example'],
    ['an address of the machine', 'demo', 'http://127.0.0.1:5000/callback', 'http://127.0.0.1:5000'],
    ['one that a policy cannot name', 'fixed', 'http://[::1]:5000/callback', 'http:'],
  ])('may be sent on to %s', async (_what, client_id, redirect_uri, target) => {
    const { headers } = await openPage(app, asks({ client_id, redirect_uri }).query);
    expect(headers.get('content-security-policy')).toContain(`form-action 'self' ${target};`);
  });

  it('can be filled by a password manager, read aloud, and left', async () => {
    const { html } = await openPage(app, asks({ login_hint: 'ada@example.com' }).query);
    expect(html).toContain('<html lang="en">');
    for (const [id, complete] of [
      ['login', 'username'],
      ['password', 'current-password'],
    ]) {
      expect(html).toContain(`<label for="${id}">`);
      expect(html).toMatch(new RegExp(`<input id="${id}" [^>]*autocomplete="${complete}"[^>]* required`));
    }
    expect(html).toMatch(/id="login"[^>]* value="ada@example.com"/);
    expect(html).toMatch(/id="password"[^>]* autofocus/);
    const [, href = ''] = /<a href="([^"]*)">Cancel/.exec(html) ?? [];
    expect(href.replaceAll('&amp;', '&')).toBe(
      `${REDIRECT_URI}?error=access_denied&state=xyz&iss=http%3A%2F%2Flocalhost`,
    );
  });

  it('shows what others wrote as text', async () => {
    const evil = '"><script>alert(1)</script>';
    const { html } = await openPage(app, asks({ login_hint: evil, state: evil }).query);
    expect(html).toContain('Tom &amp; &lt;b&gt;Jerry&lt;/b&gt; &quot;Inc.&quot;');
    expect(html).not.toContain('<b>');
    expect(html).not.toContain('<script');
    expect((await (await openPage(app, asks().query)).submit(evil, 'wrong')).html).not.toContain('<script');
  });

  it('answers a wrong password and an unknown account alike, and keeps what was typed but the password', async () => {
    const page = await openPage(app, asks().query);
    const wrong = await page.submit('ada', 'wrong password');
    const unknown = await page.submit('nil', 'wrong password');
    expect([wrong.status, wrong.location]).toEqual([400, null]);
    expect(wrong.html).toContain('<title>Error: ');
    expect(wrong.html).toMatch(/<p id="fault" role="alert">No account has this login and password\.<\/p>/);
    expect(wrong.html).toMatch(/id="password"[^>]* aria-invalid="true" aria-describedby="fault" autofocus/);
    expect(wrong.html).not.toContain('wrong password');
    const shape = (html: string) => html.replace(tokenIn(html), '').replace(/value="(ada|nil)"/, '');
    expect(shape(unknown.html)).toBe(shape(wrong.html));
    expect(sentBack(await wrong.submit('ada', PASSWORD))).toHaveProperty('code');
  });

  it('takes what no login can be for a wrong one', async () => {
    const page = await openPage(app, asks().query);
    for (const login of ['a\u0000da2', '', 'x'.repeat(10_000)])
      expect((await page.submit(login, PASSWORD)).status).toBe(400);
  });

  it('leaves no password, code or address in the log, and no code in the database', async () => {
    const { query } = asks();
    const code = await codeFor(app, 'ada@example.com', { query, verifier: '' });
    const log = JSON.stringify(app.log);
    for (const secret of [code, PASSWORD, 'ada@example.com']) expect(log).not.toContain(secret);
    const { rows } = await app.sql.query('SELECT * FROM oauth_codes');
    expect(JSON.stringify(rows)).not.toContain(code);
  });
});

describe('the form of the sign-in page', () => {
  it('is good only in the browser that it was shown to', async () => {
    const mine = await openPage(app, asks().query);
    const theirs = await openPage(app, asks().query);
    for (const changed of [{ token: tokenIn(theirs.html) }, { cookie: '' }, { cookie: 'portico-sign-in=short' }]) {
      const refused = await mine.submit('ada', PASSWORD, changed);
      expect([refused.status, refused.location]).toEqual([400, null]);
      expect(refused.html).toContain('open for too long');
    }
    expect(sentBack(await mine.submit('ada', PASSWORD))).toHaveProperty('code');
  });

  it('is not good when it was altered, cut off or made up', async () => {
    const page = await openPage(app, asks().query);
    const [payload = '', signature = ''] = tokenIn(page.html).split('.');
    const [expires] = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const other = Buffer.from(JSON.stringify([expires, String(new URLSearchParams(asks().query))])).toString(
      'base64url',
    );
    for (const token of [`${other}.${signature}`, payload, `${payload}.`, '', '.', `${payload}.${'A'.repeat(43)}`]) {
      const refused = await page.submit('ada', PASSWORD, { token });
      expect([token, refused.status, refused.location]).toEqual([token, 400, null]);
    }
  });

  it('is not good ten minutes later, and the page shown then is', async () => {
    const page = await openPage(app, asks().query);
    const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 600_000);
    try {
      const late = await page.submit('ada', PASSWORD);
      expect([late.status, late.location]).toEqual([400, null]);
      expect(sentBack(await late.submit('ada', PASSWORD))).toHaveProperty('code');
    } finally {
      later.mockRestore();
    }
  });

  it('is of a cookie that no script reads and no other site sends, and that several pages share', async () => {
    const first = await openPage(app, asks().query);
    const [cookie = '', ...attributes] = (first.headers.get('set-cookie') ?? '').split('; ');
    expect(attributes).toEqual(['Path=/', 'Max-Age=600', 'HttpOnly', 'SameSite=Lax']);
    const second = await openPage(app, asks().query, `other=1; ${cookie}`);
    for (const page of [second, first]) expect(sentBack(await page.submit('ada', PASSWORD))).toHaveProperty('code');
  });
});

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
