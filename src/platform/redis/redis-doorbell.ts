import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../telemetry/log';
import { type Doorbell, type Topic, TopicListeners } from './doorbell';

export interface RedisDoorbellOptions {
  readonly url: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly log: Log;
}

/** Every process subscribes to this channel once, at start; topics travel as messages in it. */
const CHANNEL = 'portico:doorbell';
const RECONNECT_DELAY_MAX_MS = 2_000;

/**
 * Rings through Redis pub/sub, so that every process hears it; this process's own listeners are woken directly as
 * well. A Redis fault is logged and costs only speed: listeners find what they missed at their next periodic read,
 * and all of them are woken when the connection is back.
 */
export async function createRedisDoorbell(options: RedisDoorbellOptions): Promise<Doorbell> {
  const { log } = options;
  const shared: RedisOptions = {
    connectTimeout: options.connectTimeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 100, RECONNECT_DELAY_MAX_MS),
    lazyConnect: true,
  };
  const publisher = new Redis(options.url, {
    ...shared,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: options.commandTimeoutMs,
  });
  // With the ready check, a SUBSCRIBE sent while INFO is outstanding can be dead for good (ioredis 5).
  const subscriber = new Redis(options.url, { ...shared, enableReadyCheck: false, maxRetriesPerRequest: null });
  for (const [role, client] of Object.entries({ publisher, subscriber })) {
    client.on('error', (err: Error) => log.warn({ role, err: err.message }, 'redis fault'));
  }
  const listeners = new TopicListeners();
  subscriber.on('ready', () => listeners.wakeAll());
  const pubSub = new RedisPubSub({ publisher, subscriber, connectionListener: undefined });
  // Both settle later by themselves when Redis is away now; the process starts without it.
  publisher.connect().catch(() => {});
  subscriber.connect().catch(() => {});
  pubSub
    .subscribe<Topic>(CHANNEL, (topic) => listeners.wake(topic))
    .catch((err: Error) => log.error({ err: err.message }, 'redis subscribe failed'));

  return {
    ring(topic) {
      listeners.wake(topic);
      pubSub.publish(CHANNEL, topic).catch((err: Error) => log.warn({ err: err.message }, 'doorbell not rung'));
    },
    listen: (topic, wake) => listeners.listen(topic, wake),
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
