import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { systemClock } from '../../src/kernel/clock';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { type Person, startTestApp, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import {
  COMMENT_ADDED,
  countReaders,
  followComments,
  type ReaderCount,
  socketUrl,
  TRANSPORTS,
} from '../support/comment-stream';
import { eventually } from '../support/interleaving';
import { comment, documentOf, publish } from '../support/verbs';

/** What a socket was told last. */
interface Closing {
  readonly code: number;
  readonly reason: string;
}

let app: TestApp;
let ada: Person;
let postId: string;
let listeners: ReaderCount;

beforeAll(async () => {
  listeners = countReaders();
  app = await startTestApp();
  ada = await app.person('ada');
  postId = await publish(app, ada);
});
afterAll(() => app.close());

/** A token of Ada's session that ends in so many seconds. */
async function tokenFor(lifetimeSeconds: number): Promise<Person> {
  const tokens = await AccessTokens.create({
    signingKeyPem: TEST_SIGNING_KEY,
    issuer: 'http://localhost',
    lifetimeSeconds,
    clock: systemClock,
  });
  const { rows } = await app.sql.query('SELECT id FROM sessions WHERE user_id = $1', [ada.uuid]);
  return { ...ada, token: await tokens.issue({ userId: ada.uuid, sessionId: rows[0].id }) };
}

/** Opens a socket by the protocol's own words, below any client library. */
function openSocket(to: TestApp, init: object = {}) {
  const socket = new WebSocket(socketUrl(to), 'graphql-transport-ws');
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: init })));
  const closed = new Promise<Closing>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  return { socket, messages, closed };
}

describe('a socket', () => {
  it('signs in by connection_init and runs queries, mutations and subscriptions', async () => {
    const client = createClient({
      url: socketUrl(app),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${ada.token}` },
    });
    const query = client.iterate({ query: '{ viewer { user { handle } } }' });
    expect((await query.next()).value).toEqual({ data: { viewer: { user: { handle: 'ada' } } } });
    const input = { postId, text: 'By socket' };
    const added = client.iterate({ query: documentOf('addComment'), variables: { input } });
    expect((await added.next()).value).toMatchObject({ data: { addComment: { userErrors: [] } } });
    await client.dispose();
  });

  it('may stay anonymous', async () => {
    const client = createClient({ url: socketUrl(app), webSocketImpl: WebSocket, retryAttempts: 0 });
    expect((await client.iterate({ query: '{ viewer { id } }' }).next()).value).toEqual({ data: { viewer: null } });
    await client.dispose();
  });

  it.each([
    ['no token', 'Bearer not-a-token'],
    ['no bearer token', 'Basic YWRhOmFkYQ=='],
    ['an empty one', ''],
  ])('with %s is closed with 4403', async (_, authorization) => {
    const { closed, messages } = openSocket(app, { authorization });
    expect((await closed).code).toBe(4403);
    expect(messages).toEqual([]);
  });

  it('with a token that has ended is closed with 4403', async () => {
    const { token } = await tokenFor(-1);
    const { closed } = openSocket(app, { authorization: `Bearer ${token}` });
    expect(await closed).toMatchObject({ code: 4403, reason: expect.stringContaining('ended') });
  });

  it('is closed with 4403 when its token ends, and nobody listens for it any more', async () => {
    await eventually('nobody listens', () => listeners.active === 0);
    const { token } = await tokenFor(2);
    const { socket, messages, closed } = openSocket(app, { authorization: `Bearer ${token}` });
    await eventually('it is acknowledged', () => messages.some(({ type }) => type === 'connection_ack'));
    socket.send(subscribeMessage('1', COMMENT_ADDED, { postId }));
    await eventually('it listens', () => listeners.active === 1);
    expect((await closed).code).toBe(4403);
    await eventually('nobody listens any more', () => listeners.active === 0);
  });

  it.each([
    ['was refused', 'not-a-token'],
    ['has ended', null],
  ])('whose token %s runs nothing that a client sends all the same', async (_, bad) => {
    const token = bad ?? (await tokenFor(2)).token;
    const { socket, closed } = openSocket(app, { authorization: `Bearer ${token}` });
    // A stubborn client: told to close, it does not confirm, and goes on sending.
    const told = new Promise<void>((resolve) => {
      socket.close = () => resolve();
    });
    await told;
    const lines = app.log.length;
    socket.send(subscribeMessage('1', 'query Sneaked { viewer { id } }'));
    WebSocket.prototype.close.call(socket);
    await closed;
    expect(app.log.slice(lines).filter((line) => line['operation'] === 'Sneaked')).toEqual([]);
  });

  it.each([
    ['that do not follow the protocol', 'not JSON', 4400],
    ['before connection_init', subscribeMessage('1', '{ viewer { id } }'), 4401],
  ])('is closed on messages %s', async (_, message, code) => {
    const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws');
    socket.on('open', () => socket.send(message));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(code);
  });
});

describe('an event stream', () => {
  it('with a bad token is refused', async () => {
    const response = await stream(app, '{ viewer { id } }', {}, { ...ada, token: 'bad' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  it('ends when its token does', async () => {
    const short = await tokenFor(2);
    const comments = followComments(app, 'sse', short, { postId });
    const before = listeners.total;
    await eventually('it listens', () => listeners.total > before);
    await comments.ended;
    await eventually('nobody listens any more', () => listeners.active === 0);
  });

  it('by GET reads and follows, but writes nothing', async () => {
    const query = `mutation { createPost(input: { text: "By GET" }) { replayed } }`;
    const url = `${app.url}/graphql/stream?query=${encodeURIComponent(query)}`;
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${ada.token}` };
    expect((await fetch(url, { headers })).status).toBe(405);
    const { rows } = await app.sql.query(`SELECT count(*)::int AS posts FROM posts WHERE text = 'By GET'`);
    expect(rows[0].posts).toBe(0);
  });
});

describe('errors', () => {
  const CASES: [string, string, object][] = [
    ['a syntax error', '{ viewer {', {}],
    ['an unknown field', '{ viewer { nothing } }', {}],
    ['a missing argument', '{ post { id } }', {}],
    ['no document', '', {}],
    [
      'a variable of the wrong type',
      'query Q($first: Int!) { viewer { feed(first: $first) { nodes { id } } } }',
      { first: 'x' },
    ],
    ['a missing variable', 'query Q($id: ID!) { post(id: $id) { id } }', {}],
    ['a NUL in a variable', 'query Q($id: ID!) { post(id: $id) { id } }', { id: 'a\0b' }],
    ['an argument out of bounds', '{ userByHandle(handle: "ada") { posts(first: 0) { nodes { id } } } }', {}],
    ['a foreign cursor', '{ userByHandle(handle: "ada") { posts(after: "x") { nodes { id } } } }', {}],
    ['a mutation without a viewer', 'mutation { createPost(input: { text: "Hi" }) { replayed } }', {}],
    ['too many tokens', `{ ${'viewer { id } '.repeat(1_000)} }`, {}],
  ];

  it.each(CASES)('have one code over every transport: %s', async (_, query, variables) => {
    const overHttp = codesOf((await app.query(query, variables)).errors);
    expect(overHttp).toHaveLength(1);
    expect(overHttp[0]).not.toBe('INTERNAL');
    expect(await codesOverSocket(query, variables)).toEqual(overHttp);
    expect(await codesOverStream(query, variables)).toEqual(overHttp);
  });
});

describe('a service that closes', () => {
  it('tells its sockets to come again, ends its event streams, and does not wait for either', async () => {
    // Were the streams not ended, closing would take longer than a test may.
    const closing = await startTestApp({ env: { SHUTDOWN_TIMEOUT_MS: '600000' } });
    const bob = await closing.person('bob');
    const post = await publish(closing, bob);
    const { cursor } = await comment(closing, bob, post);
    const sockets = [openSocket(closing), openSocket(closing, { authorization: `Bearer ${bob.token}` })];
    const before = listeners.total;
    const streams = TRANSPORTS.flatMap((transport) =>
      [null, bob].map((as) => followComments(closing, transport, as, { postId: post, after: cursor })),
    );
    await eventually('all streams listen', () => listeners.total === before + streams.length);
    await eventually('all sockets are open', () => sockets.every(({ messages }) => messages.length > 0));
    await closing.close();
    expect((await Promise.all(sockets.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([1012, 1012]);
    await Promise.all(streams.map(({ ended }) => ended));
    await eventually('nobody listens any more', () => listeners.active === 0);
  });
});

function subscribeMessage(id: string, query: string, variables: object = {}): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query, variables } });
}

function stream(to: TestApp, query: string, variables: object, as: Person | null = null): Promise<Response> {
  return fetch(`${to.url}/graphql/stream`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(as && { authorization: `Bearer ${as.token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
}

async function codesOverSocket(query: string, variables: object): Promise<string[]> {
  const { socket, messages } = openSocket(app);
  await eventually('the socket is acknowledged', () => messages.length > 0);
  socket.send(subscribeMessage('1', query, variables));
  const answer = await eventually('the socket answers', () => messages.find(({ id }) => id === '1'));
  socket.close();
  // Refusals come as a message of their own, failures of execution within a result.
  const errors = answer.type === 'error' ? answer.payload : (answer.payload as { errors?: unknown }).errors;
  return codesOf(errors);
}

async function codesOverStream(query: string, variables: object): Promise<string[]> {
  const text = await (await stream(app, query, variables)).text();
  // Before there is a stream, errors come as a plain answer.
  const data = /^data: (.*)$/m.exec(text)?.[1] ?? text;
  return codesOf(JSON.parse(data).errors);
}

function codesOf(errors: unknown): string[] {
  return (errors as { extensions?: { code?: string } }[]).map((error) => error.extensions?.code ?? 'NONE');
}
