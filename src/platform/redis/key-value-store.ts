import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Log } from '../telemetry/log';

/** Small texts that may be lost at any time. Bounded; never throws. */
export interface KeyValueStore {
  get(key: string): Promise<string | null>;
  /** Keeps the text for about `ttlMs`; does not wait for it to be kept. */
  set(key: string, text: string, ttlMs: number): void;
}

/** For one process: the least recently used texts go when `maxCharacters` are reached. */
export function createLocalStore(maxCharacters: number): KeyValueStore {
  const cache = new LRUCache<string, string>({
    maxSize: maxCharacters,
    sizeCalculation: (text) => Math.max(text.length, 1),
  });
  return {
    get: async (key) => cache.get(key) ?? null,
    set: (key, text, ttlMs) => void cache.set(key, text, { ttl: ttlMs }),
  };
}

/**
 * For all processes, in front of it the local one. Redis bounds itself by the time to live and its own `maxmemory`;
 * while it is away the local store serves alone.
 */
export function createRedisStore(redis: Redis, local: KeyValueStore, log: Log): KeyValueStore {
  const onFault = (err: Error) => log.warn({ err: err.message }, 'redis store fault');
  return {
    async get(key) {
      const near = await local.get(key);
      if (near !== null) return near;
      return redis.get(key).catch((err: Error) => {
        onFault(err);
        return null;
      });
    },
    set(key, text, ttlMs) {
      local.set(key, text, ttlMs);
      redis.set(key, text, 'PX', ttlMs).catch(onFault);
    },
  };
}
