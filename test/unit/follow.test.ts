import { type FollowOptions, followLog } from '../../src/platform/changelog/follow';
import { createLocalDoorbell, TopicListeners } from '../../src/platform/redis/doorbell';
import type { Log } from '../../src/platform/telemetry/log';
import { eventually } from '../support/interleaving';

const TOPIC = 'comments:1';
const NEVER_MS = 3_600_000;
const OFTEN_MS = 5;

interface Entry {
  readonly seq: number;
}

/** A log of numbers that a test writes and a follower reads in pages of three. */
class Numbers {
  readonly doorbell = createLocalDoorbell();
  readonly warnings: object[] = [];
  readonly reads: number[] = [];
  listeners = 0;
  private last = 0;

  /** Adds entries without ringing. */
  add(count: number): void {
    this.last += count;
  }

  ring(): void {
    this.doorbell.ring(TOPIC);
  }

  /** What a follower reads; a test may put itself in between. */
  async read(seq: number): Promise<Entry[] | null> {
    this.reads.push(seq);
    const length = Math.min(Math.max(this.last - seq, 0), 3);
    return Array.from({ length }, (_, i) => ({ seq: seq + 1 + i }));
  }

  follow(options: Partial<FollowOptions<Entry>> = {}): AsyncIterableIterator<Entry> {
    const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => this.warnings.push(fields) };
    const { doorbell } = this;
    return followLog({
      doorbell: {
        ...doorbell,
        listen: (topic, wake) => {
          const unlisten = doorbell.listen(topic, wake);
          this.listeners += 1;
          return () => {
            this.listeners -= 1;
            unlisten();
          };
        },
      },
      topic: TOPIC,
      after: 0,
      readAfter: (seq) => this.read(seq),
      pollMs: NEVER_MS,
      log: log as unknown as Log,
      ...options,
    });
  }
}

async function take(stream: AsyncIterableIterator<Entry>, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) {
    const { value, done } = await stream.next();
    if (done) throw new Error(`ended after ${seqs}`);
    seqs.push(value.seq);
  }
  return seqs;
}

describe('following a log', () => {
  let numbers: Numbers;

  beforeEach(() => {
    numbers = new Numbers();
  });

  it('reads page after page from a position, and then what is rung for', async () => {
    numbers.add(7);
    const stream = numbers.follow({ after: 2 });
    expect(await take(stream, 5)).toEqual([3, 4, 5, 6, 7]);
    const next = take(stream, 2);
    numbers.add(2);
    numbers.ring();
    expect(await next).toEqual([8, 9]);
    await stream.return?.();
  });

  it('hears a ring between its last read and its waiting', async () => {
    const stream = numbers.follow({
      readAfter: async (seq) => {
        const page = await numbers.read(seq);
        // The entry comes after the read has been answered, and its ring before anybody waits.
        if (numbers.reads.length === 1) {
          numbers.add(1);
          numbers.ring();
        }
        return page;
      },
    });
    expect(await take(stream, 1)).toEqual([1]);
    await stream.return?.();
  });

  it('finds by itself what was not rung for', async () => {
    const stream = numbers.follow({ pollMs: OFTEN_MS });
    const next = take(stream, 2);
    numbers.add(2);
    expect(await next).toEqual([1, 2]);
    await stream.return?.();
  });

  it('delivers once what is rung for many times', async () => {
    const stream = numbers.follow();
    const next = take(stream, 3);
    numbers.add(2);
    for (let i = 0; i < 50; i += 1) numbers.ring();
    await eventually('both are read', () => numbers.reads.includes(2));
    numbers.add(1);
    numbers.ring();
    expect(await next).toEqual([1, 2, 3]);
    await stream.return?.();
  });

  it('tries again after a failing read, from the same position, and says so', async () => {
    numbers.add(2);
    let faults = 2;
    const stream = numbers.follow({
      readAfter: async (seq) => {
        if (faults-- > 0) throw new Error('the store is away');
        return numbers.read(seq);
      },
    });
    const next = take(stream, 2);
    await eventually('the first fault is told', () => numbers.warnings.length === 1);
    // A ring ends the pause: the store may be back.
    numbers.ring();
    await eventually('the second fault is told', () => numbers.warnings.length === 2);
    numbers.ring();
    expect(await next).toEqual([1, 2]);
    expect(numbers.warnings).toMatchObject([
      { topic: TOPIC, faults: 1 },
      { topic: TOPIC, faults: 2 },
    ]);
    await stream.return?.();
  });

  it('tries again by itself when nobody rings', async () => {
    numbers.add(1);
    let faults = 1;
    const stream = numbers.follow({
      readAfter: async (seq) => {
        if (faults-- > 0) throw new Error('the store is away');
        return numbers.read(seq);
      },
    });
    expect(await take(stream, 1)).toEqual([1]);
    await stream.return?.();
  });

  it('ends when the reader may see nothing any more', async () => {
    const stream = numbers.follow({ readAfter: async () => null });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(numbers.listeners).toBe(0);
  });

  it('reads nothing before somebody asks, and one page ahead at most', async () => {
    numbers.add(9);
    const stream = numbers.follow();
    expect(numbers.reads).toEqual([]);
    await take(stream, 1);
    numbers.ring();
    await new Promise((resolve) => setImmediate(resolve));
    expect(numbers.reads).toEqual([0]);
    await stream.return?.();
  });

  it.each(['while it waits', 'while it reads', 'while it pauses after a fault', 'before it is asked'])(
    'ends at once on return %s, and listens no more',
    async (when) => {
      let answer: (page: Entry[]) => void = () => {};
      const stream = numbers.follow({
        readAfter: (seq) => {
          if (when === 'while it reads') return new Promise((resolve) => (answer = resolve));
          if (when === 'while it pauses after a fault') return Promise.reject(new Error('the store is away'));
          return numbers.read(seq);
        },
      });
      const pending = when === 'before it is asked' ? null : stream.next();
      await new Promise((resolve) => setImmediate(resolve));
      expect(numbers.listeners).toBe(1);
      expect(await stream.return?.()).toEqual({ done: true, value: undefined });
      expect(numbers.listeners).toBe(0);
      answer([{ seq: 1 }]);
      if (pending) expect(await pending).toEqual({ done: true, value: undefined });
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    },
  );

  it('ends on throw, with the error', async () => {
    const stream = numbers.follow();
    await expect(stream.throw?.(new Error('enough'))).rejects.toThrow('enough');
    expect(numbers.listeners).toBe(0);
    expect((await stream.next()).done).toBe(true);
  });
});

describe('the listeners of a topic', () => {
  it('are woken by its rings alone, until they go', () => {
    const listeners = new TopicListeners();
    const woken: string[] = [];
    const leave = listeners.listen('a', () => woken.push('a1'));
    listeners.listen('a', () => woken.push('a2'));
    listeners.listen('b', () => woken.push('b'));
    listeners.wake('a');
    leave();
    leave();
    listeners.wake('a');
    listeners.wake('c');
    expect(woken).toEqual(['a1', 'a2', 'a2']);
    listeners.wakeAll();
    expect(woken.slice(3)).toEqual(['a2', 'b']);
  });

  it('may leave and come while they are woken', () => {
    const listeners = new TopicListeners();
    let woken = 0;
    const leave = listeners.listen('a', () => {
      leave();
      woken += 1;
      if (woken < 3) listeners.listen('a', () => undefined);
    });
    listeners.wake('a');
    listeners.wakeAll();
    expect(woken).toBe(1);
  });
});
