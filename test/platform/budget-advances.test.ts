import { systemClock } from '../../src/kernel/clock';
import { Advances } from '../../src/platform/redis/advances';
import type { RedisBuckets } from '../../src/platform/redis/redis-buckets';
import type { Bucket } from '../../src/platform/redis/token-bucket';
import { bucket, type SharedBuckets, startSharedBuckets } from '../support/shared-buckets';

let shared: SharedBuckets;

beforeAll(async () => {
  shared = await startSharedBuckets();
});
afterAll(() => shared.stop());

const aProcess = (advanceShare?: number) => shared.aProcess(advanceShare);

describe('what a process takes ahead', () => {
  it('answers the next requests of a caller without Redis, and is counted exactly', async () => {
    const buckets = aProcess(0.1);
    const of = [bucket(1_000), bucket(2_000)];
    const asked = jest.spyOn(shared.redis, 'evalsha');
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
    const asked = jest.spyOn(shared.redis, 'evalsha');
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
