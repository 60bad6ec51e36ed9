import { setTimeout as pause } from 'node:timers/promises';
import type { Doorbell } from '../redis/doorbell';
import type { Log } from '../telemetry/log';
import { type LogEntry, LogReader, type LogSource, PAGE_MAX, Stream } from './log-reader';

export interface HubOptions {
  readonly doorbell: Doorbell;
  /** How often all watched logs are looked at while rings arrive: heals lost ones. */
  readonly pollMs: number;
  /** The same while they do not. */
  readonly unrungPollMs: number;
  readonly log: Log;
}

/** Logs in one statement. */
const STREAMS_AT_ONCE = 2_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

/**
 * Follows many logs for many readers: one per process and kind of log. All logs that moved since the last read are read
 * by one statement, each once, however many readers it has. Readers take what they have not seen from the log's common
 * tail at their own pace, and nothing is queued for any of them: one who falls behind the tail reads pages of its own
 * until it has caught up. An idle log costs its share of one statement each `pollMs`.
 */
export class LogHub<Entry extends LogEntry> {
  private readonly streams = new Map<string, Stream<Entry>>();
  private readonly moved = new Set<Stream<Entry>>();
  private reading = false;
  private faults = 0;
  private poll: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  private looking = false;
  private closed = false;

  constructor(
    private readonly source: LogSource<Entry>,
    private readonly options: HubOptions,
  ) {}

  /** Starts a reader behind `after`; null for behind the newest entry there is. */
  follow(streamId: string, after: number | null): LogReader<Entry> {
    let stream = this.streams.get(streamId);
    if (!stream) {
      const opened: Stream<Entry> = new Stream(streamId, this.source.sizeOf);
      // Listening before the first read, so that nothing falls between the two.
      opened.unlisten = this.options.doorbell.listen(this.source.topic(streamId), () => this.move(opened));
      this.streams.set(streamId, opened);
      this.move(opened);
      stream = opened;
    }
    if (!this.poll && !this.looking) this.lookedAt = performance.now();
    this.schedulePoll();
    return new LogReader(stream, after, this.source, (reader) => this.leave(reader, stream));
  }

  /** Logs that somebody reads. */
  get watched(): number {
    return this.streams.size;
  }

  /** Ends every reader. */
  close(): void {
    this.closed = true;
    clearTimeout(this.poll);
    for (const stream of this.streams.values()) for (const reader of [...stream.readers]) reader.close();
  }

  private leave(reader: LogReader<Entry>, stream: Stream<Entry>): void {
    stream.readers.delete(reader);
    if (stream.readers.size > 0) return;
    stream.unlisten();
    this.streams.delete(stream.id);
    this.moved.delete(stream);
    if (this.streams.size > 0) return;
    clearTimeout(this.poll);
    this.poll = undefined;
  }

  private move(stream: Stream<Entry>): void {
    // Its last reader may have left while it was looked at, and others follow the same log as another stream since:
    // read together, each would be given the entries of both.
    if (this.streams.get(stream.id) !== stream) return;
    this.moved.add(stream);
    if (this.reading || this.closed) return;
    this.reading = true;
    // What rings in one turn of the event loop is read together.
    setImmediate(() => void this.readMoved());
  }

  private async readMoved(): Promise<void> {
    while (this.moved.size > 0 && !this.closed) {
      const batch = [...this.moved].slice(0, STREAMS_AT_ONCE);
      for (const stream of batch) this.moved.delete(stream);
      try {
        await this.readStreams(batch);
        this.faults = 0;
      } catch (err) {
        this.faults += 1;
        this.options.log.warn({ faults: this.faults, err }, 'reading moved logs failed, trying again');
        for (const stream of batch) this.move(stream);
        await pause(Math.min(RETRY_FIRST_MS * 2 ** (this.faults - 1), RETRY_MAX_MS));
      }
    }
    this.reading = false;
  }

  private async readStreams(batch: readonly Stream<Entry>[]): Promise<void> {
    const fresh = batch.filter((stream) => stream.head === null);
    if (fresh.length > 0) {
      const heads = await this.source.heads(fresh.map((stream) => stream.id));
      for (const stream of fresh) stream.start(heads.get(stream.id) ?? 0);
    }
    const known = batch.filter((stream) => !fresh.includes(stream));
    if (known.length === 0) return;
    const places = known.map((stream) => ({ streamId: stream.id, after: stream.head ?? 0 }));
    const pages = new Map<string, Entry[]>(known.map((stream) => [stream.id, []]));
    for (const entry of await this.source.read(places, PAGE_MAX)) pages.get(this.source.streamOf(entry))?.push(entry);
    for (const stream of known) {
      const page = pages.get(stream.id) ?? [];
      stream.append(page);
      if (page.length === PAGE_MAX) this.move(stream);
    }
  }

  private schedulePoll(): void {
    if (this.poll || this.looking || this.closed) return;
    const { pollMs, unrungPollMs } = this.options;
    // As often as when no rings arrive: whether they do can change at any time.
    this.poll = setTimeout(() => void this.tick(), Math.min(pollMs, unrungPollMs));
  }

  private async tick(): Promise<void> {
    const { doorbell, pollMs } = this.options;
    this.poll = undefined;
    if (!doorbell.healthy() || performance.now() - this.lookedAt >= pollMs) {
      this.looking = true;
      await this.look();
      this.looking = false;
    }
    if (this.streams.size > 0) this.schedulePoll();
  }

  /** Finds what moved without a ring. A log whose newest number went back has lost entries that were read from it. */
  private async look(): Promise<void> {
    this.lookedAt = performance.now();
    const streams = [...this.streams.values()].filter((stream) => stream.head !== null);
    try {
      for (let i = 0; i < streams.length; i += STREAMS_AT_ONCE) {
        const some = streams.slice(i, i + STREAMS_AT_ONCE);
        const before = new Map(some.map((stream) => [stream, stream.reached]));
        const heads = await this.source.heads(some.map((stream) => stream.id));
        for (const [stream, known] of before) {
          const head = heads.get(stream.id) ?? 0;
          if (head > (stream.head ?? 0)) this.move(stream);
          if (head < known) stream.rewind(head);
        }
      }
    } catch (err) {
      this.options.log.warn({ err }, 'looking for moved logs failed, trying again');
    }
  }
}
