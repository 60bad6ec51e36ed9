import { Redis } from 'ioredis';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { type CommentStream, followComments, TRANSPORTS } from '../support/comment-stream';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';
import { startRedis, type TestRedis } from '../support/redis-server';
import { comment, mutate, publish } from '../support/verbs';

/** So long that nothing but a ring can wake a stream within a test. */
const NEVER_POLLS = '600000';
const POLLS_OFTEN = '100';
const CHANNEL = 'portico:doorbell';

const redisUrl = process.env['TEST_REDIS_URL'];
if (!redisUrl) report('NO REDIS: how two processes hear each other through it is not tested.');
const withRedis = redisUrl ? describe : describe.skip;

let database: TestDatabase;
let apps: TestApp[] = [];
let streams: CommentStream[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const stream of streams) stream.stop();
  for (const app of apps) await app.close();
  [apps, streams] = [[], []];
  await database.drop();
});

/** Two processes of one service: they share a database, and a Redis if one is given. */
async function startTwo(env: Record<string, string>): Promise<[TestApp, TestApp]> {
  const start = () => startTestApp({ databaseUrl: database.url, env });
  const two: [TestApp, TestApp] = [await start(), await start()];
  apps.push(...two);
  return two;
}

function follow(app: TestApp, transport: (typeof TRANSPORTS)[number], postId: string, after: string): CommentStream {
  const stream = followComments(app, transport, null, { postId, after });
  streams.push(stream);
  return stream;
}

/** A post with a comment, and both processes' streams behind it, which have been found to be live. */
async function openStreams(one: TestApp, other: TestApp) {
  const ada = await one.person('ada');
  const postId = await publish(one, ada);
  const { cursor } = await comment(one, ada, postId, 'Start');
  await comment(one, ada, postId, 'Behind');
  const opened = [one, other].flatMap((app) => TRANSPORTS.map((by) => follow(app, by, postId, cursor)));
  await Promise.all(opened.map((stream) => stream.first(1)));
  return { ada, postId, opened };
}

async function expectAllToReceive(opened: CommentStream[], texts: string[]): Promise<void> {
  for (const stream of opened) {
    expect((await stream.first(texts.length)).map(({ node }) => node.text)).toEqual(texts);
  }
}

/** Comments through either process in turn. */
async function commentThrough(through: TestApp[], ada: Person, postId: string, texts: string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    await comment(through[index % through.length] as TestApp, ada, postId, text);
  }
}

/** Waits until so many processes both listen and speak at a Redis: each hears its own heartbeat from then on. */
async function listening(url: string, processes: number): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, enableReadyCheck: false });
  const spoken = new Set<string>();
  redis.on('pmessage', (_pattern, channel: string) => spoken.add(channel));
  const asking = new Redis(url, { lazyConnect: true });
  try {
    await Promise.all([redis.connect(), asking.connect()]);
    await redis.psubscribe('portico:heartbeat:*');
    await eventually(`${processes} processes listen and speak`, async () => {
      const [, count] = (await asking.pubsub('NUMSUB', CHANNEL)) as [string, number];
      return count >= processes && spoken.size >= processes;
    });
  } finally {
    redis.disconnect();
    asking.disconnect();
  }
}

withRedis('two processes with Redis', () => {
  it("deliver each other's comments by the doorbell alone", async () => {
    const [one, other] = await startTwo({ REDIS_URL: redisUrl ?? '', LIVE_POLL_MS: NEVER_POLLS });
    await listening(redisUrl ?? '', 2);
    const { ada, postId, opened } = await openStreams(one, other);
    const texts = Array.from({ length: 12 }, (_, i) => `Comment ${i}`);
    await commentThrough([one, other], ada, postId, texts);
    await expectAllToReceive(opened, ['Behind', ...texts]);
  });

  describe('that dies', () => {
    let redis: TestRedis;

    beforeEach(async () => {
      redis = await startRedis();
    });
    afterEach(() => redis.kill());

    it('go on delivering by looking from time to time, and writing does not fail', async () => {
      const [one, other] = await startTwo({ REDIS_URL: redis.url, LIVE_POLL_MS: POLLS_OFTEN });
      await listening(redis.url, 2);
      const { ada, postId, opened } = await openStreams(one, other);
      await redis.kill();
      await commentThrough([one, other], ada, postId, ['One', 'Two', 'Three']);
      await expectAllToReceive(opened, ['Behind', 'One', 'Two', 'Three']);
    });

    it('deliver what was missed as soon as it is back, and ring again', async () => {
      const [one, other] = await startTwo({ REDIS_URL: redis.url, LIVE_POLL_MS: NEVER_POLLS });
      await listening(redis.url, 2);
      const { ada, postId, opened } = await openStreams(one, other);
      await redis.kill();
      await comment(one, ada, postId, 'Missed');
      redis = await startRedis({ port: redis.port });
      await expectAllToReceive(opened, ['Behind', 'Missed']);
      await listening(redis.url, 2);
      await comment(other, ada, postId, 'Rung');
      await expectAllToReceive(opened, ['Behind', 'Missed', 'Rung']);
    });

    it('start and serve without it, and hear each other once it is there', async () => {
      await redis.kill();
      const [one, other] = await startTwo({ REDIS_URL: redis.url, LIVE_POLL_MS: NEVER_POLLS });
      const { ada, postId, opened } = await openStreams(one, other);
      await comment(one, ada, postId, 'Here');
      // Within one process nothing depends on Redis.
      await expectAllToReceive(opened.slice(0, TRANSPORTS.length), ['Behind', 'Here']);
      redis = await startRedis({ port: redis.port });
      await listening(redis.url, 2);
      await comment(one, ada, postId, 'Rung');
      await expectAllToReceive(opened, ['Behind', 'Here', 'Rung']);
    });
  });
});

describe('two processes without Redis', () => {
  it("deliver each other's comments by looking from time to time", async () => {
    const [one, other] = await startTwo({ LIVE_POLL_MS: POLLS_OFTEN });
    const { ada, postId, opened } = await openStreams(one, other);
    await commentThrough([one, other], ada, postId, ['One', 'Two', 'Three']);
    await expectAllToReceive(opened, ['Behind', 'One', 'Two', 'Three']);
  });

  it('share posts, rights and idempotency keys', async () => {
    const [one, other] = await startTwo({});
    const ada = await one.person('ada');
    const input = { text: 'Once', clientMutationId: 'key' };
    const tries = [one, other, one, other].map((app) => mutate(app, ada, 'createPost', input, 'postEdge { cursor }'));
    const answers = await Promise.all(tries);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ postEdge }) => postEdge.cursor)).size).toBe(1);
  });
});
