import { createHash } from 'node:crypto';
import { EventSource } from 'eventsource';
import { decodeId } from '../../src/kernel/ids';
import { layLine } from '../clients/line';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { COMMENT_ADDED, countReaders, followComments, type ReaderCount } from '../support/comment-stream';
import { eventually } from '../support/interleaving';
import { comment, publish } from '../support/verbs';

const STREAM = `subscription ($after: Cursor) {
  stream(after: $after) { __typename ... on NodeUpserted { cursor node { id } } }
}`;
const SCOPE = 'FEED';
const BUDGET = 1_000_000;

let app: TestApp;
let ada: Person;
let postId: string;
let readers: ReaderCount;

beforeAll(async () => {
  readers = countReaders();
  app = await startTestApp({
    env: { BUDGET_CAPACITY: `${BUDGET}`, SOCKET_PING_INTERVAL_MS: '300', LIVE_POLL_MS: '100' },
  });
  ada = await app.person('ada');
  postId = await publish(app, ada);
});
afterAll(() => app.close());

interface Told {
  readonly data: string;
  readonly lastEventId: string;
}

/** An EventSource as browsers have it, which comes back by itself with the id of the last event. */
function listen(url: string, query: string, variables: object, as: Person | null = null) {
  const source = new EventSource(
    `${url}/graphql/stream?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`,
    {
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...init.headers, ...(as && { authorization: `Bearer ${as.token}` }) } }),
    },
  );
  const told: Told[] = [];
  source.addEventListener('next', ({ data, lastEventId }) => told.push({ data, lastEventId }));
  return { source, told };
}

/** A change of a post as a write would log it. */
async function logChange(of: Person, postId: string): Promise<void> {
  await app.sql.query(
    `WITH stream AS (
       INSERT INTO change_streams AS s (viewer_id, last_seq) VALUES ($1, 1)
       ON CONFLICT (viewer_id) DO UPDATE SET last_seq = s.last_seq + 1 RETURNING last_seq)
     INSERT INTO change_entries (viewer_id, seq, scope, kind, node_id, deleted, created_at)
     SELECT $1, last_seq, $2, 'post', $3, false, now() FROM stream`,
    [of.uuid, SCOPE, decodeId(postId)?.uuid],
  );
}

const ask = (path: string, init: RequestInit = {}, to = app) => fetch(`${to.url}${path}`, init);
const asking = (query: string) => `/graphql/stream?${new URLSearchParams({ query })}`;
const ACCEPT = { accept: 'text/event-stream' };
const post = (body: unknown, headers: object = {}) => ({
  method: 'POST',
  headers: { ...ACCEPT, 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

describe('an EventSource', () => {
  it('whose line is cut again and again misses no comment and shows none twice', async () => {
    const line = await layLine(app.url);
    const { cursor } = await comment(app, ada, postId, 'Start');
    const { source, told } = listen(line.url, COMMENT_ADDED, { postId, after: cursor });
    const texts = Array.from({ length: 12 }, (_, i) => `Comment ${i}`);
    for (const [index, text] of texts.entries()) {
      await comment(app, ada, postId, text);
      if (index === 3) await eventually('some have come', () => told.length >= 2);
      // The second time while it is away.
      if (index === 3 || index === 7) line.cut();
    }
    await eventually('all have come', () => told.length >= texts.length);
    expect(told.map(({ data }) => JSON.parse(data).data.commentAdded.node.text)).toEqual(texts);
    for (const { data, lastEventId } of told) expect(lastEventId).toBe(JSON.parse(data).data.commentAdded.cursor);
    expect(line.connections).toBeGreaterThan(1);
    source.close();
    await line.close();
  });

  it('goes on in the stream of changes where it was cut', async () => {
    const line = await layLine(app.url);
    const posts = await Promise.all(['One', 'Two', 'Three', 'Four'].map((text) => publish(app, ada, text)));
    const { source, told } = listen(line.url, STREAM, {}, ada);
    await eventually('it has begun', () => told.length > 0);
    const events = () => told.map(({ data }) => JSON.parse(data).data.stream);
    const upserted = () => events().flatMap(({ node }) => (node ? [node.id] : []));
    for (const [index, id] of posts.entries()) {
      await logChange(ada, id);
      if (index === 0) await eventually('one has come', () => upserted().length === 1);
      // The second time while it is away.
      if (index < 2) line.cut();
    }
    await eventually('all have come', () => upserted().length >= posts.length);
    expect(upserted()).toEqual(posts);
    expect(events().filter(({ __typename }) => __typename === 'StreamReset')).toEqual([]);
    source.close();
    await line.close();
  });
});

describe('an event stream', () => {
  it('takes documents by their id alone, by POST and by GET', async () => {
    const query = '{ __typename }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const persisted = { extensions: { persistedQuery: { version: 1, sha256Hash } } };
    const unknown = await (await ask('/graphql/stream', post(persisted))).text();
    expect(unknown).toContain('PERSISTED_QUERY_NOT_FOUND');
    await ask('/graphql/stream', post({ query, ...persisted }));
    const expected = 'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n';
    expect(await (await ask('/graphql/stream', post(persisted))).text()).toBe(expected);
    const parameters = new URLSearchParams({ extensions: JSON.stringify(persisted.extensions) });
    expect(await (await ask(`/graphql/stream?${parameters}`, { headers: ACCEPT })).text()).toBe(expected);
  });

  it.each<[string, () => Promise<Response>, number, string]>([
    [
      'a bad token',
      () => ask(asking('{ __typename }'), { headers: { ...ACCEPT, authorization: 'Bearer x' } }),
      401,
      'UNAUTHENTICATED',
    ],
    [
      'no wish for events',
      () => ask(asking('{ __typename }'), { headers: { accept: 'application/json' } }),
      406,
      'BAD_REQUEST',
    ],
    [
      'the single connection mode',
      () => ask('/graphql/stream', post({ query: '{ __typename }' }, { 'x-graphql-event-stream-token': 'x' })),
      405,
      'METHOD_NOT_ALLOWED',
    ],
    [
      'a mutation by GET',
      () => ask(asking('mutation { signOut(input: {}) { replayed } }'), { headers: ACCEPT }),
      405,
      'METHOD_NOT_ALLOWED',
    ],
    [
      'a page of another origin',
      () => ask(asking('{ __typename }'), { headers: { ...ACCEPT, origin: 'https://evil.example.com' } }),
      403,
      'BAD_REQUEST',
    ],
    ['no document', () => ask('/graphql/stream', { headers: ACCEPT }), 400, 'BAD_REQUEST'],
    [
      'a text',
      () => ask('/graphql/stream', { ...post({}), headers: { ...ACCEPT, 'content-type': 'text/plain' } }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ])('is refused for %s, in the shape of every refusal', async (_, asked, status, code) => {
    const answer = await asked();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('json');
    expect(await answer.json()).toMatchObject({ errors: [{ message: expect.any(String), extensions: { code } }] });
  });

  it('runs and charges nothing for a mutation by GET', async () => {
    const eve = await app.person('eve');
    const headers = { ...ACCEPT, authorization: `Bearer ${eve.token}` };
    const answer = await ask(asking('mutation { createPost(input: { text: "By GET" }) { replayed } }'), { headers });
    expect(answer.status).toBe(405);
    const { rows } = await app.sql.query('SELECT count(*)::int AS posts FROM posts WHERE author_id = $1', [eve.uuid]);
    expect(rows[0].posts).toBe(0);
    const after = await fetch(`${app.url}/graphql`, {
      ...post({ query: '{ __typename }' }),
      headers: { ...headers, accept: '*/*', 'content-type': 'application/json' },
    });
    const { extensions } = (await after.json()) as { extensions: { cost: { remaining: number; actual: number } } };
    expect(extensions.cost.remaining + extensions.cost.actual).toBeGreaterThanOrEqual(BUDGET - 1);
  });

  it('sends comments while nothing happens', async () => {
    const answer = await ask(asking(`subscription { commentAdded(postId: "${postId}") { cursor } }`), {
      headers: ACCEPT,
    });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe(':\n\n');
    await reader?.cancel();
  });

  it('counts among the sockets of its address', async () => {
    const few = await startTestApp({ env: { SOCKETS_PER_ADDRESS: '2', JOBS_CONCURRENCY: '0' } });
    const bob = await few.person('bob');
    const post = await publish(few, bob);
    const streams = [
      followComments(few, 'sse', null, { postId: post }),
      followComments(few, 'websocket', null, { postId: post }),
    ];
    await eventually('both listen', () => readers.active === 2);
    const refused = await ask(asking('{ __typename }'), { headers: ACCEPT }, few);
    expect(refused.status).toBe(429);
    for (const stream of streams) stream.stop();
    await eventually(
      'there is room again',
      async () => (await ask(asking('{ __typename }'), { headers: ACCEPT }, few)).ok,
    );
    await few.close();
  });

  it('that ends with the process says when to come back', async () => {
    const ending = await startTestApp({ env: { JOBS_CONCURRENCY: '0' } });
    const bob = await ending.person('bob');
    const post = await publish(ending, bob);
    const answer = await ask(
      asking(`subscription { commentAdded(postId: "${post}") { cursor } }`),
      { headers: ACCEPT },
      ending,
    );
    const [text] = await Promise.all([answer.text(), ending.close()]);
    expect(text).toMatch(/^(:\n\n)*retry: \d+\n\n$/);
  });
});
