import { type HubOptions, LogHub } from '../../src/platform/changelog/hub';
import type { LogReader } from '../../src/platform/changelog/log-reader';
import { eventually, seeded } from '../support/interleaving';
import { type Entry, Numbers } from '../support/numbers';

const NEVER_MS = 3_600_000;
const OFTEN_MS = 10;

let numbers: Numbers;
let hubs: LogHub<Entry>[];
beforeEach(() => {
  numbers = new Numbers();
  hubs = [];
});
afterEach(() => {
  for (const hub of hubs) hub.close();
});

function open(options: Partial<HubOptions> = {}): LogHub<Entry> {
  const hub = numbers.hub(options);
  hubs.push(hub);
  return hub;
}

/** Takes entries until there are `count`, and answers their numbers. */
async function take(reader: LogReader<Entry>, count: number): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < count) {
    const entries = await reader.next();
    if (entries === null || typeof entries === 'string') throw new Error(`ended with ${entries} after ${taken.length}`);
    taken.push(...entries.map(({ seq }) => seq));
  }
  return taken;
}

const upTo = (last: number, after = 0) => Array.from({ length: last - after }, (_, i) => after + i + 1);

describe('a reader of a log', () => {
  it('is brought everything once, also where the last one has left while its log was looked at', async () => {
    numbers.add('a');
    const hub = open({ pollMs: OFTEN_MS, unrungPollMs: OFTEN_MS });
    const left = hub.follow('a', null);
    await left.head();
    numbers.delayMs = 40;
    const looks = numbers.looks.length;
    await eventually('a look is under way', () => numbers.looks.length > looks);
    numbers.add('a');
    left.close();
    // The look finds that the log has moved, and the log that it means is another one by now.
    const reader = hub.follow('a', 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    numbers.write('a');
    expect(await take(reader, 2)).toEqual([2, 3]);
    for (let seq = 4; seq <= 8; seq += 1) {
      numbers.write('a');
      expect(await take(reader, 1)).toEqual([seq]);
    }
    expect(numbers.reads.filter((logs) => new Set(logs).size < logs.length)).toEqual([]);
  });

  it('is brought what is behind its place, then what comes, in order and once', async () => {
    numbers.add('a', 250);
    const reader = open().follow('a', 20);
    expect(await take(reader, 230)).toEqual(upTo(250, 20));
    numbers.write('a', 3);
    expect(await take(reader, 3)).toEqual([251, 252, 253]);
  });

  it('misses nothing while the log is written to as it catches up', async () => {
    numbers.add('a', 300);
    numbers.delayMs = 2;
    const reader = open().follow('a', 0);
    const writing = setInterval(() => numbers.write('a', 7), 1);
    try {
      const taken = await take(reader, 1_500);
      expect(taken).toEqual(upTo(taken.length));
    } finally {
      clearInterval(writing);
    }
  });

  it('begins at the end when it has no place', async () => {
    numbers.add('a', 5);
    const reader = open().follow('a', null);
    expect(await reader.head()).toBe(5);
    numbers.write('a');
    expect(await take(reader, 1)).toEqual([6]);
  });

  it('waits where it is ahead of what the process has heard of', async () => {
    const hub = open();
    numbers.add('a', 3);
    const first = hub.follow('a', 3);
    await first.head();
    numbers.add('a', 2);
    const ahead = hub.follow('a', 4);
    numbers.doorbell.ring('numbers:a');
    expect(await take(ahead, 1)).toEqual([5]);
    expect(await take(first, 2)).toEqual([4, 5]);
  });

  it('that stands still holds nothing up, and reads for itself what the others are past', async () => {
    const hub = open();
    numbers.add('a', 1);
    const [quick, slow] = [hub.follow('a', 1), hub.follow('a', 1)];
    await Promise.all([quick.head(), slow.head()]);
    for (let i = 0; i < 20; i += 1) {
      numbers.write('a', 100);
      await take(quick, 100);
    }
    const kept = (hub as unknown as { streams: Map<string, { tail: unknown[] }> }).streams.get('a')?.tail.length ?? 0;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(256);
    expect(await take(slow, 2_000)).toEqual(upTo(2_001, 1));
  });

  it('is told when entries behind its place are gone, and one past them is not', async () => {
    numbers.add('a', 40);
    numbers.keep('a', (seq) => seq > 30);
    const hub = open();
    expect(await hub.follow('a', 10).next()).toBe('EXPIRED');
    expect(await take(hub.follow('a', 30), 10)).toEqual(upTo(40, 30));
  });

  it('is told when a hole comes up in front of it', async () => {
    numbers.add('a', 5);
    const reader = open().follow('a', 5);
    await reader.head();
    numbers.add('a', 5);
    numbers.keep('a', (seq) => seq !== 6);
    numbers.doorbell.ring('numbers:a');
    expect(await reader.next()).toBe('EXPIRED');
  });

  it('is told when the log goes back behind it', async () => {
    numbers.add('a', 9);
    const reader = open({ pollMs: OFTEN_MS }).follow('a', 9);
    await reader.head();
    numbers.keep('a', (seq) => seq <= 4);
    expect(await reader.next()).toBe('REWOUND');
  });

  it('is told when the log went back behind it before it was first looked at', async () => {
    numbers.add('a', 4);
    const reader = open({ pollMs: OFTEN_MS }).follow('a', 9);
    expect(await reader.next()).toBe('REWOUND');
  });

  it('ends at once when it is closed, also while it waits', async () => {
    const hub = open();
    const reader = hub.follow('a', null);
    const waiting = reader.next();
    await eventually('it waits', () => reader.position);
    reader.close();
    expect(await waiting).toBeNull();
    expect(hub.watched).toBe(0);
  });
});

describe('a hub', () => {
  it('reads all logs that moved by one statement, each once however many readers it has', async () => {
    const hub = open();
    const logs = Array.from({ length: 20 }, (_, i) => `log ${i}`);
    const readers = logs.flatMap((log) => Array.from({ length: 30 }, () => hub.follow(log, 0)));
    await Promise.all(readers.map((reader) => reader.head()));
    expect(numbers.looks).toEqual([logs]);
    for (const log of logs) numbers.write(log);
    expect(await Promise.all(readers.map((reader) => take(reader, 1)))).toEqual(readers.map(() => [1]));
    expect(numbers.reads).toEqual([logs]);
  });

  it('finds what it was not rung for, all logs in one look', async () => {
    const hub = open({ pollMs: OFTEN_MS });
    const readers = ['a', 'b', 'c'].map((log) => hub.follow(log, 0));
    await Promise.all(readers.map((reader) => reader.head()));
    numbers.add('b', 2);
    expect(await take(readers[1] as LogReader<Entry>, 2)).toEqual([1, 2]);
    expect(numbers.looks.at(-1)).toEqual(['a', 'b', 'c']);
    expect(numbers.reads).toEqual([['b']]);
  });

  it('looks more often while rings of other processes do not arrive', async () => {
    numbers.healthy = false;
    const reader = open({ pollMs: NEVER_MS, unrungPollMs: OFTEN_MS }).follow('a', 0);
    await reader.head();
    numbers.add('a');
    expect(await take(reader, 1)).toEqual([1]);
  });

  it('asks for nothing while nobody reads', async () => {
    const hub = open({ pollMs: OFTEN_MS });
    const reader = hub.follow('a', null);
    await reader.head();
    reader.close();
    const before = numbers.looks.length;
    numbers.write('a');
    await new Promise((resolve) => setTimeout(resolve, OFTEN_MS * 5));
    expect([numbers.looks.length, numbers.reads.length]).toEqual([before, 0]);
  });

  it('goes on when the store is back, with nothing lost', async () => {
    const reader = open().follow('a', 0);
    await reader.head();
    numbers.failing = true;
    numbers.write('a', 2);
    await eventually('a read has failed', () => numbers.warnings.length > 0);
    numbers.write('a', 2);
    numbers.failing = false;
    expect(await take(reader, 4)).toEqual([1, 2, 3, 4]);
  });

  it('holds nothing of an idle log', async () => {
    const hub = open();
    const reader = hub.follow('a', 0);
    await reader.head();
    numbers.write('a', 50);
    await take(reader, 50);
    void reader.next();
    const { streams } = hub as unknown as { streams: Map<string, { tail: unknown[] }> };
    await eventually('the tail is let go', () => streams.get('a')?.tail.length === 0);
  });

  it('brings every reader everything once, whatever comes and goes in whatever order', async () => {
    const random = seeded(4);
    const hub = open();
    numbers.delayMs = 1;
    numbers.add('a', 10);
    const writing = setInterval(() => numbers.write('a', 1 + Math.floor(random() * 40)), 1);
    try {
      await Promise.all(
        Array.from({ length: 40 }, async () => {
          let place = Math.floor(random() * 10);
          // Each comes and goes a few times, and goes on where it was.
          for (let visit = 0; visit < 4; visit += 1) {
            const reader = hub.follow('a', place);
            const taken = await take(reader, 1 + Math.floor(random() * 400));
            expect(taken).toEqual(upTo(place + taken.length, place));
            place += taken.length;
            reader.close();
          }
        }),
      );
    } finally {
      clearInterval(writing);
    }
  });
});
