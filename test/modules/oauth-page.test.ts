import { startTestApp, type TestApp } from '../support/app';
import { asks, codeFor, openPage, PASSWORD, REDIRECT_URI, sentBack, signUp, tokenIn } from '../support/sign-in-page';

const WEB = 'https://web.example/callback?from=portico';
const CLIENTS = [
  {
    id: 'demo',
    name: 'Tom & <b>Jerry</b> "Inc."',
    redirectUris: [REDIRECT_URI, WEB, 'http://127.0.0.1/callback', 'http://[::1]/callback'],
  },
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
    ['https', WEB, 'https://web.example'],
    ['an address of the machine', 'http://127.0.0.1:5000/callback', 'http://127.0.0.1:5000'],
    ['one that a policy cannot name', 'http://[::1]:5000/callback', 'http:'],
  ])('may be sent on to %s', async (_what, redirect_uri, target) => {
    const { headers } = await openPage(app, asks({ redirect_uri }).query);
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

  it.each([
    ['text/plain', 'login=ada', 415],
    ['application/json', '{"login": ', 400],
    ['application/x-www-form-urlencoded', 'x'.repeat(200_000), 413],
  ])('answers what is no form of a page with a page: %s', async (type, body, status) => {
    const sent = { method: 'POST', headers: { 'content-type': type }, body };
    const answer = await fetch(`${app.url}/oauth/authorize?${new URLSearchParams(asks().query)}`, sent);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(await answer.text()).toContain('<!doctype html>');
  });

  it('tells of a fault of ours by its number, on the page', async () => {
    const page = await openPage(app, asks().query);
    await app.sql.query('ALTER TABLE oauth_codes RENAME TO oauth_codes_away');
    try {
      const failed = await page.submit('ada', PASSWORD);
      expect([failed.status, failed.location]).toEqual([500, null]);
      expect(failed.html).toMatch(/<p id="fault" role="alert">Something went wrong here. Report id: [\w-]+\.<\/p>/);
      expect(failed.html).not.toContain('oauth_codes');
    } finally {
      await app.sql.query('ALTER TABLE oauth_codes_away RENAME TO oauth_codes');
    }
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
    const shared = second.headers.get('set-cookie')?.split(';')[0] ?? '';
    for (const page of [second, first]) {
      expect(sentBack(await page.submit('ada', PASSWORD, { cookie: shared }))).toHaveProperty('code');
    }
  });
});
