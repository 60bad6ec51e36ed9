import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Log } from '../telemetry/log';
import { Script } from './script';

/** Small texts that may be lost at any time. Bounded; never throws. */
export interface KeyValueStore {
  get(key: string): Promise<string | null>;
  /** Whether this process has it at hand. */
  has(key: string): boolean;
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
    has: (key) => cache.has(key),
    set: (key, text, ttlMs) => void cache.set(key, text, { ttl: ttlMs }),
  };
}

/**
 * Keeps a text, and lets those go that were set longest ago while all together are longer than allowed. What has outlived
 * its time counts until then: it is among the first to go.
 */
const SET = new Script(`
local size, sizes = tonumber(ARGV[2]), KEYS[3]
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
local before = tonumber(redis.call('HGET', sizes, KEYS[1]) or 0)
redis.call('HSET', sizes, KEYS[1], size)
redis.call('ZADD', KEYS[2], ARGV[4], KEYS[1])
local total = redis.call('HINCRBY', sizes, '', size - before)
while total > tonumber(ARGV[5]) do
  local oldest = redis.call('ZPOPMIN', KEYS[2])[1]
  if not oldest then break end
  total = redis.call('HINCRBY', sizes, '', -tonumber(redis.call('HGET', sizes, oldest) or 0))
  redis.call('HDEL', sizes, oldest)
  redis.call('DEL', oldest)
end`);

export interface RedisStoreOptions {
  /** What the keys of all texts begin with. */
  readonly prefix: string;
  /** Of all texts together. */
  readonly maxCharacters: number;
  readonly now: () => number;
}

/** For all processes, in front of it the local one, which serves alone while Redis is away. */
export function createRedisStore(
  redis: Redis,
  local: KeyValueStore,
  { prefix, maxCharacters, now }: RedisStoreOptions,
  log: Log,
): KeyValueStore {
  const onFault = (err: Error) => log.warn({ err: err.message }, 'redis store fault');
  return {
    has: (key) => local.has(key),
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
      const keys = [key, `${prefix}order`, `${prefix}sizes`];
      SET.run(redis, keys, [text, text.length, ttlMs, now(), maxCharacters]).catch(onFault);
    },
  };
}
