import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock';

/** A bucket that fills at a steady rate up to its capacity (token bucket, RFC 2697 §2 without colours). */
export interface Bucket {
  readonly key: string;
  readonly capacity: number;
  readonly restorePerSecond: number;
}

export interface BucketState {
  readonly allowed: boolean;
  /** Units left in the emptiest of the buckets. */
  readonly remaining: number;
  /** Until there is room for what was asked; 0 when it was allowed. */
  readonly retryAfterMs: number;
  /** Where what was taken is given back. */
  readonly from: TokenBuckets;
}

export interface TokenBuckets {
  /** Takes from several buckets at once: from all of them or from none. */
  take(buckets: readonly Bucket[], amount: number): Promise<BucketState>;
  /** Gives back to each of them, soon; what is lost on the way comes back as everything does, with time. */
  giveBack(buckets: readonly Bucket[], amount: number): void;
  /** Gives back at once all that has been taken and not used. Never throws. */
  flush(): Promise<void>;
}

/** Callers whose buckets one process remembers; the least recently seen start with a full one again. */
const LOCAL_BUCKETS_MAX = 50_000;

/** Buckets of one process. `share` scales them, for a process that stands in for all. */
export function createLocalBuckets(clock: Clock, share = 1): TokenBuckets {
  const levels = new LRUCache<string, { level: number; at: number }>({ max: LOCAL_BUCKETS_MAX });
  const stateOf = ({ key, capacity, restorePerSecond }: Bucket, now: number) => {
    const max = capacity * share;
    const rate = restorePerSecond * share;
    const stored = levels.get(key);
    const level = stored ? Math.min(max, stored.level + (Math.max(0, now - stored.at) * rate) / 1_000) : max;
    return { key, max, rate, level };
  };
  const local: TokenBuckets = {
    async take(buckets, amount) {
      const now = clock.ms();
      const states = buckets.map((bucket) => stateOf(bucket, now));
      const retryAfterMs = Math.max(
        0,
        ...states.map(({ level, rate }) => (level < amount ? Math.ceil(((amount - level) / rate) * 1_000) : 0)),
      );
      const allowed = retryAfterMs === 0;
      for (const state of states) {
        if (allowed) state.level -= amount;
        levels.set(state.key, { level: state.level, at: now });
      }
      const remaining = Math.max(0, Math.floor(Math.min(...states.map(({ level }) => level))));
      return { allowed, remaining, retryAfterMs, from: local };
    },
    giveBack(buckets, amount) {
      const now = clock.ms();
      for (const bucket of buckets) {
        const { key, max, level } = stateOf(bucket, now);
        levels.set(key, { level: Math.min(max, level + amount), at: now });
      }
    },
    async flush() {},
  };
  return local;
}
