import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { explainFault } from '../../src/commands/start-fault';
import { loadConfig } from '../../src/config';
import { hashDocument } from '../../src/graphql/pipeline/documents';
import { loadManifests } from '../../src/graphql/pipeline/registered';
import { startTestApp, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { codeOf, get, overSocket, overStream, send } from './asking';

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
});
afterAll(async () => {
  await Promise.all([only.close(), prefer.close()]);
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a registered document', () => {
  it.each(IDS)('of %s is run by `documentId`, `id` and `doc_id`, over every transport', async (_client, id) => {
    for (const form of [{ documentId: id }, { documentId: `sha256:${id}` }, { id }, { doc_id: id }]) {
      for (const answer of [await send(only, form), await get(only, form)]) {
        expect([answer.status, answer.body]).toMatchObject([200, { data: { viewer: null } }]);
      }
      expect(await overSocket(only, form)).toMatchObject({ data: { viewer: null } });
      for (const answer of await overStream(only, form)) expect(answer).toMatchObject({ data: { viewer: null } });
    }
  });

  it.each(Object.entries(ALL))('is run by `extensions.persistedQuery`: %s', async (_name, text) => {
    const form = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } } };
    for (const answer of [await send(only, form), await get(only, form)]) {
      expect([answer.status, answer.body]).toMatchObject([200, { data: { viewer: null } }]);
    }
    expect(await overSocket(only, form)).toMatchObject({ data: { viewer: null } });
    for (const answer of await overStream(only, form)) expect(answer).toMatchObject({ data: { viewer: null } });
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
    for (const answer of await overStream(only, form)) expect(codeOf(answer)).toBe('DOCUMENT_NOT_REGISTERED');
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
