import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { countReaders, followComments, type ReaderCount } from '../support/comment-stream';
import { TRANSPORTS } from '../support/event-stream';
import { eventually, pick, seeded, together } from '../support/interleaving';
import { followMessages, type MessageStream } from '../support/message-stream';
import { acquaint, add, answer, friends, leave, readMessages, send, start } from '../support/messaging';
import { block } from '../support/social';
import { comment, crowd, publish, remove } from '../support/verbs';

const WRITES = 60;
const READERS = 6;

let app: TestApp;
let ada: Person;
let bob: Person;
let cat: Person;
let readers: ReaderCount;
const streams: MessageStream[] = [];

beforeAll(async () => {
  readers = countReaders();
  // Only rings may wake a stream here, but for what does not ring: a lost one fails the test.
  app = await startTestApp({ env: { LIVE_POLL_MS: '600000' } });
});
beforeEach(async () => {
  [ada, bob, cat] = await friends(app);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.stop();
});
afterAll(() => app.close());

const textsOf = (events: readonly { node: { text: string } }[]) => events.map(({ node }) => node.text);

describe.each(TRANSPORTS)('messageAdded over %s', (transport) => {
  const follow = (as: Person | null, conversationId: string, after: string | null = null): MessageStream => {
    const stream = followMessages(app, transport, as, conversationId, after);
    streams.push(stream);
    return stream;
  };
  /** A stream from now on that the server is known to have opened. */
  const followNow = async (as: Person, conversationId: string) => {
    const before = readers.total;
    const stream = follow(as, conversationId);
    await eventually('the stream listens', () => readers.total > before);
    return stream;
  };

  it('brings what stands behind a cursor, and then each new message, as things are then', async () => {
    const id = await start(app, ada, [bob]);
    const { cursor } = await send(app, ada, id, 'Read');
    await send(app, ada, id, 'Missed');
    const stream = follow(bob, id, cursor);
    expect(textsOf(await stream.first(1))).toEqual(['Missed']);
    for (const text of ['New', 'Newer']) {
      await send(app, ada, id, text);
      await stream.first(stream.added.length);
    }
    const events = await stream.first(3);
    expect(textsOf(events)).toEqual(['Missed', 'New', 'Newer']);
    const page = await readMessages(app, bob, id);
    expect(events.map((event) => event.cursor)).toEqual(page?.edges.slice(1).map((edge) => edge.cursor));
  });

  it('continues behind the last event after a lost connection', async () => {
    const id = await start(app, ada, [bob]);
    await send(app, ada, id, 'Before');
    const first = await followNow(bob, id);
    await send(app, ada, id, 'One');
    const [last] = await first.first(1);
    first.stop();
    await send(app, ada, id, 'Two');
    const second = follow(bob, id, last?.cursor);
    await send(app, bob, id, 'Three');
    expect(textsOf([...first.added, ...(await second.first(2))])).toEqual(['One', 'Two', 'Three']);
  });

  it('loses and repeats nothing while people write and readers join with the cursor of a query', async () => {
    const writers = [ada, ...(await crowd(app, `${ada.handle}_writer`, 4))];
    await acquaint(app, ...writers.slice(1));
    const id = await start(app, ada, writers.slice(1));
    const random = seeded(20_261_122);
    const joinAt = new Set(Array.from({ length: READERS }, () => Math.floor(random() * WRITES)));
    const joined: Promise<{ seen: number[]; stream: MessageStream }>[] = [];
    const join = async () => {
      const reader = pick(random, writers);
      const page = await readMessages(app, reader, id, { last: 5 });
      const stream = follow(reader, id, page?.pageInfo.endCursor);
      return { seen: page?.nodes.map(({ seq }) => seq) ?? [], stream };
    };
    await together(writers.length, WRITES, (index) => {
      if (joinAt.has(index)) joined.push(join());
      return send(app, pick(random, writers), id, `Message ${index}`);
    });
    for (const { seen, stream } of await Promise.all(joined)) {
      const missing = WRITES - (seen.at(-1) ?? 0);
      const seqs = [...seen, ...(await stream.first(missing)).map(({ node }) => node.seq)];
      expect(seqs).toEqual(seqs.map((_, i) => WRITES - seqs.length + 1 + i));
    }
  });

  it('goes on from an empty list, and so do comments', async () => {
    const id = await start(app, ada, [bob]);
    const page = await readMessages(app, bob, id, { last: 20 });
    expect(page).toMatchObject({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null },
    });
    const postId = await publish(app, ada);
    const list = 'query C($id: ID!) { post(id: $id) { comments { pageInfo { endCursor } } } }';
    const { comments } = (await app.ok(list, { id: postId }, bob)).post;
    await send(app, ada, id, 'The first');
    await comment(app, ada, postId, 'The first');
    const stream = follow(bob, id, page?.pageInfo.endCursor);
    expect(textsOf(await stream.first(1))).toEqual(['The first']);
    const under = followComments(app, transport, bob, { postId, after: comments.pageInfo.endCursor });
    expect((await under.first(1))[0]?.node.text).toBe('The first');
    under.stop();
    const behind = await readMessages(app, bob, id, { first: 5, after: page?.pageInfo.endCursor ?? null });
    expect(behind).toMatchObject({ nodes: [{ text: 'The first' }], pageInfo: { hasPreviousPage: false } });
  });

  it('leaves out what the viewer may not read, and shows what is deleted as such', async () => {
    const dan = await app.person(`${ada.handle}_dan`);
    await acquaint(app, dan);
    const id = await start(app, ada, [bob, cat]);
    const { cursor } = await send(app, ada, id, 'Long ago');
    const gone = await send(app, ada, id, 'Deleted');
    await send(app, cat, id, 'Rude');
    await remove(app, ada, gone.id);
    await block(app, bob, cat);
    await add(app, ada, id, dan);
    await answer(app, dan, id, true);
    const [stream, late] = [follow(bob, id, cursor), follow(dan, id, cursor)];
    await send(app, cat, id, 'Rude again');
    await send(app, ada, id, 'Kind');
    expect(textsOf(await stream.first(2))).toEqual(['', 'Kind']);
    expect(textsOf(await late.first(2))).toEqual(['Rude again', 'Kind']);
  });

  it('ends at once for who leaves, and goes on for the others', async () => {
    const id = await start(app, ada, [bob, cat]);
    const [leaver, stayer] = [await followNow(bob, id), await followNow(cat, id)];
    await leave(app, bob, id);
    expect(await leaver.ended).toBeNull();
    await send(app, ada, id, 'Without bob');
    expect(textsOf(await stayer.first(1))).toEqual(['Without bob']);
    expect(leaver.added).toEqual([]);
  });

  it('ends when a block comes to stand between the two, without another message', async () => {
    const id = await start(app, ada, [bob]);
    const stream = await followNow(bob, id);
    await block(app, ada, bob);
    expect(await stream.ended).toBeNull();
    expect((await follow(bob, id).ended)?.codes).toEqual(['NOT_FOUND']);
  });

  it('is refused alike for a conversation of others and for none', async () => {
    const others = await start(app, ada, [bob]);
    const left = await start(app, ada, [bob, cat]);
    await leave(app, cat, left);
    const refusals = await Promise.all(
      [encodeId('conversation', newId()), others, left].map((id) => follow(cat, id).ended),
    );
    expect(refusals[0]?.codes).toEqual(['NOT_FOUND']);
    expect(new Set(refusals.map((refusal) => refusal?.text)).size).toBe(1);
    expect((await follow(null, others).ended)?.codes).toEqual(['UNAUTHENTICATED']);
  });

  it('takes cursors of its own list only, and none from beyond its end', async () => {
    const [id, other] = [await start(app, ada, [bob]), await start(app, ada, [cat])];
    const { cursor } = await send(app, ada, id);
    const elsewhere = await send(app, ada, other);
    await app.sql.query('UPDATE conversations SET last_seq = 0');
    for (const after of [elsewhere.cursor, cursor, cursor.slice(0, -2), '']) {
      expect((await follow(bob, id, after).ended)?.codes).toEqual(['BAD_USER_INPUT']);
    }
    expect((await follow(bob, ada.id).ended)?.codes).toEqual(['BAD_USER_INPUT']);
  });

  it('leaves nothing behind, however a client goes', async () => {
    const id = await start(app, ada, [bob]);
    const live = await Promise.all([0, 1, 2].map(() => followNow(bob, id)));
    for (const stream of live) stream.stop();
    await eventually('nobody listens any more', () => readers.active === 0);
    expect(app.log.filter((line) => Number(line['level']) >= 50)).toEqual([]);
  });
});
