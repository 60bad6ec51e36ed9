import { startTestApp, type TestApp } from '../support/app';

const QUERY = JSON.stringify({ query: '{ viewer { id } }' });
const FOREIGN = 'https://evil.example.com';
const FRIEND = 'https://app.example.com';
const CORS = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers'];

function corsOf({ headers }: Response): (string | null)[] {
  return CORS.map((name) => headers.get(name));
}

function preflight(app: TestApp, origin: string): Promise<Response> {
  const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
  return fetch(`${app.url}/graphql`, { method: 'OPTIONS', headers });
}

function send(app: TestApp, headers: Record<string, string>): Promise<Response> {
  return fetch(`${app.url}/graphql`, {
    method: 'POST',
    body: QUERY,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('a page of another origin', () => {
  it('is told nothing when no origins are listed', async () => {
    const app = await startTestApp();
    for (const origin of [FOREIGN, FRIEND, 'null', app.url]) {
      const asked = await preflight(app, origin);
      expect(asked.ok).toBe(false);
      expect(corsOf(asked)).toEqual([null, null, null]);
      expect(corsOf(await send(app, { origin }))).toEqual([null, null, null]);
    }
    await app.close();
  });

  it('may call when its origin is listed, and only then', async () => {
    const app = await startTestApp({ env: { CORS_ORIGINS: `${FRIEND}, https://other.example.com` } });
    const welcome = await preflight(app, FRIEND);
    expect(welcome.status).toBe(204);
    expect(corsOf(welcome)).toEqual([FRIEND, 'GET, POST', 'content-type']);
    expect(welcome.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await send(app, { origin: FRIEND })).headers.get('access-control-allow-origin')).toBe(FRIEND);
    const stream = await fetch(`${app.url}/graphql/stream?query={viewer{id}}`, {
      headers: { origin: FRIEND, accept: 'text/event-stream', 'sec-fetch-site': 'cross-site' },
    });
    expect([stream.status, stream.headers.get('access-control-allow-origin')]).toEqual([200, FRIEND]);
    for (const origin of [FOREIGN, 'null', `${FRIEND}.evil.com`, FRIEND.toUpperCase(), 'http://app.example.com']) {
      expect((await preflight(app, origin)).headers.get('access-control-allow-origin')).toBeNull();
      expect((await send(app, { origin })).headers.get('access-control-allow-origin')).toBeNull();
    }
    await app.close();
  });
});

describe('an address', () => {
  const POOR = {
    ...{ DOCUMENT_COST_MAX: '10', BUDGET_CAPACITY: '10', BUDGET_LOCAL_PERCENT: '100' },
    ...{ BUDGET_RESTORE_PER_SECOND: '1', BUDGET_ADDRESS_FACTOR: '1' },
  };

  /** How many of thirty requests in a row pass, each with another X-Forwarded-For. */
  async function admitted(trustedProxies: string, forwarded: (i: number) => string): Promise<number> {
    const app = await startTestApp({ env: { ...POOR, HTTP_TRUSTED_PROXIES: trustedProxies } });
    let count = 0;
    for (let i = 0; i < 30; i += 1) {
      if ((await send(app, { 'x-forwarded-for': forwarded(i) })).status === 200) count += 1;
    }
    await app.close();
    return count;
  }

  it('is not what a client says that it is', async () => {
    expect(await admitted('0', (i) => `203.0.113.${i}`)).toBeLessThan(30);
  });

  it('is what the last trusted proxy says', async () => {
    expect(await admitted('1', (i) => `203.0.113.${i}`)).toBe(30);
    expect(await admitted('1', (i) => `203.0.113.${i}, 198.51.100.1`)).toBeLessThan(30);
    expect(await admitted('2', (i) => `203.0.113.${i}, 198.51.100.1`)).toBe(30);
    expect(await admitted('2', (i) => `192.0.2.${i}, 203.0.113.7, 198.51.100.1`)).toBeLessThan(30);
  });
});
