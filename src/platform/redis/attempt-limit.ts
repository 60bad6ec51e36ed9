import type { Redis } from 'ioredis';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** How often one address, or whatever else is counted, may try something that strangers can try, such as signing in. */
export interface AttemptLimit {
  /**
   * Counts `attempts`. @returns null when they are allowed, else the milliseconds until the next may be.
   * @throws when nobody can tell because the shared count is away: whoever asks must refuse.
   */
  consume(address: string, attempts: number): Promise<number | null>;
  /** As `consume`, counted by this process alone: for what does no harm when processes do not count together. Never throws. */
  consumeHere(address: string, attempts: number): Promise<number | null>;
  /** Takes back what turned out to be no attempt. Never throws: what is not given back comes back by itself. */
  giveBack(address: string, attempts: number): Promise<void>;
}

export interface AttemptLimitOptions {
  readonly name: string;
  readonly attempts: number;
  readonly windowSeconds: number;
}

/** Counts in Redis where there is one, so that all processes count together, and in memory where there is none. */
export function createAttemptLimit(options: AttemptLimitOptions, redis: Redis | null): AttemptLimit {
  const settings = {
    keyPrefix: `portico:attempts:${options.name}`,
    points: options.attempts,
    duration: options.windowSeconds,
  };
  const limiter = redis
    ? new RateLimiterRedis({ ...settings, storeClient: redis, rejectIfRedisNotReady: true })
    : new RateLimiterMemory(settings);
  const here = redis ? new RateLimiterMemory(settings) : limiter;
  return {
    consume: (address, attempts) => consumeBy(limiter, address, attempts),
    consumeHere: (address, attempts) => consumeBy(here, address, attempts),
    async giveBack(address, attempts) {
      await limiter.reward(address, attempts).catch(() => {});
    },
  };
}

async function consumeBy(limiter: RateLimiterAbstract, address: string, attempts: number): Promise<number | null> {
  try {
    await limiter.consume(address, attempts);
    return null;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return refused.msBeforeNext;
    throw refused;
  }
}

/** Makes the limits of one kind each, all of them on the same store. */
export type MakeAttemptLimit = (options: AttemptLimitOptions) => AttemptLimit;
