import { setTimeout as sleep } from 'node:timers/promises';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';
import { startRedis, type TestRedis } from '../support/redis-server';
import { look, lookAnew, person, post, runsOf, warm } from '../support/strangers';
import { like, mutate, publish } from '../support/verbs';

const redisUrl = process.env['TEST_REDIS_URL'];
if (!redisUrl) report('NO REDIS: how two processes drop what strangers are shown is not tested.');
const withRedis = redisUrl ? describe : describe.skip;

let database: TestDatabase;
let redis: TestRedis;
let one: TestApp;
let other: TestApp;
let ada: Person;

withRedis('two processes', () => {
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
    const start = () => startTestApp({ databaseUrl: database.url, env: { REDIS_URL: redis.url } });
    [one, other] = [await start(), await start()];
    ada = await one.person('ada');
  });
  afterAll(async () => {
    await one.close();
    await other.close();
    await redis.stop();
    await database.drop();
  });
  afterEach(() => jest.restoreAllMocks());

  /** Until Redis carries what one process tells the other, either way. */
  async function hearEachOther(postId: string) {
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      let liked = false;
      await eventually('they hear each other', async () => {
        const before = await warm(there, post(postId));
        liked = !liked;
        await like(here, ada, postId, liked);
        await sleep(50);
        return (await look(there, post(postId))).post.likeCount !== before.post.likeCount;
      });
    }
  }

  it('drop what the other has changed', async () => {
    const postId = await publish(one, ada, 'First');
    await hearEachOther(postId);
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      const sights = [post(postId), person(ada)];
      for (const sight of sights) await warm(there, sight);
      expect(await runsOf(there, () => Promise.all(sights.map((sight) => look(there, sight))))).toBe(0);
      await mutate(here, ada, 'updatePost', { id: postId, text: `From ${here.url}` });
      // The writer's own process knows before it answers.
      for (const sight of sights) expect(await look(here, sight)).toEqual(await lookAnew(here, sight));
      await eventually('the other process has heard of it', async () => {
        return (await look(there, post(postId))).post.text === `From ${here.url}`;
      });
      for (const sight of sights) expect(await look(there, sight)).toEqual(await lookAnew(there, sight));
    }
  });

  it('keep nothing longer than two seconds while they cannot hear each other, and nothing from before', async () => {
    const postId = await publish(one, ada, 'Before');
    await hearEachOther(postId);
    await warm(other, post(postId));
    await redis.kill();
    await mutate(one, ada, 'updatePost', { id: postId, text: 'Meanwhile' });
    // No earlier than the loss is noticed, and with it.
    await eventually('the loss is noticed', async () => {
      return (await look(other, post(postId))).post.text === 'Meanwhile';
    });
    await warm(other, post(postId));
    expect(await runsOf(other, () => look(other, post(postId)))).toBe(0);
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 2_000);
    expect(await runsOf(other, () => look(other, post(postId)))).toBe(1);
    jest.restoreAllMocks();
    redis = await startRedis({ port: redis.port });
    await hearEachOther(postId);
  });
});
