import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { explainFault } from '../../src/commands/start-fault';
import { loadConfig } from '../../src/config';
import { hashDocument } from '../../src/graphql/pipeline/documents';
import { loadManifests } from '../../src/graphql/pipeline/registered';
import { startTestApp, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';
import { publish } from '../support/verbs';
import { codeOf, get, send } from './asking';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const sha256 = hashDocument;

/** One document per manifest, told apart by the name of its operation. */
const document = (name: string) => `query ${name} { viewer { id } }`;
const RELAY = document('FromRelay');
const CODEGEN = document('FromCodegen');
const APOLLO = document('FromApollo');
const LISTED = document('FromList');
const NAMED = document('FromNames');
const ALL = { RELAY, CODEGEN, APOLLO, LISTED, NAMED };
const INTROSPECTION = '{ __schema { queryType { name } } }';

/** The id under which each client asks for its document; where a manifest gives none, the SHA-256 of the text. */
const IDS: [string, string][] = [
  ['Relay', md5(RELAY)],
  ['graphql-codegen', sha256(CODEGEN)],
  ['Apollo', sha256(APOLLO)],
  ['a plain list', sha256(LISTED)],
  ['plain names', sha256(NAMED)],
  ['plain names, by name', 'named'],
];

let folder: string;
let manifests: string;
let open: TestApp;
let only: TestApp;
let prefer: TestApp;
let raw: RawClient;

function manifest(name: string, content: unknown): string {
  const file = path.join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'portico-manifests-'));
  const operations = [{ id: sha256(APOLLO), name: 'FromApollo', type: 'query', body: APOLLO }];
  manifests = [
    manifest('persisted.json', { [md5(RELAY)]: RELAY }),
    manifest('codegen.json', { [sha256(CODEGEN)]: CODEGEN }),
    manifest('apollo.json', { format: 'apollo-persisted-query-manifest', version: 1, operations }),
    manifest('list.json', [LISTED]),
    manifest('names.json', { named: NAMED }),
  ].join(',');
  const env = { REDIS_URL: process.env['TEST_REDIS_URL'] ?? '', DOCUMENT_MANIFESTS: manifests };
  open = await startTestApp({ env });
  const { databaseUrl } = open;
  only = await startTestApp({ databaseUrl, env: { ...env, DOCUMENT_POLICY: 'only' } });
  prefer = await startTestApp({ databaseUrl, env: { ...env, DOCUMENT_POLICY: 'prefer' } });
  raw = new RawClient(only.url);
});
afterAll(async () => {
  raw.close();
  await Promise.all([only.close(), prefer.close()]);
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The protocol of graphql-ws demands the string `query`; who has an id only sends it empty. */
async function overSocket(app: TestApp, form: object) {
  const client = new RawClient(app.url);
  const payload = { query: '', ...form };
  const answer = await client.socket([JSON.stringify({ id: '1', type: 'subscribe', payload })], null, true);
  client.close();
  // biome-ignore lint/suspicious/noExplicitAny: read by the shape of each query
  return (answer as any).result;
}

describe('a registered document', () => {
  it.each(IDS)('of %s is run by `documentId`, `id` and `doc_id`, over POST, GET and WebSocket', async (_client, id) => {
    for (const form of [{ documentId: id }, { documentId: `sha256:${id}` }, { id }, { doc_id: id }]) {
      for (const answer of [await send(only, form), await get(only, form)]) {
        expect([answer.status, answer.body]).toMatchObject([200, { data: { viewer: null } }]);
      }
      expect(await overSocket(only, form)).toMatchObject({ data: { viewer: null } });
    }
  });

  it.each(Object.entries(ALL))('is run by `extensions.persistedQuery`: %s', async (_name, text) => {
    const form = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } } };
    for (const answer of [await send(only, form), await get(only, form)]) {
      expect([answer.status, answer.body]).toMatchObject([200, { data: { viewer: null } }]);
    }
    expect(await overSocket(only, form)).toMatchObject({ data: { viewer: null } });
  });

  it('is run by its text', async () => {
    expect((await send(only, { query: RELAY })).body).toMatchObject({ data: { viewer: null } });
    expect(await overSocket(only, { query: RELAY })).toMatchObject({ data: { viewer: null } });
  });
});

describe('a document that is not registered', () => {
  const OTHER = 'query Other { viewer { id } }';
  const FORMS: [string, object][] = [
    ['a text', { query: OTHER }],
    ['an introspection', { query: INTROSPECTION }],
    ['an id', { documentId: 'nobody-knows' }],
    ['a hash', { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(OTHER) } } }],
    ['a text to keep', { query: OTHER, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(OTHER) } } }],
  ];

  it.each(FORMS)('is refused by `only` over every transport: %s', async (_what, form) => {
    expect(codeOf((await send(only, form)).body)).toBe('DOCUMENT_NOT_REGISTERED');
    expect(codeOf((await get(only, form)).body)).toBe('DOCUMENT_NOT_REGISTERED');
    expect(codeOf(await overSocket(only, form))).toBe('DOCUMENT_NOT_REGISTERED');
    if (!('query' in form)) return; // graphql-sse takes texts only.
    const streamed = await raw.stream(JSON.stringify(form), null, true);
    expect(codeOf((streamed as { result: unknown }).result)).toBe('DOCUMENT_NOT_REGISTERED');
  });

  it('is run and logged by `prefer`, with its hash', async () => {
    const query = 'query Logged { viewer { id } }';
    expect(await prefer.ok(query)).toEqual({ viewer: null });
    expect(prefer.log.filter(({ msg }) => msg === 'document not registered')).toMatchObject([{ hash: sha256(query) }]);
    await send(prefer, { documentId: md5(RELAY) });
    expect(prefer.log.filter(({ msg }) => msg === 'document not registered')).toHaveLength(1);
  });

  it('is run by `open`', async () => {
    expect(await open.ok(OTHER)).toEqual({ viewer: null });
  });
});

describe('the policy', () => {
  const REQUIRED = {
    PUBLIC_URL: 'https://api.example.com',
    DATABASE_URL: 'postgres://db/portico',
    REDIS_URL: 'redis://redis:6379',
    SECRET_KEY: 'x'.repeat(32),
    MAIL_URL: 'smtp://127.0.0.1:1',
  };
  const policyOf = (env: Record<string, string>) =>
    loadConfig({ ...REQUIRED, TOKEN_SIGNING_KEY: TEST_SIGNING_KEY, ...env }).documents.policy;

  it('is `only` in production where there are manifests, and `open` elsewhere, unless it is set', () => {
    const production = { NODE_ENV: 'production' };
    expect(policyOf({ ...production, DOCUMENT_MANIFESTS: 'a.json' })).toBe('only');
    expect(policyOf({ ...production })).toBe('open');
    expect(policyOf({ NODE_ENV: 'development', DOCUMENT_MANIFESTS: 'a.json' })).toBe('open');
    expect(policyOf({ ...production, DOCUMENT_MANIFESTS: 'a.json', DOCUMENT_POLICY: 'prefer' })).toBe('prefer');
  });
});

describe('a manifest that cannot be used ends the start with its name, its fault and the remedy', () => {
  const REMEDY = 'Correct the file, or take it out of DOCUMENT_MANIFESTS.';
  /** What the process prints before it ends. */
  const explained = (file: string) => {
    try {
      return [String(loadManifests([file]))];
    } catch (error) {
      return explainFault(error);
    }
  };

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{ "a": ', /is not JSON/],
    ['no manifest', '7', /is no manifest/],
    ['an unknown format', { format: 'other', operations: [] }, /format "other"/],
    ['Apollo without operations', { format: 'apollo-persisted-query-manifest' }, /format/],
    ['an operation that is none', { format: 'apollo-persisted-query-manifest', operations: [null] }, /entry 0/],
    ['an operation without id', { format: 'apollo-persisted-query-manifest', operations: [{ body: 'x' }] }, /entry 0/],
    ['an empty document', { abc: ' ' }, /entry abc/],
    ['a document that is no text', [{}], /entry 0/],
    ['a document that is no GraphQL', { abc: 'query {' }, /entry abc, .*Syntax Error.*[^.]\.$/],
  ])('%s', (_what, content, fault) => {
    const file = manifest('broken.json', content);
    expect(explained(file)).toEqual([expect.stringMatching(fault), REMEDY]);
    expect(explained(file)?.[0]).toContain(file);
  });

  it('a file that is not there', () => {
    const file = path.join(folder, 'absent.json');
    expect(explained(file)).toEqual([expect.stringMatching(/absent\.json cannot be read/), REMEDY]);
  });
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
    for (const app of [open, prefer]) {
      expect((await send(app, byHash)).body).toMatchObject({ data: { viewer: null } });
      expect((await get(app, byHash)).body).toMatchObject({ data: { viewer: null } });
      expect(await overSocket(app, byHash)).toMatchObject({ data: { viewer: null } });
    }
  });

  it('is refused under the hash of another text', async () => {
    const form = { query: document('Another'), ...byHash };
    expect(codeOf((await send(open, form)).body)).toBe('BAD_REQUEST');
    expect(codeOf((await get(open, form)).body)).toBe('BAD_REQUEST');
    expect(codeOf(await overSocket(open, form))).toBe('BAD_REQUEST');
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
    expect((await get(prefer, form)).body).toMatchObject({ data: { post: {} } });
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
