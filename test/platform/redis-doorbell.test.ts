import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer } from 'node:net';
import { Redis } from 'ioredis';
import type { Doorbell } from '../../src/platform/redis/doorbell';
import { createRedisDoorbell } from '../../src/platform/redis/redis-doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { startTestApp } from '../support/app';
import { digBlackHole, type Swallowing } from '../support/black-hole';
import { followComments } from '../support/comment-stream';
import { createTestDatabase } from '../support/database';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';
import { comment, publish } from '../support/verbs';

/** Three seconds by the times in it, and as much again for a busy machine. */
const FOUND_WITHIN_MS = 6_000;
const DELIVERED_WITHIN_MS = 1_000;
const STALL_MS = 3_000;
const NEVER_POLLS = '600000';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
if (!redisUrl) report('NO REDIS: how its dead connections are found is not tested.');
const redisPort = redisUrl ? Number(new URL(redisUrl).port) : 0;
const withRedis = redisUrl ? describe : describe.skip;

withRedis('a doorbell through Redis', () => {
  let near: Doorbell;
  let far: Doorbell;
  const warnings: string[] = [];

  const doorbellAt = (port: number) =>
    createRedisDoorbell({
      url: `redis://127.0.0.1:${port}`,
      connectTimeoutMs: 1_000,
      commandTimeoutMs: 1_000,
      log: createLog({ level: 'warn', format: 'json', destination: { write: (line) => warnings.push(line) } }),
    });

  beforeEach(async () => {
    [near, far] = [await doorbellAt(redisPort), await doorbellAt(redisPort)];
    await eventually('both are healthy', () => near.healthy() && far.healthy());
    warnings.length = 0;
  });
  afterEach(() => Promise.all([near.close(), far.close()]));

  const WAYS: readonly Swallowing[] = ['everything', 'from clients', 'from the server'];
  it('is found out within three seconds when its connection swallows bytes, and recovers when it does not', async () => {
    const holes = await Promise.all(WAYS.map(() => digBlackHole(redisPort)));
    const bells = await Promise.all(holes.map(({ port }) => doorbellAt(port)));
    await eventually('all are healthy', () => bells.every((bell) => bell.healthy()));
    const rings = bells.map(() => 0);
    for (const [index, bell] of bells.entries())
      bell.listen('topic', () => rings.splice(index, 1, (rings[index] ?? 0) + 1));
    for (const [index, hole] of holes.entries()) hole.swallow(WAYS[index] ?? 'nothing');
    const since = performance.now();
    await eventually('all are found out', () => bells.every((bell) => !bell.healthy()));
    expect(performance.now() - since).toBeLessThan(FOUND_WITHIN_MS);
    // Whoever listens is told to look at once: what rang before it was found out has not been heard.
    expect(rings.every((count) => count >= 1)).toBe(true);
    far.ring('topic');
    for (const hole of holes) hole.swallow('nothing');
    await eventually('all are healthy again', () => bells.every((bell) => bell.healthy()));
    // At least once more: a ring too many is allowed, one too few is not.
    const before = [...rings];
    expect(before.every((count) => count >= 2)).toBe(true);
    far.ring('topic');
    await eventually('all hear again', () => rings.every((count, index) => count > (before[index] ?? 0)));
    await Promise.all(bells.map((bell) => bell.close()));
    await Promise.all(holes.map((hole) => hole.close()));
  });

  it('recovers behind a proxy that takes connections while there is no Redis, and ends them unanswered', async () => {
    let isAway = true;
    let refused = 0;
    const proxy = createServer((socket) => {
      socket.on('error', () => {});
      if (isAway) {
        refused += 1;
        socket.once('data', () => socket.resetAndDestroy());
        return;
      }
      const redis = connectTo(redisPort, '127.0.0.1').on('error', () => socket.destroy());
      socket.pipe(redis).pipe(socket);
      socket.once('close', () => redis.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const bell = await doorbellAt((proxy.address() as AddressInfo).port);
    await eventually('each connection was refused twice at least', () => refused >= 6);
    isAway = false;
    await eventually('it is healthy', () => bell.healthy());
    await bell.close();
    proxy.close();
  });

  it('is not cut because the process itself stood still', async () => {
    let losses = 0;
    near.listen('topic', () => {
      losses += 1;
    });
    for (const until = performance.now() + STALL_MS; performance.now() < until; );
    const since = performance.now();
    await eventually('some beats went round', () => performance.now() - since > 1_000);
    expect(near.healthy()).toBe(true);
    expect(losses).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('takes no harm from a message that it does not understand', async () => {
    const stranger = new Redis(redisUrl);
    for (const message of ['null', '5', '{"rung":7}', 'nonsense', '{"signal":[]}']) {
      await stranger.publish('portico:doorbell', message);
    }
    stranger.disconnect();
    let rings = 0;
    near.listen('topic', () => {
      rings += 1;
    });
    far.ring('topic');
    await eventually('it hears', () => rings === 1);
  });
});

withRedis('a process whose connection to Redis is half dead', () => {
  it('goes on delivering within a second of finding out, and delivers what it had missed', async () => {
    const database = await createTestDatabase();
    const hole = await digBlackHole(redisPort);
    const env = { LIVE_POLL_MS: NEVER_POLLS, JOBS_CONCURRENCY: '0' };
    const start = (url: string) => startTestApp({ databaseUrl: database.url, env: { ...env, REDIS_URL: url } });
    const [one, other] = [await start(redisUrl), await start(`redis://127.0.0.1:${hole.port}`)];
    const ada = await one.person('ada');
    const postId = await publish(one, ada);
    const { cursor } = await comment(one, ada, postId, 'Start');
    const stream = followComments(other, 'websocket', null, { postId, after: cursor });
    await comment(one, ada, postId, 'Whole');
    await stream.first(1);
    hole.swallow('everything');
    await comment(one, ada, postId, 'Missed');
    const since = performance.now();
    await stream.first(2);
    expect(performance.now() - since).toBeLessThan(FOUND_WITHIN_MS + DELIVERED_WITHIN_MS);
    await comment(one, ada, postId, 'Unrung');
    const unrung = performance.now();
    await stream.first(3);
    expect(performance.now() - unrung).toBeLessThan(DELIVERED_WITHIN_MS);
    stream.stop();
    await Promise.all([one.close(), other.close()]);
    await hole.close();
    await database.drop();
  });
});
