import { startTestApp, type TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';
import { startRedis, type TestRedis } from '../support/redis-server';
import { codeOf, send, until } from './asking';

const ATTEMPTS = 5;
const ENV = { ATTEMPTS_MAX: String(ATTEMPTS), HTTP_TRUSTED_PROXIES: '1', JOBS_CONCURRENCY: '0' };

let redis: TestRedis;
let app: TestApp;
let twin: TestApp;
let alone: TestApp;

beforeAll(async () => {
  redis = await startRedis();
  app = await startTestApp({ env: { ...ENV, REDIS_URL: redis.url } });
  const { databaseUrl } = app;
  twin = await startTestApp({ databaseUrl, env: { ...ENV, REDIS_URL: redis.url } });
  alone = await startTestApp({ databaseUrl, env: ENV });
});
afterAll(async () => {
  await Promise.all([twin.close(), alone.close()]);
  await app.close();
  await redis.stop();
});

let addresses = 0;
const newAddress = () => {
  addresses += 1;
  return `203.0.113.${addresses}`;
};

/** No field of it is good, so that nothing is hashed; it is an attempt all the same. */
const SIGN_IN = 'signIn(input: { login: "nobody", password: "wrong" }) { userErrors { code } }';
const SIGN_UP = 'signUp(input: { email: "-", handle: "-", name: "", password: "short" }) { userErrors { code } }';

const tryGraphql = (document: string, address: string, on = app) =>
  send(on, { query: document }, { headers: { 'x-forwarded-for': address } });

function tryRest(address: string, on = app): Promise<Response> {
  return fetch(`${on.url}/oauth/token`, {
    method: 'POST',
    headers: { 'x-forwarded-for': address },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'guessed' }),
  });
}

describe('attempts to get in', () => {
  it.each([
    'changePassword(input: { currentPassword: "a", newPassword: "b" }) { replayed }',
    'changeEmail(input: { email: "a@example.com", password: "b" }) { replayed }',
  ])('are all that have passwords hashed: %s', async (field) => {
    const address = newAddress();
    for (let i = 0; i < ATTEMPTS; i += 1) expect((await tryGraphql(`mutation { ${field} }`, address)).status).toBe(200);
    expect((await tryGraphql(`mutation { ${field} }`, address)).status).toBe(429);
  });

  it('are counted together by address, over GraphQL and REST, in all processes', async () => {
    const address = newAddress();
    for (const on of [app, twin]) expect((await tryGraphql(`mutation { ${SIGN_IN} }`, address, on)).status).toBe(200);
    expect((await tryGraphql(`mutation { ${SIGN_UP} }`, address)).status).toBe(200);
    for (const on of [app, twin]) expect((await tryRest(address, on)).status).toBe(400);
    for (const on of [app, twin]) {
      const refused = await tryGraphql(`mutation { ${SIGN_IN} }`, address, on);
      expect([refused.status, codeOf(refused.body)]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(900);
      const rest = await tryRest(address, on);
      expect([rest.status, codeOf(await rest.json())]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(rest.headers.get('retry-after'))).toBeGreaterThan(800);
    }
    expect((await tryRest(newAddress())).status).toBe(400);
    expect((await tryGraphql('{ viewer { id } }', address)).status).toBe(200);
  });

  it.each([
    ['aliases', (fields: string[]) => `mutation { ${fields.join(' ')} }`],
    ['an inline fragment', (fields: string[]) => `mutation { ... { ... on Mutation { ${fields.join(' ')} } } }`],
    ['a fragment', (fields: string[]) => `mutation { ...F } fragment F on Mutation { ${fields.join(' ')} }`],
    [
      'fragments in fragments',
      (fields: string[]) =>
        `mutation { ...F } fragment F on Mutation { ...G ${fields.slice(0, 2).join(' ')} }
         fragment G on Mutation { ... { ${fields.slice(2).join(' ')} } }`,
    ],
  ])('cannot be hidden in %s: each counts', async (_how, documentOf) => {
    const fields = Array.from({ length: ATTEMPTS + 1 }, (_, i) => `a${i}: ${SIGN_IN}`);
    expect((await tryGraphql(documentOf(fields.slice(1)), newAddress())).status).toBe(200);
    expect((await tryGraphql(documentOf(fields), newAddress())).status).toBe(429);
  });

  it('are counted over WebSocket and event stream as well', async () => {
    const client = new RawClient(alone.url);
    const payload = { query: `mutation { ${Array.from({ length: 4 }, (_, i) => `a${i}: ${SIGN_IN}`).join(' ')} }` };
    const message = JSON.stringify({ id: '1', type: 'subscribe', payload });
    const codes = [];
    for (let i = 0; i < 2; i += 1) {
      const { result } = (await client.socket([message], null, true)) as { result: unknown };
      codes.push(codeOf(result));
    }
    const { result } = (await client.stream(JSON.stringify(payload), null, true)) as { result: unknown };
    expect([...codes, codeOf(result)]).toEqual([undefined, 'RATE_LIMITED', 'RATE_LIMITED']);
    client.close();
  });

  it('are not used up by a page that sends somebody there by GET', async () => {
    const address = newAddress();
    const headers = { 'x-forwarded-for': address, 'apollo-require-preflight': '1' };
    const search = new URLSearchParams({ query: `mutation { ${SIGN_IN} }` });
    for (let i = 0; i < ATTEMPTS * 2; i += 1) {
      const answer = await fetch(`${app.url}/graphql?${search}`, { headers });
      expect([answer.status, codeOf(await answer.json())]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    }
    expect((await tryGraphql(`mutation { ${SIGN_IN} }`, address)).status).toBe(200);
  });

  it('are counted in memory where there is no Redis', async () => {
    const address = newAddress();
    for (let i = 0; i < ATTEMPTS; i += 1) expect((await tryRest(address, alone)).status).toBe(400);
    expect((await tryRest(address, alone)).status).toBe(429);
    expect((await tryGraphql(`mutation { ${SIGN_IN} }`, address, alone)).status).toBe(429);
  });

  it('are refused with 503 while Redis is away, everything else is not, and they come back with it', async () => {
    await redis.kill();
    const refused = await tryGraphql(`mutation { ${SIGN_IN} }`, newAddress());
    expect([refused.status, codeOf(refused.body)]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(refused.headers.get('retry-after')).toBe('5');
    // Nobody guesses a refresh token: those are counted by this process alone.
    const address = newAddress();
    for (let i = 0; i < ATTEMPTS; i += 1) expect((await tryRest(address)).status).toBe(400);
    expect((await tryRest(address)).status).toBe(429);
    expect((await tryGraphql('{ viewer { id } }', newAddress())).body.data).toEqual({ viewer: null });
    redis = await startRedis({ port: redis.port });
    await until('attempts are taken again', async () => {
      const again = await tryGraphql(`mutation { ${SIGN_IN} }`, newAddress());
      return again.status === 200 && (await tryRest(newAddress())).status === 400;
    });
  });
});
