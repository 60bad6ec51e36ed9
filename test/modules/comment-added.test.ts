import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import {
  type CommentStream,
  type CommentStreamOptions,
  countReaders,
  followComments,
  type ReaderCount,
  TRANSPORTS,
} from '../support/comment-stream';
import { eventually, type Gate, gateInserts, pick, seeded, together } from '../support/interleaving';
import { type List, listsOf, pagesOf, readPage } from '../support/lists';
import { comment, crowd, mutate, people, publish, relate, remove } from '../support/verbs';

const LOG_LEVEL_ERROR = 50;
const WRITERS = 8;
const WRITES = 80;
const SUBSCRIBERS = 8;

let app: TestApp;
let gate: Gate;
let ada: Person;
let bob: Person;
let writers: Person[];
let listeners: ReaderCount;
const streams: CommentStream[] = [];

beforeAll(async () => {
  listeners = countReaders();
  // Only rings may wake a stream here: a lost one fails the test.
  app = await startTestApp({ env: { LIVE_POLL_MS: '600000' } });
  gate = await gateInserts(app.sql, 'comments');
  ({ ada, bob } = await people(app, 'ada', 'bob'));
  writers = await crowd(app, 'writer', WRITERS);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.stop();
});
afterAll(() => app.close());

const textsOf = (events: readonly { node: { text: string } }[]) => events.map(({ node }) => node.text);

function commentsOf(postId: string, order = 'OLDEST'): List {
  return listsOf(ada, postId).find(({ name }) => name === `comments ${order}`) as List;
}

/** Every comment under a post as the list shows it: id and cursor. */
async function wholeThread(postId: string) {
  const edges = [];
  for await (const page of pagesOf(app, commentsOf(postId), 100)) edges.push(...page.edges);
  return edges.map(({ cursor, node }) => ({ cursor, id: node.id }));
}

describe.each(TRANSPORTS)('commentAdded over %s', (transport) => {
  const follow = (as: Person | null, options: CommentStreamOptions): CommentStream => {
    const stream = followComments(app, transport, as, options);
    streams.push(stream);
    return stream;
  };
  /** A stream from now on that the server is known to have opened. */
  const followNow = async (as: Person | null, postId: string) => {
    const before = listeners.total;
    const stream = follow(as, { postId });
    await eventually('the stream listens', () => listeners.total > before);
    return stream;
  };

  it('brings what stands behind a cursor, and then each new comment', async () => {
    const postId = await publish(app, ada);
    const { cursor } = await comment(app, bob, postId, 'Read');
    await comment(app, bob, postId, 'Missed');
    const stream = follow(null, { postId, after: cursor });
    expect(textsOf(await stream.first(1))).toEqual(['Missed']);
    for (const text of ['New', 'Newer']) await comment(app, bob, postId, text);
    const events = await stream.first(3);
    expect(textsOf(events)).toEqual(['Missed', 'New', 'Newer']);
    const thread = await wholeThread(postId);
    expect(events.map(({ cursor: at, node }) => ({ cursor: at, id: node.id }))).toEqual(thread.slice(1));
  });

  it('begins now when there is no cursor', async () => {
    const postId = await publish(app, ada);
    await comment(app, bob, postId, 'Before');
    const stream = await followNow(bob, postId);
    await comment(app, bob, postId, 'After');
    expect(textsOf(await stream.first(1))).toEqual(['After']);
  });

  it('continues behind the last event after a lost connection', async () => {
    const postId = await publish(app, ada);
    const first = await followNow(bob, postId);
    await comment(app, ada, postId, 'One');
    const [last] = await first.first(1);
    first.stop();
    await comment(app, ada, postId, 'Two');
    const second = follow(bob, { postId, after: last?.cursor ?? null });
    await comment(app, ada, postId, 'Three');
    expect(textsOf(await second.first(2))).toEqual(['Two', 'Three']);
  });

  it('loses and repeats nothing while eight write and readers join with the cursor of a query', async () => {
    const postId = await publish(app, ada);
    const random = seeded(20_260_105);
    const joinAt = new Set(Array.from({ length: SUBSCRIBERS }, () => Math.floor(random() * WRITES)));
    const joined: Promise<{ seen: string[]; stream: CommentStream }>[] = [];
    const join = async () => {
      const page = await readPage(app, commentsOf(postId), { first: 100 });
      const stream = follow(pick(random, [null, ada, bob]), { postId, after: page.pageInfo.endCursor });
      return { seen: page.edges.map(({ node }) => node.id), stream };
    };
    await comment(app, bob, postId, 'The first, so that every query has a cursor');
    await together(WRITERS, WRITES, (index) => {
      if (joinAt.has(index)) joined.push(join());
      return comment(app, pick(random, writers), postId, `Comment ${index}`);
    });
    const thread = (await wholeThread(postId)).map(({ id }) => id);
    expect(thread).toHaveLength(WRITES + 1);
    for (const { seen, stream } of await Promise.all(joined)) {
      const events = await stream.first(thread.length - seen.length);
      expect([...seen, ...events.map(({ node }) => node.id)]).toEqual(thread);
    }
  });

  it('waits for a comment that is slow to commit, so that none is overtaken', async () => {
    const postId = await publish(app, ada);
    const stream = await followNow(bob, postId);
    await gate.shut();
    const slow = comment(app, ada, postId, `${gate.mark}: the slow one`);
    await gate.waiting(1);
    const quick = comment(app, bob, postId, 'The quick one');
    // Numbers without the lock would let the quick one be read, and the position pass over the slow one.
    await Promise.race([quick.then(() => stream.first(1)), gate.waiting(2)]);
    await gate.open();
    await Promise.all([slow, quick]);
    expect(textsOf(await stream.first(2))).toEqual([`${gate.mark}: the slow one`, 'The quick one']);
  });

  it('shows each event as things are then', async () => {
    const postId = await publish(app, ada);
    const author = await app.person(`renamed_${transport}`, { name: 'Before' });
    const stream = await followNow(bob, postId);
    await comment(app, author, postId, 'One');
    await stream.first(1);
    await mutate(app, author, 'updateProfile', { name: 'After' });
    await comment(app, author, postId, 'Two');
    const events = await stream.first(2);
    expect(events.map(({ node }) => [node.author.name, node.post.commentCount])).toEqual([
      ['Before', 1],
      ['After', 2],
    ]);
  });

  it('leaves out deleted comments and those of people whom a block hides', async () => {
    const postId = await publish(app, ada);
    const { cursor } = await comment(app, ada, postId, 'Start');
    const reader = await app.person(`reader_${transport}`);
    const rude = await app.person(`rude_${transport}`);
    await remove(app, ada, (await comment(app, ada, postId, 'Deleted')).id);
    await comment(app, rude, postId, 'Rude');
    await relate(app, reader, rude, { blocking: true });
    const stream = follow(reader, { postId, after: cursor });
    await comment(app, rude, postId, 'Rude again');
    await comment(app, ada, postId, 'Kind');
    expect(textsOf(await stream.first(1))).toEqual(['Kind']);
  });

  it.each([
    ['becomes private', (postId: string) => mutate(app, ada, 'updatePost', { id: postId, audience: 'PRIVATE' })],
    ['is deleted', (postId: string) => remove(app, ada, postId)],
  ])('ends when the post %s', async (_, hide) => {
    const postId = await publish(app, ada);
    const stream = await followNow(bob, postId);
    await comment(app, ada, postId, 'Seen');
    await stream.first(1);
    await gate.shut();
    const underWay = mutate(app, ada, 'addComment', { postId, text: `${gate.mark}: too late` });
    await gate.waiting(1);
    await hide(postId);
    await gate.open();
    expect((await underWay).userErrors).toEqual([]);
    expect(await stream.ended).toBeNull();
    expect(textsOf(stream.added)).toEqual(['Seen']);
  });

  it('is refused alike for a post that is hidden, deleted or never was', async () => {
    const deleted = await publish(app, ada);
    await remove(app, ada, deleted);
    const unseen = [encodeId('post', newId()), await publish(app, ada, 'Mine', { audience: 'PRIVATE' }), deleted];
    const refusals = await Promise.all(unseen.map((postId) => follow(bob, { postId }).ended));
    expect(refusals[0]?.codes).toEqual(['NOT_FOUND']);
    expect(new Set(refusals.map((refusal) => refusal?.text)).size).toBe(1);
  });

  it('takes cursors of its own list only', async () => {
    const [postId, other] = [await publish(app, ada), await publish(app, ada)];
    const { cursor } = await comment(app, ada, postId);
    const elsewhere = await comment(app, ada, other);
    const newest = (await readPage(app, commentsOf(postId, 'NEWEST'), { first: 1 })).pageInfo.endCursor;
    for (const after of [elsewhere.cursor, newest, cursor.slice(0, -2), `${cursor}AA`, '']) {
      expect((await follow(bob, { postId, after }).ended)?.codes).toEqual(['BAD_USER_INPUT']);
    }
    expect((await follow(bob, { postId: ada.id }).ended)?.codes).toEqual(['BAD_USER_INPUT']);
  });

  it('leaves no listener behind, however and whenever a client goes', async () => {
    const postId = await publish(app, ada);
    for (const stream of streams.splice(0)) stream.stop();
    await eventually('streams of other tests are gone', () => listeners.active === 0);
    const early = Array.from({ length: 10 }, () => follow(bob, { postId }));
    await Promise.all(early.map((stream, i) => new Promise((done) => setTimeout(done, i)).then(() => stream.stop())));
    const live = await Promise.all([0, 1, 2].map(() => followNow(bob, postId)));
    await comment(app, ada, postId, 'Heard');
    await Promise.all(live.map((stream) => stream.first(1)));
    for (const stream of live) stream.stop();
    await eventually('nobody listens any more', () => listeners.active === 0);
    expect(app.log.filter((line) => Number(line['level']) >= LOG_LEVEL_ERROR)).toEqual([]);
  });
});
