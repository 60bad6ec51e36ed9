import { startTestApp, type TestApp } from '../support/app';
import { SECURE, sendBytes } from './raw-http';

const GOOD = '{ viewer { id } }';
const BODY = JSON.stringify({ query: GOOD });
const SIGN_IN = 'mutation { signIn(input: { login: "a", password: "b" }) { replayed } }';
const JSON_TYPE = { 'content-type': 'application/json' };
const PREFLIGHTED = { 'apollo-require-preflight': '1' };
const FOREIGN = 'https://evil.example.com';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ env: { INTROSPECTION: 'off' } });
});
afterAll(() => app.close());

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Headers;
  readonly text: string;
}

async function ask(path: string, init: RequestInit = {}, to = app): Promise<Answer> {
  const response = await fetch(to.url + path, init);
  const text = await response.text();
  const code = text.startsWith('{') ? JSON.parse(text).errors?.[0]?.extensions?.code : undefined;
  return { status: response.status, code, headers: response.headers, text };
}

function post(body: string | Buffer, headers: Record<string, string> = JSON_TYPE, to = app): Promise<Answer> {
  return ask('/graphql', { method: 'POST', body, headers }, to);
}

function byGet(query: string, headers: Record<string, string> = PREFLIGHTED, path = '/graphql'): Promise<Answer> {
  return ask(`${path}?query=${encodeURIComponent(query)}`, { headers });
}

describe('a request that a foreign page can make a browser send', () => {
  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain; charset=utf-8; application/json',
    'application/json/x',
    '',
  ])('is refused as a post of %p', async (type) => {
    for (const path of ['/graphql', '/graphql/stream']) {
      const headers = { 'content-type': type, accept: 'text/event-stream' };
      const answer = await ask(path, { method: 'POST', body: BODY, headers });
      expect(answer).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    }
  });

  it.each([
    ['no header of its own', {}],
    ['the type of a form', { 'content-type': 'text/plain' }],
    ['an empty header', { 'apollo-require-preflight': '' }],
  ])('is refused as a GET with %s', async (_, headers) => {
    const answer = await byGet(GOOD, headers as Record<string, string>);
    expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(answer.text).toContain('apollo-require-preflight');
  });

  it('spends nothing of what its visitor may ask for', async () => {
    const poor = await startTestApp({
      env: {
        ...{ DOCUMENT_COST_MAX: '30', BUDGET_CAPACITY: '30', BUDGET_LOCAL_PERCENT: '100' },
        ...{ BUDGET_RESTORE_PER_SECOND: '1', ATTEMPTS_MAX: '1' },
      },
    });
    try {
      for (let i = 0; i < 20; i += 1) {
        for (const query of [GOOD, SIGN_IN]) {
          const search = `?query=${encodeURIComponent(query)}`;
          await ask(`/graphql${search}`, {}, poor);
          await ask(`/graphql${search}`, { method: 'HEAD' }, poor);
          // A page that was allowed to ask could read for its visitor, but not write.
          if (query === SIGN_IN) await ask(`/graphql${search}`, { headers: PREFLIGHTED }, poor);
          await ask(`/graphql/stream${search}`, { headers: { accept: 'text/event-stream', origin: FOREIGN } }, poor);
        }
      }
      expect((await poor.query(GOOD)).errors).toBeUndefined();
      expect((await poor.query(SIGN_IN)).errors).toBeUndefined();
    } finally {
      await poor.close();
    }
  });

  it.each([
    { origin: FOREIGN },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is refused as an event stream with %p', async (headers) => {
    const answer = await byGet(
      GOOD,
      { accept: 'text/event-stream', ...headers } as unknown as Record<string, string>,
      '/graphql/stream',
    );
    expect(answer).toMatchObject({ status: 403, code: 'BAD_REQUEST' });
  });

  it('is served as an event stream to pages of its own origin, and to what is no browser', async () => {
    for (const headers of [{ origin: app.url, 'sec-fetch-site': 'same-origin' }, {}] as Record<string, string>[]) {
      const answer = await byGet(
        GOOD,
        { accept: 'text/event-stream', ...headers } as unknown as Record<string, string>,
        '/graphql/stream',
      );
      expect(answer.text).toContain('"viewer":null');
    }
  });
});

describe('a mutation by GET', () => {
  it.each([PREFLIGHTED, { ...JSON_TYPE }])('is refused with %p', async (headers) => {
    const answer = await byGet(SIGN_IN, headers as Record<string, string>);
    expect(answer).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('is refused when it is one of two', async () => {
    const search = new URLSearchParams({ query: `query A ${GOOD} mutation B ${SIGN_IN.slice(9)}`, operationName: 'B' });
    expect(await ask(`/graphql?${search}`, { headers: PREFLIGHTED })).toMatchObject({ status: 405 });
  });
});

describe('a body', () => {
  it.each([
    ['', 400],
    ['{', 400],
    ['null', 400],
    ['"x"', 400],
    [`[${BODY},${BODY}]`, 400],
    ['[]', 400],
    [`{"query":"${GOOD}","variables":{"__proto__":{"polluted":1}}}`, 400],
    [`{"query":"${GOOD}","__proto__":{"polluted":1}}`, 400],
    [`{"query":"${GOOD}","variables":{"constructor":{"prototype":{"polluted":1}}}}`, 400],
    [`{"query":"${GOOD}","variables":{"\\u005f\\u005fproto__":{"polluted":1}}}`, 400],
  ])('of %p is refused', async (body, status) => {
    expect(await post(body)).toMatchObject({ status, code: 'BAD_REQUEST' });
    expect({}).not.toHaveProperty('polluted');
  });

  it('above 128 KiB is refused before it is read', async () => {
    const tooLarge = JSON.stringify({ query: GOOD, variables: { x: 'x'.repeat(131_072) } });
    expect(await post(tooLarge)).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    const declared = [
      'POST /graphql HTTP/1.1',
      'host: x',
      'content-type: application/json',
      'content-length: 999999999',
    ];
    const answer = await sendBytes(app, [`${[...declared, 'connection: close'].join('\r\n')}\r\n\r\n{`]);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text).errors[0].extensions.code).toBe('PAYLOAD_TOO_LARGE');
  });
});

describe('a client that is slow', () => {
  const HEADERS = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  let hurried: TestApp;
  beforeAll(async () => {
    hurried = await startTestApp({ env: { HTTP_REQUEST_TIMEOUT_MS: '400' } });
  });
  afterAll(() => hurried.close());

  it.each([
    ['to send its headers', [...HEADERS]],
    ['to end its headers', [HEADERS]],
    ['to send its body', [`${HEADERS}content-length: 200\r\n\r\n`, ...'{"query":"{ viewer { id } }"'.repeat(4)]],
    ['to send its chunks', [`${HEADERS}transfer-encoding: chunked\r\n\r\n`, ...'1\r\n{\r\n'.repeat(20)]],
  ])('%s is told so, and its connection closed', async (_, pieces) => {
    const startedAt = Date.now();
    const answer = await sendBytes(hurried, pieces, 50);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(answer).toMatchObject({ status: 408, headers: SECURE });
    expect(JSON.parse(answer.text).errors[0].extensions.code).toBe('REQUEST_TIMEOUT');
  });
});

describe('every answer', () => {
  it.each([
    '/health/live',
    '/health/ready',
    '/nothing',
    '/graphql?query=%7B',
    '/graphql/stream',
    '/oauth/token',
    '/%ff',
    '/playground',
  ])('carries the headers of safety: GET %s', async (path) => {
    expect(Object.fromEntries((await ask(path)).headers)).toMatchObject(SECURE);
  });

  it('carries them when it is an event stream, a refusal or an operation', async () => {
    const stream = await byGet(GOOD, { accept: 'text/event-stream' }, '/graphql/stream');
    for (const { headers } of [stream, await post(BODY), await post('{'), await post(BODY, {}), await byGet(GOOD)]) {
      expect(Object.fromEntries(headers)).toMatchObject(SECURE);
    }
  });

  it.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400],
    ['too large headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx', 400],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
    ],
    ['half a character in its path', 'GET /%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 400],
  ])('has the shape of GraphQL, even to a request with %s', async (_, bytes, status) => {
    const answer = await sendBytes(app, [bytes]);
    expect(answer).toMatchObject({ status, headers: SECURE });
    expect(JSON.parse(answer.text)).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }],
    });
  });

  it.each([
    ['GET', '/nothing'],
    ['POST', '/graphql/nothing'],
    ['PUT', '/graphql'],
    ['DELETE', '/graphql/stream'],
    ['GET', '/__proto__'],
    ['GET', `/${'x'.repeat(5_000)}`],
  ])('has the shape of GraphQL where nothing is: %s %s', async (method, path) => {
    const { status, code, text } = await ask(path, { method });
    expect({ status, code }).toEqual({ status: 404, code: 'NOT_FOUND' });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
  });

  it('is compressed from the threshold on only', async () => {
    const large = await startTestApp({ env: { HTTP_COMPRESS_MIN_BYTES: '400' } });
    try {
      const encodingOf = async (query: string, accepted: string) =>
        (await post(JSON.stringify({ query }), { ...JSON_TYPE, 'accept-encoding': accepted }, large)).headers.get(
          'content-encoding',
        );
      const long = `{ ${Array.from({ length: 20 }, (_, i) => `a${i}${'x'.repeat(30)}: __typename`).join(' ')} }`;
      expect(await encodingOf(long, 'br')).toBe('br');
      expect(await encodingOf(long, 'gzip')).toBe('gzip');
      expect(await encodingOf(long, 'identity')).toBeNull();
      expect(await encodingOf(GOOD, 'br, gzip')).toBeNull();
    } finally {
      await large.close();
    }
  });
});
