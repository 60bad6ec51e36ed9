import { Redis } from 'ioredis';
import { systemClock } from '../../src/kernel/clock';
import { RedisBuckets } from '../../src/platform/redis/redis-buckets';
import type { Bucket } from '../../src/platform/redis/token-bucket';
import { createLog } from '../../src/platform/telemetry/log';
import { startRedis } from './redis-server';

export const HOUR_S = 3_600;
export const SILENT = createLog({ level: 'silent', format: 'json' });

/** Standing in while Redis is away, which it never is here. */
const NOBODY = {
  take: () => Promise.reject(new Error('asked in place of Redis')),
  giveBack() {},
  flush: async () => {},
};

/** A Redis of one's own with processes that share their buckets in it. */
export async function startSharedBuckets() {
  const server = await startRedis();
  const redis = new Redis(server.url);
  return {
    url: server.url,
    redis,
    aProcess: (advanceShare = 0) => new RedisBuckets(redis, NOBODY, systemClock, SILENT, advanceShare),
    async stop() {
      redis.disconnect();
      await server.stop();
    },
  };
}

export type SharedBuckets = Awaited<ReturnType<typeof startSharedBuckets>>;

let names = 0;
/** So slow to come back that nothing does meanwhile. */
export function bucket(capacity: number, restorePerSecond = capacity / HOUR_S): Bucket {
  names += 1;
  return { key: `bucket ${names}`, capacity, restorePerSecond };
}
