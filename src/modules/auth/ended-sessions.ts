import type { WatchSession } from '../../graphql/authentication';
import type { Clock } from '../../kernel/clock';
import type { Viewer } from '../../kernel/viewer';
import type { Database } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { Log } from '../../platform/telemetry/log';
import { findEndedSince } from './session.repository';

/** Rings when any session has ended: which one stands in the database. */
const TOPIC = 'ended-sessions';
/**
 * How far back each look goes behind the one before it. A transaction that ends a session takes its time, and the
 * clocks of processes differ: an end of `09:00:00` may be there to be read only a while later.
 */
const OVERLAP_MS = 60_000;
/** For the answer of the operation that ended the session, which may have come by the connection to be closed. */
const ANSWER_MS = 100;

export interface EndedSessionsOptions {
  readonly database: Database;
  readonly doorbell: Doorbell;
  readonly clock: Clock;
  readonly log: Log;
  /** The longest life of an access token: whatever ended before has none left. */
  readonly accessTokenSeconds: number;
  /** How often is looked without being rung for. */
  readonly pollMs: number;
}

interface Watched {
  readonly userId: string;
  readonly onEnded: Set<() => void>;
}

/**
 * Knows, without asking the database, the sessions and accounts that have ended while access tokens of theirs still
 * live, and closes their connections. What this process ends it knows at once; what others end, when the doorbell rings
 * and at the latest after `pollMs`. While the database cannot be read, the last that was known holds: sockets stay open
 * and requests get as far as their first read, and what ended meanwhile is known before a second has passed since the
 * database is back.
 */
export class EndedSessions {
  /** Ids of sessions and of accounts, with when they were learned of: the oldest first. */
  private readonly known = new Map<string, number>();
  private readonly watched = new Map<string, Watched>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private lookedAt: number | null = null;
  private looking: Promise<void> | null = null;
  private again = false;
  private failing = false;
  private closed = false;
  private stop = () => {};

  constructor(private readonly options: EndedSessionsOptions) {}

  /** Learns what has ended already, and listens and looks from then on. @throws when it cannot be read. */
  async start(): Promise<void> {
    const { doorbell, pollMs } = this.options;
    await this.read();
    const unlisten = doorbell.listen(TOPIC, () => this.look());
    const poll = setInterval(() => this.look(), pollMs);
    poll.unref();
    this.stop = () => {
      unlisten();
      clearInterval(poll);
    };
  }

  close(): void {
    this.closed = true;
    this.stop();
    for (const timer of this.timers) clearTimeout(timer);
  }

  readonly has = ({ sessionId, userId }: Viewer): boolean => this.known.has(sessionId) || this.known.has(userId);

  /** These have just been ended here: tells this process at once, and the others to look. */
  tell(sessionIds: readonly string[]): void {
    this.learn(sessionIds);
    this.options.doorbell.ring(TOPIC);
  }

  readonly watch: WatchSession = (viewer, onEnded) => {
    const { sessionId, userId } = viewer;
    const watched = this.watched.get(sessionId) ?? { userId, onEnded: new Set() };
    this.watched.set(sessionId, watched);
    // A wrapper, so that the same function given twice is two watches.
    const ended = () => {
      if (watched.onEnded.delete(ended)) onEnded();
    };
    watched.onEnded.add(ended);
    if (this.has(viewer)) setImmediate(ended);
    return () => {
      watched.onEnded.delete(ended);
      if (watched.onEnded.size === 0 && this.watched.get(sessionId) === watched) this.watched.delete(sessionId);
    };
  };

  private look(): void {
    this.again = true;
    this.looking ??= this.lookWhileRung().finally(() => {
      this.looking = null;
    });
  }

  private async lookWhileRung(): Promise<void> {
    while (this.again && !this.closed) {
      this.again = false;
      try {
        await this.read();
        this.failing = false;
      } catch (err) {
        if (!this.failing && !this.closed) this.options.log.warn({ err }, 'ended sessions cannot be read');
        this.failing = true;
      }
    }
  }

  private async read(): Promise<void> {
    const { database, clock, accessTokenSeconds } = this.options;
    const now = clock.ms();
    const since = (this.lookedAt ?? now - accessTokenSeconds * 1_000) - OVERLAP_MS;
    this.learn(await findEndedSince(database, new Date(since).toISOString()));
    this.lookedAt = now;
    const forgotten = now - accessTokenSeconds * 1_000 - 2 * OVERLAP_MS;
    for (const [id, learnedAt] of this.known) {
      if (learnedAt >= forgotten) break;
      this.known.delete(id);
    }
  }

  private learn(ids: readonly string[]): void {
    const fresh = new Set(ids.filter((id) => !this.known.has(id)));
    if (fresh.size === 0) return;
    const now = this.options.clock.ms();
    for (const id of fresh) this.known.set(id, now);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.closeConnections(fresh);
    }, ANSWER_MS);
    this.timers.add(timer);
  }

  private closeConnections(ids: ReadonlySet<string>): void {
    for (const [sessionId, { userId, onEnded }] of this.watched) {
      if (ids.has(sessionId) || ids.has(userId)) for (const ended of [...onEnded]) ended();
    }
  }
}
