import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApolloClient, ApolloLink, gql as apolloGql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { generatePersistedQueryIdsFromManifest } from '@apollo/persisted-query-lists';
import { Client, type CombinedError, cacheExchange, fetchExchange, gql } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { Environment, type GraphQLResponse, Network, RecordSource, type RequestParameters, Store } from 'relay-runtime';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { publish } from '../support/verbs';
import * as documents from './documents';
import { compileRelay } from './relay-compiler';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** The limits and budgets of a service that nobody has configured. */
const DEFAULTS = { BUDGET_CAPACITY: '20000', BUDGET_RESTORE_PER_SECOND: '200', LOAD_SHED_DELAY_MS: '60000' };
const HEADERS = { 'apollo-require-preflight': 'true' };

/** Requests as the clients made them. */
interface Request {
  readonly method: string;
  readonly sent: string;
  readonly status: number;
}

let folder: string;
let app: TestApp;
let ada: Person;
let postId: string;
let requests: Request[];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'portico-persisted-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  requests = [];
});

async function open(env: Record<string, string> = {}): Promise<void> {
  app = await startTestApp({ env: { ...DEFAULTS, ...env } });
  ada = await app.person('ada');
  // Where only registered documents run, this one does not.
  if (env['DOCUMENT_POLICY'] !== 'only') postId = await publish(app, ada, 'Hello');
}

function manifest(name: string, content: unknown): Record<string, string> {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return { DOCUMENT_MANIFESTS: file, DOCUMENT_POLICY: 'only' };
}

/** `fetch` that remembers what was asked. */
const watchedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const url = new URL(String(input));
  const sent = init?.body ? String(init.body) : decodeURIComponent(url.search);
  requests.push({ method: init?.method ?? 'GET', sent, status: response.status });
  return response;
};

function credentials() {
  return { ...HEADERS, authorization: `Bearer ${ada.token}` };
}

type PersistedOptions = ConstructorParameters<typeof PersistedQueryLink>[0];

function apollo(persisted: PersistedOptions): ApolloClient {
  const http = new HttpLink({ uri: `${app.url}/graphql`, fetch: watchedFetch, headers: credentials() });
  return new ApolloClient({
    link: ApolloLink.from([new PersistedQueryLink(persisted), http]),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' } },
  });
}

function urql(options: Parameters<typeof persistedExchange>[0]): Client {
  return new Client({
    url: `${app.url}/graphql`,
    fetch: watchedFetch,
    fetchOptions: () => ({ headers: credentials() }),
    requestPolicy: 'network-only',
    preferGetMethod: false,
    exchanges: [cacheExchange, persistedExchange(options), fetchExchange],
  });
}

async function dataOf<Data>(answering: PromiseLike<{ data?: Data; error?: CombinedError }>): Promise<Data> {
  const { data, error } = await answering;
  if (error || !data) throw error ?? new Error('nothing was answered');
  return data;
}

describe('automatic persisted queries, with the default limits,', () => {
  beforeAll(() => open());
  afterAll(() => app.close());

  it.each([true, false])('work with Apollo Client, GET for hashes: %s', async (useGETForHashedQueries) => {
    const query = apolloGql(`query Apollo${useGETForHashedQueries} { viewer { id } }`);
    const read = () => apollo({ sha256, useGETForHashedQueries }).query({ query });
    expect((await read()).data).toMatchObject({ viewer: { id: expect.stringMatching(/^viewer_/) } });
    const asked = useGETForHashedQueries ? 'GET' : 'POST';
    expect(requests.map(({ method, status }) => [method, status])).toEqual([
      [asked, 200],
      ['POST', 200],
    ]);
    requests = [];
    await read();
    expect(requests).toMatchObject([{ method: asked, status: 200, sent: expect.not.stringContaining('{ id }') }]);
  });

  it('carry mutations of Apollo Client by POST', async () => {
    const client = apollo({ sha256, useGETForHashedQueries: true });
    const mutation = apolloGql(documents.LIKE);
    const { data } = await client.mutate({ mutation, variables: { input: { postId, liked: true } } });
    expect(data).toMatchObject({ setPostLiked: { post: { viewerHasLiked: true } } });
    expect(requests.every(({ method }) => method === 'POST')).toBe(true);
  });

  it.each([true, false])('work with urql, GET for hashes: %s', async (preferGet) => {
    const query = gql<documents.Feed>(documents.FEED.replace('Feed', `Urql${preferGet}`));
    const read = () => dataOf(urql({ preferGetForPersistedQueries: preferGet }).query(query, { first: 5 }));
    expect(documents.idsOf((await read()).viewer?.feed)).toEqual([postId]);
    requests = [];
    await read();
    const method = preferGet ? 'GET' : 'POST';
    expect(requests).toMatchObject([{ method, status: 200, sent: expect.not.stringContaining('pageInfo') }]);
  });
});

describe('registered documents and no others, with the default limits,', () => {
  afterEach(() => app.close());

  it("are run for Apollo Client by the ids of Apollo's manifest", async () => {
    const query = apolloGql(documents.FEED);
    const body = documents.FEED.trim();
    const operations = [{ id: sha256(body), name: 'Feed', type: 'query', body }];
    const listed = { format: 'apollo-persisted-query-manifest', version: 1, operations };
    await open(manifest('apollo.json', listed));
    const ids = generatePersistedQueryIdsFromManifest({ loadManifest: () => ({ operations }) });
    const { data } = await apollo(ids as PersistedOptions).query({ query, variables: { first: 5 } });
    expect(data).toMatchObject({ viewer: { feed: { edges: [] } } });
    expect(requests).toMatchObject([{ method: 'POST', status: 200, sent: expect.not.stringContaining('pageInfo') }]);
    await expect(apollo({ sha256 }).query({ query: apolloGql('{ viewer { id } }') })).rejects.toThrow(/registered/);
  });

  it('are run for urql by their SHA-256', async () => {
    const query = gql<documents.Feed>(documents.FEED);
    let sent = '';
    const generateHash = async (text: string) => {
      sent = text;
      return sha256(text);
    };
    // urql prints documents in its own way; a build step would register that text.
    await open();
    await urql({ generateHash, preferGetForPersistedQueries: false }).query(query, { first: 1 });
    await app.close();
    await open(manifest('urql.json', [sent]));
    requests = [];
    const options = { enforcePersistedQueries: true, enableForMutation: true, generateHash };
    const { viewer } = await dataOf(urql(options).query(query, { first: 5 }));
    expect(viewer?.feed.edges).toEqual([]);
    expect(requests).toMatchObject([{ method: 'GET', status: 200, sent: expect.not.stringContaining('pageInfo') }]);
    const other = await urql(options).query(gql('{ viewer { id } }'), {});
    expect(other.error?.graphQLErrors[0]?.extensions['code']).toBe('DOCUMENT_NOT_REGISTERED');
  });

  it.each(['id', 'doc_id', 'documentId'])('are run for relay-runtime by the compiler’s %s', async (name) => {
    const sources = path.join(__dirname, 'relay');
    const schema = readFileSync(path.join(__dirname, '../../schema.graphql'), 'utf8');
    const files = Object.fromEntries(
      readdirSync(sources).map((file) => [file, readFileSync(path.join(sources, file), 'utf8')]),
    );
    const { operations, artifacts } = await compileRelay(schema, files);
    const id = /"id": "([0-9a-f]{64})"/.exec(artifacts.get('FeedQuery') ?? '')?.[1] ?? '';
    const persisted = Object.fromEntries([...operations.values()].map((text) => [sha256(text), text]));
    expect(persisted).toHaveProperty(id);
    await open(manifest('persisted.json', persisted));
    const fetchQuery = async (params: RequestParameters, variables: object): Promise<GraphQLResponse> => {
      const body = JSON.stringify({ [name]: params.id, query: params.text, variables });
      const headers = { ...credentials(), 'content-type': 'application/json' };
      return (
        await watchedFetch(`${app.url}/graphql`, { method: 'POST', headers, body })
      ).json() as Promise<GraphQLResponse>;
    };
    const environment = new Environment({ network: Network.create(fetchQuery), store: new Store(new RecordSource()) });
    const params = { id, text: null, name: 'FeedQuery', operationKind: 'query', metadata: {}, cacheID: id } as const;
    const answer = await environment
      .getNetwork()
      .execute(params as never, { count: 5, first: 5 }, { force: true }, null)
      .toPromise();
    expect(answer).toMatchObject({ data: { viewer: { id: expect.any(String) } } });
    expect(requests).toMatchObject([{ status: 200, sent: expect.not.stringContaining('viewer') }]);
  });
});
