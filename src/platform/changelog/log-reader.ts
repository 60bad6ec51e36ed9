import type { Topic } from '../redis/doorbell';
import type { StreamPlace } from './change-log';

/** One entry of an ordered log whose numbers have no holes. */
export interface LogEntry {
  readonly seq: number;
}

/** Where the logs of one kind come from. Both reads answer for many logs by one statement. */
export interface LogSource<Entry extends LogEntry> {
  readonly topic: (streamId: string) => Topic;
  /** The number of the newest entry of each; 0, or nothing, for a log that was never written to. */
  readonly heads: (streamIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** The entries behind each place, at most `limit` of each; those of one log ascending and without holes. */
  readonly read: (places: readonly StreamPlace[], limit: number) => Promise<readonly Entry[]>;
  /** The log that an entry stands in. */
  readonly streamOf: (entry: Entry) => string;
  /** About how much memory an entry takes, in bytes. */
  readonly sizeOf: (entry: Entry) => number;
}

/** Entries of one log in one read. */
export const PAGE_MAX = 100;
/** Entries that one log keeps for its readers; who is further behind reads by themselves. */
const TAIL_ENTRIES_MAX = 256;
const TAIL_BYTES_MAX = 262_144;

/** One log that has readers, and its newest entries. */
export class Stream<Entry extends LogEntry> {
  readonly readers = new Set<LogReader<Entry>>();
  unlisten: () => void = () => {};
  /** The newest number that has been read; null before the first read. */
  head: number | null = null;
  /** What is above this number, up to the head, stands in the tail. */
  tailStart = 0;
  /** How often the log has gone back. */
  rewinds = 0;
  /** Readers that have taken everything there is. */
  waiting = 0;
  private tail: Entry[] = [];
  private bytes = 0;

  constructor(
    readonly id: string,
    private readonly sizeOf: (entry: Entry) => number,
  ) {}

  /** How far the log is known to have gone: readers bring places that it had when they came. */
  get reached(): number {
    let reached = this.head ?? 0;
    for (const { position } of this.readers) reached = Math.max(reached, position ?? 0);
    return reached;
  }

  start(head: number): void {
    this.head = head;
    this.tailStart = head;
    this.wake();
  }

  append(page: readonly Entry[]): void {
    const [first] = page;
    if (!first) return;
    // A hole: entries in between are gone. Who has not read them finds that out by reading on their own.
    if (first.seq !== (this.head ?? 0) + 1) this.empty(first.seq - 1);
    for (const entry of page) {
      this.tail.push(entry);
      this.bytes += this.sizeOf(entry);
      this.head = entry.seq;
    }
    while (this.tail.length > TAIL_ENTRIES_MAX || (this.bytes > TAIL_BYTES_MAX && this.tail.length > 1)) this.drop();
    this.wake();
  }

  /** What stands in the tail above `seq`, `seq` not being before it. */
  above(seq: number): readonly Entry[] {
    return this.tail.slice(seq - this.tailStart, seq - this.tailStart + PAGE_MAX);
  }

  rewind(head: number): void {
    this.rewinds += 1;
    this.empty(head);
    this.wake();
  }

  /** Forgets what every reader has taken, which is when all of them wait for more: an idle log holds nothing. */
  settle(): void {
    if (this.waiting === this.readers.size && this.tail.length > 0) this.empty(this.head ?? 0);
  }

  private drop(): void {
    const oldest = this.tail.shift();
    if (!oldest) return;
    this.bytes -= this.sizeOf(oldest);
    this.tailStart = oldest.seq;
  }

  private empty(head: number): void {
    this.tail = [];
    this.bytes = 0;
    this.head = head;
    this.tailStart = head;
  }

  private wake(): void {
    for (const reader of this.readers) reader.wake();
  }
}

/** Why a reader cannot go on: entries behind its place are gone, or the log has gone back behind it. */
export type LogBreak = 'EXPIRED' | 'REWOUND';

/** One reader's place in one log. */
export class LogReader<Entry extends LogEntry> {
  wake: () => void = () => {};
  private place: number | null;
  private readonly rewinds: number;
  private ended = false;

  constructor(
    private readonly stream: Stream<Entry>,
    after: number | null,
    private readonly source: LogSource<Entry>,
    private readonly leave: (reader: LogReader<Entry>) => void,
  ) {
    this.place = after;
    this.rewinds = stream.rewinds;
    stream.readers.add(this);
  }

  /** The number of the last entry taken; null until a reader from now on has learned where now is. */
  get position(): number | null {
    return this.place;
  }

  /** Resolves once the newest number is known, to it. Rejects never. */
  async head(): Promise<number | null> {
    while (this.stream.head === null && !this.ended) await this.woken();
    this.place ??= this.stream.head;
    return this.stream.head;
  }

  /**
   * The next entries, one at least, in order: waits for them, also where the place is ahead of what this process has
   * heard of. After a break this reader stays where it is; null is the end.
   * @throws what a read of its own throws; asking again tries again.
   */
  async next(): Promise<readonly Entry[] | LogBreak | null> {
    await this.head();
    for (;;) {
      const { stream } = this;
      if (this.ended || this.place === null || stream.head === null) return null;
      if (stream.rewinds !== this.rewinds) return 'REWOUND';
      if (this.place < stream.tailStart) return this.readOwn(this.place);
      const entries = stream.above(this.place);
      const last = entries.at(-1);
      if (last) {
        this.place = last.seq;
        return entries;
      }
      stream.waiting += 1;
      stream.settle();
      await this.woken();
      stream.waiting -= 1;
    }
  }

  /** Goes on behind this number. */
  skipTo(seq: number): void {
    this.place = seq;
  }

  /** Ends it at once, also while it waits. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.leave(this);
    this.wake();
  }

  private async readOwn(after: number): Promise<readonly Entry[] | LogBreak> {
    const page = await this.source.read([{ streamId: this.stream.id, after }], PAGE_MAX);
    let expected = after;
    for (const { seq } of page) {
      expected += 1;
      if (seq !== expected) return 'EXPIRED';
    }
    if (page.length === 0) return 'EXPIRED';
    this.place = expected;
    return page;
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
