import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock';
import type { Log } from '../telemetry/log';

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
}

/** Takes from several buckets at once: from all of them or from none. A negative amount gives back. */
export interface TokenBuckets {
  take(buckets: readonly Bucket[], amount: number): Promise<BucketState>;
}

const TAKE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local amount = tonumber(ARGV[1])
local levels, wait, remaining = {}, 0, nil
for i, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local stored = redis.call('HMGET', key, 'level', 'at')
  local level, at = tonumber(stored[1]) or capacity, tonumber(stored[2]) or now
  levels[i] = math.min(capacity, level + math.max(0, now - at) * rate / 1000)
  if levels[i] < amount then wait = math.max(wait, math.ceil((amount - levels[i]) / rate * 1000)) end
end
for i, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  if wait == 0 then levels[i] = math.min(capacity, levels[i] - amount) end
  redis.call('HSET', key, 'level', tostring(levels[i]), 'at', now)
  redis.call('PEXPIRE', key, math.ceil(capacity / rate * 1000) + 1000)
  remaining = math.min(remaining or levels[i], levels[i])
end
return { wait, math.floor(remaining) }`;

/** Callers whose buckets one process remembers; the least recently seen start with a full one again. */
const LOCAL_BUCKETS_MAX = 50_000;
/** After a fault, Redis is not asked again for this long, so that a slow one does not slow every request. */
const REST_AFTER_FAULT_MS = 1_000;

/** Buckets of one process. `share` scales them, for a process that stands in for all. */
export function createLocalBuckets(clock: Clock, share = 1): TokenBuckets {
  const levels = new LRUCache<string, { level: number; at: number }>({ max: LOCAL_BUCKETS_MAX });
  return {
    async take(buckets, amount) {
      const now = clock.ms();
      const states = buckets.map(({ key, capacity, restorePerSecond }) => {
        const max = capacity * share;
        const rate = restorePerSecond * share;
        const stored = levels.get(key);
        const level = stored ? Math.min(max, stored.level + (Math.max(0, now - stored.at) * rate) / 1_000) : max;
        return { key, max, rate, level };
      });
      const retryAfterMs = Math.max(
        0,
        ...states.map(({ level, rate }) => (level < amount ? Math.ceil(((amount - level) / rate) * 1_000) : 0)),
      );
      const allowed = retryAfterMs === 0;
      for (const { key, max, level } of states) {
        levels.set(key, { level: allowed ? Math.min(max, level - amount) : level, at: now });
      }
      const left = states.map(({ key, max }) => levels.get(key)?.level ?? max);
      return { allowed, remaining: Math.max(0, Math.floor(Math.min(...left))), retryAfterMs };
    },
  };
}

/**
 * Buckets that all processes share, in one round trip by one script. While Redis is away each process counts by itself
 * with a share of every bucket, and `onFallback` callers that must not guess can ask `isShared`.
 */
export class RedisBuckets implements TokenBuckets {
  private restUntil = 0;

  constructor(
    private readonly redis: Redis,
    private readonly fallback: TokenBuckets,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async take(buckets: readonly Bucket[], amount: number): Promise<BucketState> {
    if (this.clock.ms() < this.restUntil) return this.fallback.take(buckets, amount);
    try {
      const keys = buckets.map(({ key }) => `portico:budget:${key}`);
      const rules = buckets.flatMap(({ capacity, restorePerSecond }) => [capacity, restorePerSecond]);
      const answer = await this.redis.eval(TAKE_SCRIPT, keys.length, ...keys, amount, ...rules);
      const [retryAfterMs, remaining] = answer as [number, number];
      return { allowed: retryAfterMs === 0, remaining: Math.max(0, remaining), retryAfterMs };
    } catch (err) {
      this.restUntil = this.clock.ms() + REST_AFTER_FAULT_MS;
      this.log.warn({ err: (err as Error).message }, 'budgets are counted in this process for now');
      return this.fallback.take(buckets, amount);
    }
  }
}
