import type { LiveSource } from '../../graphql/live';
import type { Engagement } from './engagement.types';

/** Between two messages to one subscriber. */
export const REST_MS = 500;
/** Counters that a slow client has left waiting for longer than this are read anew: rights may have changed. */
const STALE_MS = 1_000;

/** What a follower needs of whoever reads for it. */
export interface FollowerWays {
  /** Has the counters read, and offered or the follower ended. @throws what reading throws. */
  readonly refresh: () => Promise<void>;
  readonly leave: () => void;
}

/** One subscription to the counters of a post. Nothing is queued: what waits for its client is the newest value. */
export class EngagementFollower implements LiveSource<Engagement> {
  /** What was read before says nothing to this one: it came later. */
  readonly since = performance.now();
  private newest: Engagement | null = null;
  private given: Engagement | null = null;
  private readAt = 0;
  private restsUntil = Number.NEGATIVE_INFINITY;
  private over = false;
  private wake = () => {};

  constructor(private readonly ways: FollowerWays) {}

  get ended(): boolean {
    return this.over;
  }

  /** Takes what was read at `now`. False when that is too soon after the last: it has to be offered again. */
  offer(engagement: Engagement, now: number): boolean {
    const differs = !isSame(engagement, this.newest);
    if (differs && now < this.restsUntil) return false;
    this.newest = engagement;
    this.readAt = now;
    if (differs) this.restsUntil = now + REST_MS;
    this.wake();
    return true;
  }

  async next(): Promise<readonly Engagement[] | null> {
    while (!this.over) {
      const { newest } = this;
      if (newest === null || isSame(newest, this.given)) await this.woken();
      else if (performance.now() - this.readAt > STALE_MS) await this.ways.refresh();
      else {
        this.given = newest;
        return [newest];
      }
    }
    return null;
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    this.ways.leave();
    this.wake();
  }

  /** Its numbers are what is shown: who holds the same object sees the same. */
  async isPublic(): Promise<boolean> {
    return true;
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

function isSame(one: Engagement, other: Engagement | null): boolean {
  return one.likeCount === other?.likeCount && one.commentCount === other.commentCount;
}
