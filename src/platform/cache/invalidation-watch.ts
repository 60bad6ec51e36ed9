import type { Database } from '../postgres/database';
import type { Log } from '../telemetry/log';
import type { EntityKey } from './entity';
import { BEGINNING, endedBefore, type Place, purgeInvalidations, readInvalidations } from './invalidation-log';

export interface InvalidationWays {
  /** Copies of these rows are out of date, wherever they are. Must not throw. */
  readonly drop: (keys: readonly EntityKey[]) => Promise<void>;
  /** Nothing that was read so far counts: another database answers, or the log has gone on without this process. */
  readonly reset: (epoch: string) => void;
}

/** How often the log is read. */
const POLL_MS = 500;
/** Copies may be used for this long after a read of the log began; the rest of two seconds is for using them. */
const FRESH_MS = 1_500;
/** How long an entry stays in the log: longer than any copy lives. */
const KEPT_SECONDS = 300;
/** After so long without a read, entries may be gone that were never seen. */
const LATE_MS = (KEPT_SECONDS / 2) * 1_000;
const PURGE_EVERY_MS = 60_000;

/**
 * Follows the log of what transactions changed. What another process has told of already need not be dropped once more;
 * what nobody told of is found here, whatever became of whoever should have told.
 */
export class InvalidationWatch {
  private place: Place = BEGINNING;
  private epoch: string | null = null;
  private freshSince = Number.NEGATIVE_INFINITY;
  private purgedAt = Number.NEGATIVE_INFINITY;
  /** Transactions whose keys are dropped already, and which the log has not brought yet. */
  private readonly heard = new Set<string>();
  private reading: Promise<void> | null = null;
  private failing = false;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly ways: InvalidationWays,
    private readonly log: Log,
  ) {}

  /** Whether everything that was committed two seconds ago is known here. */
  isFresh(now = performance.now()): boolean {
    return now - this.freshSince < FRESH_MS;
  }

  start(): void {
    void this.look();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.freshSince = Number.NEGATIVE_INFINITY;
  }

  /** The keys of this transaction have been dropped everywhere. */
  hear(xid: string): void {
    this.heard.add(xid);
  }

  /** Reads the log now; at the next read when one is under way already. Never throws. */
  look(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.reading ??= this.read()
      .then(
        () => {
          this.failing = false;
        },
        (err: Error) => {
          if (!this.failing && !this.closed) this.log.warn({ err: err.message }, 'copies are not used for now');
          this.failing = true;
        },
      )
      .finally(() => {
        this.reading = null;
        clearTimeout(this.timer);
        if (this.closed) return;
        this.timer = setTimeout(() => this.look(), POLL_MS);
        this.timer.unref();
      });
    return this.reading;
  }

  private async read(): Promise<void> {
    const startedAt = performance.now();
    const { database, ways } = this;
    const page = await readInvalidations(database, this.place);
    const isBehind = endedBefore(page.place) < endedBefore(this.place);
    if (page.epoch !== this.epoch || isBehind || startedAt - this.freshSince > LATE_MS) {
      const hasMore = this.place !== BEGINNING;
      this.epoch = page.epoch;
      this.place = BEGINNING;
      this.freshSince = Number.NEGATIVE_INFINITY;
      this.heard.clear();
      ways.reset(page.epoch);
      // From the beginning: the page was read from a place in another history.
      if (hasMore) return this.read();
    }
    const unheard = page.entries.filter(({ xid }) => !this.heard.has(xid));
    await ways.drop([...new Set(unheard.flatMap(({ keys }) => keys))]);
    const ended = endedBefore(page.place);
    for (const xid of this.heard) if (BigInt(xid) < ended) this.heard.delete(xid);
    this.place = page.place;
    this.freshSince = startedAt;
    await this.purge(startedAt);
  }

  private async purge(now: number): Promise<void> {
    if (now - this.purgedAt < PURGE_EVERY_MS) return;
    this.purgedAt = now;
    await purgeInvalidations(this.database, KEPT_SECONDS);
  }
}
