import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeId, newId } from '../../src/kernel/ids';
import { EngagementResolver } from '../../src/modules/reactions/engagement.resolver';
import { PostgresDatabase } from '../../src/platform/postgres/database';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { TRANSPORTS, type Transport } from '../support/comment-stream';
import { type EngagementStream, followEngagement } from '../support/engagement-stream';
import { report } from '../support/global-setup';
import { eventually, together } from '../support/interleaving';
import { block } from '../support/social';
import { comment, crowd, like, mutate, people, publish, remove } from '../support/verbs';

const FANS = 200;
const AT_ONCE = 25;
const SUBSCRIBERS = 50;
/** Longer than a subscriber rests between two messages. */
const RESTED_MS = 600;

let app: TestApp;
let ada: Person;
let bob: Person;
let eve: Person;
const streams: EngagementStream[] = [];

beforeAll(async () => {
  // Only rings may move the counters here: a lost one fails the test.
  app = await startTestApp({ env: { LIVE_POLL_MS: '600000' } });
  ({ ada, bob, eve } = await people(app, 'ada', 'bob', 'eve'));
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.stop();
  jest.restoreAllMocks();
});
afterAll(() => app.close());

function follow(as: Person | null, postId: string, transport: Transport = 'websocket'): EngagementStream {
  const stream = followEngagement(app, transport, as, postId);
  streams.push(stream);
  return stream;
}

const allSay = (all: readonly EngagementStream[], likes: number, comments: number) =>
  Promise.all(all.map((stream) => stream.says([likes, comments])));

/** How many posts and viewers each reading of counters asks about, from now on. */
function countReads(): number[] {
  const sizes: number[] = [];
  const { rows } = PostgresDatabase.prototype;
  jest.spyOn(PostgresDatabase.prototype, 'rows').mockImplementation(function (this: PostgresDatabase, statement) {
    if (statement.text.includes('"likeCount"')) sizes.push((statement.values[0] as unknown[]).length);
    return rows.call(this, statement) as Promise<never[]>;
  });
  return sizes;
}

/** The same numbers as the post itself has them. */
async function countsOf(postId: string, as: Person | null): Promise<[number, number]> {
  const { post } = await app.ok(
    'query Counts($id: ID!) { post(id: $id) { likeCount commentCount } }',
    { id: postId },
    as,
  );
  return [post.likeCount, post.commentCount];
}

describe('postEngagement', () => {
  it('begins with the counters as they are and counts likes and comments, both ways, over every transport', async () => {
    const postId = await publish(app, ada);
    await like(app, bob, postId);
    const { id } = await comment(app, bob, postId);
    const both = TRANSPORTS.map((transport) => follow(null, postId, transport));
    await allSay(both, 1, 1);
    await like(app, eve, postId);
    await allSay(both, 2, 1);
    await comment(app, eve, postId);
    await allSay(both, 2, 2);
    await like(app, bob, postId, false);
    await allSay(both, 1, 2);
    await remove(app, bob, id);
    await allSay(both, 1, 1);
    for (const { counts } of both) expect(counts).toHaveLength(5);
  });

  it('ends a burst of likes at the exact count, with at most two messages and two readings a second', async () => {
    const postId = await publish(app, ada);
    const fans = await crowd(app, 'fan', FANS);
    const reads = countReads();
    const early = [...TRANSPORTS.map((transport) => follow(bob, postId, transport)), follow(null, postId)];
    await allSay(early, 0, 0);
    const late: EngagementStream[] = [];
    await together(AT_ONCE, FANS, (index) => {
      if (index % 50 === 30) late.push(follow(eve, postId));
      return like(app, fans[index] as Person, postId);
    });
    await allSay([...early, ...late], FANS, 0);
    for (const stream of [...early, ...late]) {
      expect(stream.counts.length).toBeLessThanOrEqual(2 * stream.span() + 1);
    }
    // Whoever comes is told at once.
    const spans = [...early, ...late].map((stream) => stream.span());
    expect(reads.length).toBeLessThanOrEqual(2 * Math.max(...spans) + 1 + spans.length);
    expect(await countsOf(postId, bob)).toEqual([FANS, 0]);
  });

  it('says nothing when nothing differs', async () => {
    const postId = await publish(app, ada);
    await like(app, bob, postId);
    const stream = follow(null, postId);
    await stream.says([1, 0]);
    await like(app, bob, postId);
    await mutate(app, ada, 'updatePost', { id: postId, text: 'Edited' });
    await like(app, eve, postId);
    await stream.says([2, 0]);
    expect(stream.counts).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('counts for each viewer without those whom a block hides, as the post itself does', async () => {
    const postId = await publish(app, ada);
    const [viewer, rude, hurt] = [await app.person('viewer'), await app.person('rude'), await app.person('hurt')];
    await block(app, viewer, rude);
    await block(app, hurt, viewer);
    const [own, anonymous] = [follow(viewer, postId), follow(null, postId)];
    await allSay([own, anonymous], 0, 0);
    for (const person of [rude, hurt, bob]) {
      await like(app, person, postId);
      await comment(app, person, postId);
    }
    await own.says([1, 1]);
    await anonymous.says([3, 3]);
    expect(await countsOf(postId, viewer)).toEqual([1, 1]);
    expect(await countsOf(postId, null)).toEqual([3, 3]);
  });

  it('reads no more often than twice a second for what its viewers do not see', async () => {
    const [viewer, rude] = [await app.person('calm'), await app.person('flurry')];
    await block(app, viewer, rude);
    const postId = await publish(app, ada);
    const stream = follow(viewer, postId);
    await stream.says([0, 0]);
    const [reads, startedAt] = [countReads(), performance.now()];
    for (let i = 0; i < 20; i += 1) await like(app, rude, postId, i % 2 === 0);
    expect(reads.length).toBeLessThanOrEqual((2 * (performance.now() - startedAt)) / 1_000 + 1);
    expect(stream.counts).toEqual([[0, 0]]);
  });

  it.each([
    [
      'the post becomes private',
      (postId: string) => mutate(app, ada, 'updatePost', { id: postId, audience: 'PRIVATE' }),
    ],
    ['its author blocks the viewer', (_: string, viewer: Person) => block(app, ada, viewer)],
  ])('ends when %s, without another message', async (what, hide) => {
    const viewer = await app.person(`sees_until_${what.length}`);
    const postId = await publish(app, ada);
    const [stream, own] = [follow(viewer, postId), follow(ada, postId)];
    await allSay([stream, own], 0, 0);
    await hide(postId, viewer);
    await like(app, ada, postId);
    expect(await stream.ended).toBeNull();
    expect(stream.counts).toEqual([[0, 0]]);
    await own.says([1, 0]);
  });

  it('is refused alike for a post that is hidden, deleted or never was', async () => {
    const deleted = await publish(app, ada);
    await remove(app, ada, deleted);
    const unseen = [encodeId('post', newId()), await publish(app, ada, 'Mine', { audience: 'PRIVATE' }), deleted];
    const refusals = await Promise.all(unseen.map((postId) => follow(bob, postId).ended));
    expect(refusals[0]?.codes).toEqual(['NOT_FOUND']);
    expect(new Set(refusals.map((refusal) => refusal?.text)).size).toBe(1);
    expect((await follow(bob, ada.id).ended)?.codes).toEqual(['BAD_USER_INPUT']);
  });

  it('takes as many statements for many subscribers as for few, and one execution for each transport', async () => {
    const [executions, postId] = [jest.spyOn(EngagementResolver.prototype, 'postEngagement'), await publish(app, ada)];
    const readers = await crowd(app, 'reader', 5);
    const statements = jest.spyOn(PostgresDatabase.prototype, 'rows');
    const all: EngagementStream[] = [];
    const taken = [];
    for (const size of [TRANSPORTS.length, SUBSCRIBERS]) {
      while (all.length < size) {
        all.push(follow(readers[all.length % 5] ?? null, postId, TRANSPORTS[all.length % 2] as Transport));
      }
      await allSay(all, taken.length, 0);
      await sleep(RESTED_MS);
      statements.mockClear();
      executions.mockClear();
      await like(app, taken.length === 0 ? bob : eve, postId);
      await allSay(all, taken.length + 1, 0);
      taken.push({ statements: statements.mock.calls.length, executions: executions.mock.calls.length });
    }
    expect(taken[1]).toEqual(taken[0]);
    expect(taken[0]?.executions).toBe(TRANSPORTS.length);
  });
});

describe('without a ring', () => {
  let other: TestApp;

  beforeAll(async () => {
    // No Redis: no ring of one process reaches the other.
    other = await startTestApp({ databaseUrl: app.databaseUrl, env: { LIVE_POLL_MS: '100' } });
  });
  afterAll(() => other.close());

  const watch = (as: Person | null, postId: string) => {
    const stream = followEngagement(other, 'websocket', as, postId);
    streams.push(stream);
    return stream;
  };

  it('the counters are looked at from time to time', async () => {
    const postId = await publish(app, ada);
    const stream = watch(null, postId);
    await stream.says([0, 0]);
    await like(app, bob, postId);
    await stream.says([1, 0]);
  });

  it('who may not see the post any more is ended all the same', async () => {
    const viewer = await app.person('unrung');
    const stream = watch(viewer, await publish(app, ada));
    await stream.says([0, 0]);
    await block(app, ada, viewer);
    expect(await stream.ended).toBeNull();
  });

  it('all watched posts are looked at by one statement, and none when nothing is watched', async () => {
    const watched = await Promise.all([0, 1, 2].map(async () => watch(null, await publish(app, ada))));
    await allSay(watched, 0, 0);
    const sizes = countReads();
    // The first looks may find the posts due at different times.
    await eventually('all three are looked at together', () => sizes.includes(3));
    for (const stream of watched) stream.stop();
    await sleep(RESTED_MS);
    sizes.length = 0;
    await sleep(RESTED_MS);
    expect(sizes).toEqual([]);
  });
});

const redisUrl = process.env['TEST_REDIS_URL'];
if (!redisUrl) report('NO REDIS: how counters move in another process is not tested.');

(redisUrl ? describe : describe.skip)('two processes with Redis', () => {
  let two: TestApp[] = [];

  beforeAll(async () => {
    const env = { REDIS_URL: redisUrl ?? '', LIVE_POLL_MS: '600000' };
    two = await Promise.all([0, 1].map(() => startTestApp({ databaseUrl: app.databaseUrl, env })));
  });
  afterAll(() => Promise.all(two.map((each) => each.close())));

  it('count what happens in either, by the doorbell alone', async () => {
    const [one, other] = two as [TestApp, TestApp];
    const postId = await publish(one, ada);
    const both = two.map((each) => followEngagement(each, 'websocket', null, postId));
    streams.push(...both);
    await allSay(both, 0, 0);
    await like(one, bob, postId);
    await allSay(both, 1, 0);
    await like(other, eve, postId);
    await allSay(both, 2, 0);
    await comment(one, eve, postId);
    await allSay(both, 2, 1);
  });
});
