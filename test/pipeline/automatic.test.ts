import { Redis } from 'ioredis';
import { hashDocument as sha256 } from '../../src/graphql/pipeline/documents';
import { startTestApp, type TestApp } from '../support/app';
import { publish } from '../support/verbs';
import { codeOf, get, overSocket, overStream, send } from './asking';

const document = (name: string) => `query ${name} { viewer { id } }`;

let open: TestApp;
/** Another process. */
let other: TestApp;

beforeAll(async () => {
  const env = { REDIS_URL: process.env['TEST_REDIS_URL'] ?? '' };
  open = await startTestApp({ env });
  other = await startTestApp({ databaseUrl: open.databaseUrl, env });
});
afterAll(async () => {
  await other.close();
  await open.close();
});

describe('an automatic persisted query', () => {
  const text = document(`Automatic${Date.now()}`);
  const persistedQuery = { version: 1, sha256Hash: sha256(text) };
  const byHash = { extensions: { persistedQuery } };

  it('is asked for by its text once, and then found by its hash, in every process', async () => {
    const unknown = await send(open, byHash);
    expect([unknown.status, codeOf(unknown.body)]).toEqual([200, 'PERSISTED_QUERY_NOT_FOUND']);
    expect(unknown.body.errors[0].message).toBe('PersistedQueryNotFound');
    expect(unknown.headers.get('cache-control')).toBe('no-store');
    expect((await send(open, { query: text, ...byHash })).body).toMatchObject({ data: { viewer: null } });
    for (const app of [open, other]) {
      expect((await send(app, byHash)).body).toMatchObject({ data: { viewer: null } });
      expect((await get(app, byHash)).body).toMatchObject({ data: { viewer: null } });
      expect(await overSocket(app, byHash)).toMatchObject({ data: { viewer: null } });
      for (const answer of await overStream(app, byHash)) expect(answer).toMatchObject({ data: { viewer: null } });
    }
  });

  it('is refused under the hash of another text', async () => {
    const form = { query: document('Another'), ...byHash };
    expect(codeOf((await send(open, form)).body)).toBe('BAD_REQUEST');
    expect(codeOf((await get(open, form)).body)).toBe('BAD_REQUEST');
    expect(codeOf(await overSocket(open, form))).toBe('BAD_REQUEST');
    expect((await overStream(open, form)).map(codeOf)).toEqual(['BAD_REQUEST', 'BAD_REQUEST']);
  });

  it('is kept only when it is valid and within the limits, and for a day', async () => {
    const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
    const wrong = ['query {', '{ nothing }', `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: viewer { id }`)} }`];
    for (const query of wrong) {
      const sha256Hash = sha256(query);
      const answer = await send(open, { query, extensions: { persistedQuery: { version: 1, sha256Hash } } });
      expect(answer.body.errors).toBeDefined();
      expect(await redis.get(`portico:apq:${sha256Hash}`)).toBeNull();
    }
    const ttl = await redis.pttl(`portico:apq:${sha256(text)}`);
    expect(ttl).toBeGreaterThan(23 * 3_600_000);
    expect(ttl).toBeLessThanOrEqual(24 * 3_600_000);
    await redis.quit();
  });

  it('is not believed from a store that holds another text under its hash', async () => {
    const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
    const sha256Hash = sha256(document('Absent'));
    await redis.set(`portico:apq:${sha256Hash}`, document('Planted'), 'PX', 60_000);
    const answer = await send(open, { extensions: { persistedQuery: { version: 1, sha256Hash } } });
    expect(codeOf(answer.body)).toBe('PERSISTED_QUERY_NOT_FOUND');
    await redis.quit();
  });

  it('is kept once its sender has paid for the room that it takes, and for nothing afterwards', async () => {
    const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
    const env = {
      ...{ REDIS_URL: process.env['TEST_REDIS_URL'] ?? '', DOCUMENT_COST_MAX: '30', BUDGET_CAPACITY: '30' },
      ...{ BUDGET_LOCAL_PERCENT: '100', BUDGET_RESTORE_PER_SECOND: '1', HTTP_TRUSTED_PROXIES: '1' },
    };
    const poor = await startTestApp({ databaseUrl: open.databaseUrl, env });
    const headers = { 'x-forwarded-for': `198.51.100.${Date.now() % 250}` };
    /** 1,000 characters take ten units, and running it one. */
    const long = (name: string) => `${document(name)} #`.padEnd(1_000, 'x');
    const register = (query: string) =>
      send(poor, { query, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } }, { headers });
    const isKept = async (query: string) => (await redis.get(`portico:apq:${sha256(query)}`)) !== null;
    const [first = '', second = '', third = ''] = ['A', 'B', 'C'].map((name) => long(name + Date.now()));
    expect((await register(first)).body.extensions.cost).toMatchObject({ requested: 12, actual: 11 });
    expect((await register(first)).body.extensions.cost).toMatchObject({ requested: 2, actual: 1 });
    expect((await register(second)).status).toBe(200);
    expect(codeOf((await register(third)).body)).toBe('RATE_LIMITED');
    expect([await isKept(first), await isKept(second), await isKept(third)]).toEqual([true, true, false]);
    await poor.close();
    await redis.quit();
  });

  it('is kept as well where its answer was there already', async () => {
    const postId = await publish(open, await open.person('apq_author'));
    const query = `query Public${Date.now()} { post(id: "${postId}") { text } }`;
    const form = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } };
    // Kept from the second time on.
    for (let i = 0; i < 3; i += 1) expect((await get(open, { query })).body).toMatchObject({ data: { post: {} } });
    expect((await get(open, { query, ...form })).status).toBe(200);
    expect((await get(other, form)).body).toMatchObject({ data: { post: {} } });
  });

  it('makes room for others where the store of all processes is full', async () => {
    const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
    const keys = (await redis.keys('portico:apq:*')).sort();
    const texts = Array.from({ length: 30 }, (_, i) => document(`Shared${Date.now()}x${i}`));
    const env = { REDIS_URL: process.env['TEST_REDIS_URL'] ?? '', DOCUMENT_CACHE_CHARACTERS: '1000' };
    const small = await startTestApp({ databaseUrl: open.databaseUrl, env });
    for (const query of texts) {
      await send(small, { query, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } });
    }
    const found = await Promise.all(texts.map((query) => redis.get(`portico:apq:${sha256(query)}`)));
    const kept = texts.filter((_, i) => found[i] !== null);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.join('').length).toBeLessThanOrEqual(1_000);
    expect(kept.at(-1)).toBe(texts.at(-1));
    expect(keys).not.toEqual([]);
    await small.close();
    await redis.quit();
  });

  it('makes room for others where the store of a process is full', async () => {
    const small = await startTestApp({ databaseUrl: open.databaseUrl, env: { DOCUMENT_CACHE_CHARACTERS: '1000' } });
    const texts = Array.from({ length: 60 }, (_, i) => document(`Flood${i}`));
    for (const query of texts) {
      await send(small, { query, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } });
    }
    const found = await Promise.all(
      texts.map((query) => send(small, { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } })),
    );
    const kept = texts.filter((_, i) => found[i]?.body.data);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.join('').length).toBeLessThanOrEqual(1_000);
    expect(kept.at(-1)).toBe(texts.at(-1));
    await small.close();
  });
});
