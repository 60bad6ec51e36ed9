import { setTimeout as delay } from 'node:timers/promises';
import type { WatchSession } from '../../graphql/authentication';
import type { Database } from '../../platform/postgres/database';
import type { Doorbell, Topic } from '../../platform/redis/doorbell';
import type { Log } from '../../platform/telemetry/log';
import { findEnded } from './session.repository';

/** What rings when a session has ended. */
export function sessionTopic(sessionId: string): Topic {
  return `session:${sessionId}`;
}

interface Watched {
  readonly onEnded: Set<() => void>;
  readonly unlisten: () => void;
}

/** Sessions in one statement. */
const SESSIONS_AT_ONCE = 5_000;
/** However seldom live logs are looked at: an end that no ring tells of is found in this time. */
const POLL_MAX_MS = 5_000;
/** After a look that failed. */
const RETRY_MS = 500;

/**
 * Tells connections that their session has ended: at once when the doorbell rings, at the latest after `pollMs` or five
 * seconds. A session is looked at when a connection comes, too: a token outlives the session that it is of. All
 * sessions that are to be looked at are looked at by one statement.
 */
export class SessionWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly rung = new Set<string>();
  private readonly poll: NodeJS.Timeout;
  private looking = false;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
    private readonly log: Log,
    pollMs: number,
  ) {
    this.poll = setInterval(() => this.ring(this.watched.keys()), Math.min(pollMs, POLL_MAX_MS));
    this.poll.unref();
  }

  readonly watch: WatchSession = (viewer, onEnded) => {
    const { sessionId } = viewer;
    let session = this.watched.get(sessionId);
    if (!session) {
      const unlisten = this.doorbell.listen(sessionTopic(sessionId), () => this.ring([sessionId]));
      session = { onEnded: new Set(), unlisten };
      this.watched.set(sessionId, session);
    }
    const { onEnded: all, unlisten } = session;
    // A wrapper, so that the same function given twice is two watches.
    const ended = () => onEnded();
    all.add(ended);
    this.ring([sessionId]);
    return () => {
      all.delete(ended);
      if (all.size > 0 || this.watched.get(sessionId)?.onEnded !== all) return;
      unlisten();
      this.watched.delete(sessionId);
    };
  };

  close(): void {
    clearInterval(this.poll);
    this.closed = true;
  }

  private ring(sessionIds: Iterable<string>): void {
    for (const id of sessionIds) this.rung.add(id);
    if (this.looking || this.rung.size === 0) return;
    this.looking = true;
    // What rings in one turn of the event loop is looked at together.
    setImmediate(() => void this.look());
  }

  private async look(): Promise<void> {
    while (this.rung.size > 0 && !this.closed) {
      const some = [...this.rung].slice(0, SESSIONS_AT_ONCE);
      for (const id of some) this.rung.delete(id);
      try {
        for (const id of await findEnded(this.database, some)) {
          for (const ended of [...(this.watched.get(id)?.onEnded ?? [])]) ended();
        }
      } catch (err) {
        this.log.warn({ err }, 'sessions of live connections could not be looked at, trying again');
        for (const id of some) if (this.watched.has(id)) this.rung.add(id);
        await delay(RETRY_MS, undefined, { ref: false });
      }
    }
    this.looking = false;
  }
}
