import { Redis } from 'ioredis';
import { systemClock } from '../../src/kernel/clock';
import { RedisBuckets } from '../../src/platform/redis/redis-buckets';
import { type Bucket, createLocalBuckets } from '../../src/platform/redis/token-bucket';
import { bucket, HOUR_S, type SharedBuckets, SILENT, startSharedBuckets } from '../support/shared-buckets';

let shared: SharedBuckets;

beforeAll(async () => {
  shared = await startSharedBuckets();
});
afterAll(() => shared.stop());

const aProcess = (advanceShare?: number) => shared.aProcess(advanceShare);
const keysOf = ({ key }: Bucket) => shared.redis.keys(`*${key}`);

describe.each([
  ['of one process', () => createLocalBuckets(systemClock)],
  ['in Redis', () => aProcess()],
  ['in Redis, of which a part is taken ahead', () => aProcess(0.3)],
])('buckets %s', (_where, open) => {
  it('are taken from all together or not at all', async () => {
    const buckets = open();
    const [wide, narrow] = [bucket(100), bucket(10)];
    expect(await buckets.take([wide, narrow], 7)).toMatchObject({ allowed: true, remaining: 3, retryAfterMs: 0 });
    const refused = await buckets.take([wide, narrow], 7);
    expect(refused).toMatchObject({ allowed: false, remaining: 3 });
    // Four units of ten an hour.
    expect(refused.retryAfterMs / 1_000).toBeCloseTo(0.4 * HOUR_S, -1);
    expect(await buckets.take([wide], 93)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('hold what they say, whatever comes back in a second', async () => {
    for (const perSecond of [0.003, 1 / 3, 0.7]) {
      const of = bucket(200, perSecond);
      expect(await open().take([of], 2)).toMatchObject({ allowed: true, remaining: 198 });
      expect(await open().take([bucket(200, perSecond)], 200)).toMatchObject({ allowed: true, remaining: 0 });
      expect(await open().take([bucket(200, perSecond)], 201)).toMatchObject({ allowed: false, remaining: 200 });
    }
  });

  it('refuse nobody for what has been given back', async () => {
    const buckets = open();
    const of = bucket(13);
    for (let i = 0; i < 5; i += 1) {
      const state = await buckets.take([of], 9);
      expect(state.allowed).toBe(true);
      state.from.giveBack([of], 8);
    }
    expect(await buckets.take([of], 9)).toMatchObject({ allowed: false, remaining: 8 });
  });

  it('never hold more than they can', async () => {
    const buckets = open();
    const of = bucket(10);
    const { from } = await buckets.take([of], 1);
    from.giveBack([of], 100);
    await buckets.flush();
    expect(await buckets.take([of], 11)).toMatchObject({ allowed: false, remaining: 10 });
    expect(await buckets.take([of], 10)).toMatchObject({ allowed: true, remaining: 0 });
  });
});

describe('requests that take at the same moment', () => {
  it('take one after the other, each from all of its buckets or from none', async () => {
    const buckets = aProcess();
    const [shared, wide, narrow] = [bucket(10), bucket(100), bucket(3)];
    const states = await Promise.all([
      buckets.take([shared, wide], 4),
      buckets.take([shared, narrow], 4),
      buckets.take([shared], 5),
      buckets.take([wide, shared, narrow], 2),
      buckets.take([narrow, shared], 1),
    ]);
    expect(states.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 6],
      [false, 3],
      [true, 1],
      [false, 1],
      [true, 0],
    ]);
    expect(await buckets.take([wide], 96)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('share one command', async () => {
    const asked = jest.spyOn(shared.redis, 'evalsha');
    const buckets = aProcess();
    const of = bucket(1_000);
    await Promise.all(Array.from({ length: 20 }, () => buckets.take([of, bucket(10)], 1)));
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
    expect(await buckets.take([of], 980)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('are all counted, however many they are', async () => {
    const buckets = aProcess();
    const of = bucket(150);
    const states = await Promise.all(Array.from({ length: 200 }, () => buckets.take([of], 1)));
    expect(states.filter(({ allowed }) => allowed)).toHaveLength(150);
  });

  it('are each counted here when Redis does not answer', async () => {
    const gone = new Redis(shared.url, { lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null });
    const here = createLocalBuckets(systemClock);
    const buckets = new RedisBuckets(gone, here, systemClock, SILENT, 0.3);
    const of = bucket(3);
    const states = await Promise.all([1, 2, 3, 4].map(() => buckets.take([of], 1)));
    expect(states.map(({ allowed, from }) => [allowed, from === here])).toEqual([
      [true, true],
      [true, true],
      [true, true],
      [false, true],
    ]);
  });
});

describe('what processes give back to Redis', () => {
  it('is there for others once it is flushed', async () => {
    const of = bucket(10);
    const one = aProcess();
    (await one.take([of], 10)).from.giveBack([of], 4);
    await one.flush();
    expect(await aProcess().take([of], 4)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('goes there by itself', async () => {
    const of = bucket(10);
    (await aProcess().take([of], 10)).from.giveBack([of], 4);
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await aProcess().take([of], 4)).allowed) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('nothing came back');
  });

  it('leaves nothing behind where the bucket is whole already', async () => {
    const of = bucket(10);
    const { from } = await aProcess().take([of], 1);
    expect(await keysOf(of)).toHaveLength(1);
    await shared.redis.del(await keysOf(of));
    from.giveBack([of], 1);
    await from.flush();
    expect(await keysOf(of)).toEqual([]);
  });
});

describe('Redis', () => {
  it('is told the script again when it has forgotten it', async () => {
    const of = bucket(10);
    await aProcess().take([of], 1);
    await shared.redis.script('FLUSH');
    expect(await aProcess().take([of], 1)).toMatchObject({ allowed: true, remaining: 8 });
  });

  it('keeps a bucket no longer than until it is whole', async () => {
    const of = bucket(10, 10);
    await aProcess().take([of], 5);
    const [key = ''] = await keysOf(of);
    expect(await shared.redis.pttl(key)).toBeLessThanOrEqual(1_500);
    expect(await shared.redis.pttl(key)).toBeGreaterThan(0);
  });

  it('is believed no longer than an empty bucket takes when its clock has gone back', async () => {
    const of = bucket(10, 1);
    await aProcess().take([of], 1);
    const [key = ''] = await keysOf(of);
    await shared.redis.incrby(key, 24 * HOUR_S * 1_000_000);
    const refused = await aProcess().take([of], 1);
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect(refused.retryAfterMs).toBeLessThanOrEqual(1_000);
  });
});
