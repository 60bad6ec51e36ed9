import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { TRANSPORTS, type Transport } from '../support/event-stream';
import { eventually } from '../support/interleaving';
import { openRawSocket } from '../support/raw-socket';
import { publish } from '../support/verbs';

const EVENTS = 800;
const TEXT_LENGTH = 2_000;
/** The text many times over: together the events are more than what two kernels hold for a connection. */
const TEXTS = Array.from({ length: 12 }, (_, i) => `t${i}: text`).join(' ');
const FOLLOW = `subscription Slow($postId: ID!, $after: String) {
  commentAdded(postId: $postId, after: $after) { cursor node { id ${TEXTS} } }
}`;
const PING_MS = 2_000;

interface Received {
  readonly cursor: string;
  readonly node: { readonly id: string };
}

let app: TestApp;
let ada: Person;
let postId: string;
let beginning: string;

beforeAll(async () => {
  const env = { SOCKET_PING_INTERVAL_MS: String(PING_MS), DOCUMENT_COST_MAX: '5000' };
  app = await startTestApp({ env });
  ada = await app.person('ada');
  postId = await publish(app, ada);
  const page = '{ comments(first: 1) { pageInfo { endCursor } } }';
  const { post } = await app.ok(`query ($id: ID!) { post(id: $id) ${page} }`, { id: postId }, ada);
  beginning = post.comments.pageInfo.endCursor;
  await app.sql.query(
    `WITH p AS (SELECT id, author_id FROM posts),
       t AS (INSERT INTO comment_threads (post_id, last_seq, comment_count) SELECT id, $1, $1 FROM p)
     INSERT INTO comments (id, post_id, author_id, seq, text, created_at, updated_at)
       SELECT i.id, p.id, p.author_id, i.n, repeat('x', $2), now(), now()
       FROM p, unnest($3::uuid[]) WITH ORDINALITY AS i(id, n)`,
    [EVENTS, TEXT_LENGTH, Array.from({ length: EVENTS }, () => newId())],
  );
});
afterAll(() => app.close());

/** A subscription that begins behind `after`; everything it is sent, once it has read again and the service has ended it. */
interface SlowReader {
  /** Stops reading, for good. */
  stall(): void;
  /** Reads what was on its way. */
  drain(): Promise<Received[]>;
}

async function openSocket(after: string): Promise<SlowReader> {
  const { socket, messages, closed, subscribe } = await openRawSocket(app, ada.token);
  subscribe('1', FOLLOW, { postId, after });
  return {
    stall: () => socket.pause(),
    async drain() {
      socket.resume();
      await closed;
      return messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.commentAdded);
    },
  };
}

async function openEventStream(after: string): Promise<SlowReader> {
  const query = new URLSearchParams({ query: FOLLOW, variables: JSON.stringify({ postId, after }) });
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${ada.token}` };
  const request = http.get(`${app.url}/graphql/stream?${query}`, { headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  const over = new Promise((resolve) => response.once('close', resolve));
  let text = '';
  return {
    // Nobody listens for data yet, so nothing is read.
    stall: () => {},
    async drain() {
      response.setEncoding('utf8').on('data', (some) => {
        text += some;
      });
      await over;
      const whole = text.slice(0, text.lastIndexOf('\n\n')).split('\n\n');
      return whole.flatMap((event) => {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        return data && event.includes('event: next') ? [JSON.parse(data).data.commentAdded] : [];
      });
    },
  };
}

const open: Record<Transport, (after: string) => Promise<SlowReader>> = {
  websocket: openSocket,
  sse: openEventStream,
};

/** How many events each subscription that has ended was handed. */
const handedOut = (): number[] =>
  app.log
    .filter((line) => line.msg === 'operation' && line['operation'] === 'Slow')
    .map((line) => Number(line['events']));

describe.each(TRANSPORTS)('a client that stops reading, over %s', (transport) => {
  it('has its events read no further than it takes them, is cut, and goes on where it was', async () => {
    app.log.length = 0;
    const slow = await open[transport](beginning);
    slow.stall();
    await eventually('the service has cut it', () => handedOut().length === 1);
    const [handed = EVENTS] = handedOut();
    expect(handed).toBeLessThan(EVENTS);
    const received = await slow.drain();
    expect(received.length).toBeLessThanOrEqual(handed);

    const after = received.at(-1)?.cursor ?? beginning;
    const { messages, subscribe, socket } = await openRawSocket(app, ada.token);
    subscribe('1', FOLLOW, { postId, after });
    const rest = () => messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.commentAdded);
    await eventually('the rest has come', () => received.length + rest().length >= EVENTS);
    socket.terminate();
    await eventually('the service has noted the end of that one, too', () => handedOut().length === 2);
    const ids = [...received, ...rest()].map(({ node }) => node.id);
    const { rows } = await app.sql.query(`SELECT count(*)::int AS n FROM comments`);
    expect(new Set(ids).size).toBe(rows[0].n);
    expect(ids).toEqual([...ids].sort());
  });
});
