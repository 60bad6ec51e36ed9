import type { WatchSession } from '../../graphql/authentication';
import type { Viewer } from '../../kernel/viewer';
import type { Database } from '../../platform/postgres/database';
import type { Doorbell, Topic } from '../../platform/redis/doorbell';
import type { Log } from '../../platform/telemetry/log';
import { findEnded } from './session.repository';

/** What rings when a session has ended. */
export function sessionTopic(sessionId: string): Topic {
  return `session:${sessionId}`;
}

interface Watched {
  readonly viewer: Viewer;
  readonly onEnded: Set<() => void>;
  readonly unlisten: () => void;
}

/** Sessions in one statement. */
const SESSIONS_AT_ONCE = 5_000;

/**
 * Tells connections that their session has ended: at once when the doorbell rings, at the latest after `pollMs`. All
 * sessions that are watched in this process are looked at by one statement.
 */
export class SessionWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly rung = new Set<string>();
  private readonly poll: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
    private readonly log: Log,
    pollMs: number,
  ) {
    this.poll = setInterval(() => void this.look([...this.watched.keys()]), pollMs);
    this.poll.unref();
  }

  readonly watch: WatchSession = (viewer, onEnded) => {
    const { sessionId } = viewer;
    let session = this.watched.get(sessionId);
    if (!session) {
      const unlisten = this.doorbell.listen(sessionTopic(sessionId), () => this.ring(sessionId));
      session = { viewer, onEnded: new Set(), unlisten };
      this.watched.set(sessionId, session);
    }
    const { onEnded: all, unlisten } = session;
    // A wrapper, so that the same function given twice is two watches.
    const ended = () => onEnded();
    all.add(ended);
    return () => {
      all.delete(ended);
      if (all.size > 0 || this.watched.get(sessionId)?.onEnded !== all) return;
      unlisten();
      this.watched.delete(sessionId);
    };
  };

  close(): void {
    clearInterval(this.poll);
  }

  private ring(sessionId: string): void {
    if (this.rung.size === 0) {
      setImmediate(() => {
        const ids = [...this.rung];
        this.rung.clear();
        void this.look(ids);
      });
    }
    this.rung.add(sessionId);
  }

  private async look(ids: readonly string[]): Promise<void> {
    try {
      for (let i = 0; i < ids.length; i += SESSIONS_AT_ONCE) {
        const some = ids.slice(i, i + SESSIONS_AT_ONCE);
        for (const id of await findEnded(this.database, some)) {
          for (const ended of [...(this.watched.get(id)?.onEnded ?? [])]) ended();
        }
      }
    } catch (err) {
      // The next look finds the same.
      this.log.warn({ err }, 'sessions of live connections could not be looked at');
    }
  }
}
