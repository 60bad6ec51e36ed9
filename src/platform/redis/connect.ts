import { Redis } from 'ioredis';
import type { Log } from '../telemetry/log';

const RECONNECT_DELAY_MAX_MS = 2_000;

/**
 * A connection for commands. While Redis is away commands fail at once instead of waiting in a queue, and the
 * connection comes back by itself.
 */
export function connectRedis(url: string, timeoutMs: number, log: Log, commandTimeoutMs = timeoutMs): Redis {
  const redis = new Redis(url, {
    connectTimeout: timeoutMs,
    commandTimeout: commandTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, RECONNECT_DELAY_MAX_MS),
  });
  redis.on('error', (err: Error) => log.warn({ role: 'commands', err: err.message }, 'redis fault'));
  return redis;
}
