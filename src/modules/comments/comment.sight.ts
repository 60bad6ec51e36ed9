import type { MaybeViewer } from '../../kernel/viewer';
import type { HubOptions } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import * as comments from './comment.repository';

interface Watched extends comments.SightQuestion {
  readonly onLost: () => void;
}

/** Questions in one statement. */
const QUESTIONS_AT_ONCE = 2_000;

/**
 * Ends the streams of those who lost sight of their post, also where nobody comments any more: all streams of this
 * process are looked at by one statement, every `pollMs`.
 */
export class Sight {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly options: HubOptions,
  ) {}

  /** Calls `onLost` when the viewer may not see the post any more, until the returned function is called. */
  watch(viewer: MaybeViewer, postId: string, onLost: () => void): () => void {
    const watched: Watched = { viewerId: viewer?.userId ?? null, postId, onLost };
    this.watched.add(watched);
    this.timer ??= setInterval(() => void this.look(), this.options.pollMs).unref();
    return () => {
      this.watched.delete(watched);
      if (this.watched.size === 0) this.close();
    };
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    const all = [...this.watched];
    try {
      for (let i = 0; i < all.length; i += QUESTIONS_AT_ONCE) {
        const some = all.slice(i, i + QUESTIONS_AT_ONCE);
        const open = await comments.findSight(this.database, some);
        for (const [index, each] of some.entries()) if (!open[index]) each.onLost();
      }
    } catch (err) {
      // Nothing is delivered without being asked for anew, so the next look is soon enough.
      this.options.log.warn({ err }, 'rights of comment streams could not be looked at');
    }
  }
}
