import { Redis } from 'ioredis';
import { systemClock } from '../../src/kernel/clock';
import { Advances } from '../../src/platform/redis/advances';
import { RedisBuckets } from '../../src/platform/redis/redis-buckets';
import { type Bucket, createLocalBuckets } from '../../src/platform/redis/token-bucket';
import { createLog } from '../../src/platform/telemetry/log';
import { startRedis, type TestRedis } from '../support/redis-server';

const HOUR_S = 3_600;
const SILENT = createLog({ level: 'silent', format: 'json' });

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Standing in while Redis is away, which it never is here. */
const NOBODY = {
  take: () => Promise.reject(new Error('asked in place of Redis')),
  giveBack() {},
  flush: async () => {},
};
const aProcess = (advanceShare = 0) => new RedisBuckets(redis, NOBODY, systemClock, SILENT, advanceShare);

let names = 0;
/** So slow to come back that nothing does meanwhile. */
function bucket(capacity: number, restorePerSecond = capacity / HOUR_S): Bucket {
  names += 1;
  return { key: `bucket ${names}`, capacity, restorePerSecond };
}
const keysOf = ({ key }: Bucket) => redis.keys(`*${key}`);

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
    const asked = jest.spyOn(redis, 'evalsha');
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
    const gone = new Redis(server.url, { lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null });
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
    await redis.del(await keysOf(of));
    from.giveBack([of], 1);
    await from.flush();
    expect(await keysOf(of)).toEqual([]);
  });
});

describe('what a process takes ahead', () => {
  it('answers the next requests of a caller without Redis, and is counted exactly', async () => {
    const buckets = aProcess(0.1);
    const of = [bucket(1_000), bucket(2_000)];
    const asked = jest.spyOn(redis, 'evalsha');
    const states = [];
    for (let i = 0; i < 8; i += 1) states.push(await buckets.take(of, 5));
    expect(states.map(({ remaining }) => remaining)).toEqual([995, 990, 985, 980, 975, 970, 965, 960]);
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
    await buckets.flush();
    expect(await aProcess().take(of, 960)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('is used for what an operation did not use', async () => {
    const buckets = aProcess(0.1);
    const of = [bucket(100)];
    (await buckets.take(of, 40)).from.giveBack(of, 39);
    const asked = jest.spyOn(redis, 'evalsha');
    expect(await buckets.take(of, 10)).toMatchObject({ allowed: true, remaining: 89 });
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
    await buckets.flush();
    expect(await aProcess().take(of, 89)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('is that of one caller, who is told apart by each of the buckets', async () => {
    const buckets = aProcess(0.1);
    const [phone, ada, bob, here, there] = [bucket(100), bucket(200), bucket(200), bucket(1_000), bucket(1_000)];
    await buckets.take([phone, ada, here], 1);
    for (const other of [
      [phone, bob, here],
      [phone, bob, there],
      [phone, ada],
      [phone, ada, here],
    ]) {
      await buckets.take(other, 1);
    }
    await buckets.flush();
    for (const [of, left] of [
      [phone, 95],
      [ada, 197],
      [bob, 198],
      [here, 997],
      [there, 999],
    ] as const) {
      expect(await aProcess().take([of], left)).toMatchObject({ allowed: true, remaining: 0 });
    }
  });

  it('leaves half of each bucket to those who ask', async () => {
    const [narrow, wide] = [bucket(100), bucket(100)];
    const processes = Array.from({ length: 10 }, () => aProcess(0.5));
    for (const one of processes) await one.take([narrow, wide], 1);
    expect(await aProcess().take([wide], 40)).toMatchObject({ allowed: true });
  });

  it('is given back before anybody is refused for it', async () => {
    const buckets = aProcess(0.3);
    const [phone, tablet, viewer] = [bucket(100), bucket(100), bucket(100)];
    await buckets.take([phone, viewer], 20);
    expect(await buckets.take([tablet, viewer], 80)).toMatchObject({ allowed: true, remaining: 0 });
    expect(await buckets.take([phone, viewer], 1)).toMatchObject({ allowed: false, remaining: 0 });
  });

  it('never lets several processes admit more than there is', async () => {
    const of = [bucket(100), bucket(150)];
    const processes = [aProcess(0.3), aProcess(0.3), aProcess(0.3)];
    let admitted = 0;
    const spend = async (one: RedisBuckets) => {
      for (let i = 0; i < 60; i += 1) {
        const { allowed, from } = await one.take(of, 3);
        if (!allowed) continue;
        admitted += 2;
        from.giveBack(of, 1);
      }
    };
    await Promise.all(processes.map(spend));
    expect(admitted).toBeLessThanOrEqual(100);
    expect(admitted).toBeGreaterThan(90);
  });

  it('is no more than its part of a bucket, whatever was not used', () => {
    const back: number[] = [];
    const of = [bucket(100)];
    const advances = new Advances(systemClock, { share: 0.1, giveBack: (_of, amount) => void back.push(amount) });
    advances.hold(of, 4, 90);
    expect(advances.putBack(of, 30)).toBe(true);
    expect([advances.leftFor(of), back]).toEqual([10, [24]]);
    advances.close();
    expect(back).toEqual([24, 10]);
  });

  it('is held for so many callers at most', () => {
    const [one, other] = [[bucket(100)], [bucket(100)]];
    const advances = new Advances(systemClock, { share: 0.1, giveBack() {} }, 1);
    expect(advances.worth(one, 1)).toBe(7);
    advances.hold(one, 7, 92);
    expect(advances.worth(other, 1)).toBe(0);
    advances.close();
    expect(advances.worth(other, 3)).toBe(10);
  });

  it('goes back when it has not been asked for in ten seconds', () => {
    jest.useFakeTimers();
    try {
      const back: [string, number][] = [];
      const giveBack = ([of]: readonly Bucket[], amount: number) => void back.push([of?.key ?? '', amount]);
      const advances = new Advances(systemClock, { share: 0.1, giveBack });
      const [idle, busy] = [bucket(100), bucket(100)];
      for (const one of [idle, busy]) advances.hold([one], 8, 92);
      jest.advanceTimersByTime(6_000);
      expect(advances.spend([busy], 5)).toBe(95);
      advances.hold([busy], 4, 91);
      jest.advanceTimersByTime(5_000);
      expect(back).toEqual([[idle.key, 8]]);
      expect(advances.spend([idle], 1)).toBeNull();
      // A timer may be late.
      jest.setSystemTime(Date.now() + 6_000);
      expect(advances.spend([busy], 1)).toBeNull();
      jest.advanceTimersByTime(6_000);
      expect(back).toEqual([
        [idle.key, 8],
        [busy.key, 7],
      ]);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('Redis', () => {
  it('is told the script again when it has forgotten it', async () => {
    const of = bucket(10);
    await aProcess().take([of], 1);
    await redis.script('FLUSH');
    expect(await aProcess().take([of], 1)).toMatchObject({ allowed: true, remaining: 8 });
  });

  it('keeps a bucket no longer than until it is whole', async () => {
    const of = bucket(10, 10);
    await aProcess().take([of], 5);
    const [key = ''] = await keysOf(of);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(1_500);
    expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  it('is believed no longer than an empty bucket takes when its clock has gone back', async () => {
    const of = bucket(10, 1);
    await aProcess().take([of], 1);
    const [key = ''] = await keysOf(of);
    await redis.incrby(key, 24 * HOUR_S * 1_000_000);
    const refused = await aProcess().take([of], 1);
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect(refused.retryAfterMs).toBeLessThanOrEqual(1_000);
  });
});
