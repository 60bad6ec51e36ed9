import { randomUUID } from 'node:crypto';
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

/** What travels between processes. */
interface Message {
  /** The process that sends it. */
  readonly from: string;
  /** Topics that rang, all at once. */
  readonly rung?: readonly Topic[];
  readonly signal?: readonly [topic: Topic, text: string];
}

/** Every process subscribes to this channel once, at start; topics travel as messages in it. */
const CHANNEL = 'portico:doorbell';
/** Followed by the process: its own heartbeat, which is nothing to the others. */
const BEAT_CHANNEL = 'portico:heartbeat:';
const RECONNECT_DELAY_MAX_MS = 2_000;
const BEAT_INTERVAL_MS = 800;
/** Without a beat of our own for this long, the connection is dead, whatever it says itself. */
const BEAT_LOST_MS = 2_000;
/** A beat this late says that this process itself stood still. */
const BEAT_LATE_MS = 1_600;
/** For the good-byes of a connection; a dead one says none. */
const DISCONNECT_TIMEOUT_MS = 100;
const RINGS_PER_MESSAGE = 500;

/**
 * Rings through Redis pub/sub, so that every process hears it; this process's own listeners are woken directly as
 * well. A heartbeat goes the whole way round: when it does not come back, the connections are made anew, and
 * `healthy` is false until it does. A Redis fault costs only speed: listeners find what they missed at their next
 * periodic read, and all of them are woken when the heartbeat stops and when it is back.
 */
export async function createRedisDoorbell(options: RedisDoorbellOptions): Promise<Doorbell> {
  const { log } = options;
  const self = randomUUID();
  const shared: RedisOptions = {
    connectTimeout: options.connectTimeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 100, RECONNECT_DELAY_MAX_MS),
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // A SUBSCRIBE sent while the check's INFO is outstanding can be dead for good (ioredis 5), and a check that is never
    // answered holds up a connection forever. The heartbeat tells more.
    enableReadyCheck: false,
    // ioredis calls a connection ready once these introductions are over, also when that is because it was lost; then it
    // connects no more.
    disableClientInfo: true,
    lazyConnect: true,
  };
  const publisher = new Redis(options.url, {
    ...shared,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: options.commandTimeoutMs,
  });
  const subscriber = new Redis(options.url, { ...shared, maxRetriesPerRequest: null });
  // After each reconnect ioredis subscribes anew by itself, and nobody looks whether that fails: at the end it may.
  const subscribe = subscriber.subscribe.bind(subscriber) as (...given: unknown[]) => Promise<unknown>;
  subscriber.subscribe = ((...given: unknown[]) => {
    const subscribed = subscribe(...given);
    subscribed.catch(() => {});
    return subscribed;
  }) as typeof subscriber.subscribe;
  const listeners = new TopicListeners();
  const pubSub = new RedisPubSub({ publisher, subscriber, connectionListener: undefined });
  let healthy = false;
  /** When the last beat came back, and when Redis last answered that it had taken one. */
  let heardAt = Number.NEGATIVE_INFINITY;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let patientSince = performance.now();
  let lastBeat = patientSince;
  let waiting: Topic[] = [];

  for (const [role, client] of Object.entries({ publisher, subscriber })) {
    client.on('error', (err: Error) => log.warn({ role, err: err.message }, 'redis fault'));
    client.on('close', lose);
  }

  function send(message: Omit<Message, 'from'>): void {
    pubSub
      .publish(CHANNEL, { ...message, from: self })
      .catch((err: Error) => log.debug({ err: err.message }, 'doorbell not rung'));
  }

  function hear(message: Message): void {
    try {
      // Whoever rings has woken its own listeners.
      if (message.from === self) return;
      for (const topic of message.rung ?? []) listeners.wake(topic);
      if (message.signal) listeners.wake(...message.signal);
    } catch (err) {
      log.warn({ err }, 'doorbell message not understood');
    }
  }

  function sendBeat(): void {
    pubSub.publish(BEAT_CHANNEL + self, '').then(
      () => {
        answeredAt = performance.now();
        recover();
      },
      () => {},
    );
  }

  function hearBeat(): void {
    heardAt = performance.now();
    recover();
  }

  function lose(): void {
    heardAt = Number.NEGATIVE_INFINITY;
    answeredAt = Number.NEGATIVE_INFINITY;
    if (!healthy) return;
    healthy = false;
    log.warn({}, 'redis does not answer, reading without it');
    listeners.wakeAll();
  }

  function recover(): void {
    if (healthy || performance.now() - Math.min(heardAt, answeredAt) >= BEAT_LOST_MS) return;
    healthy = true;
    // Whatever rang while nothing was heard.
    listeners.wakeAll();
  }

  function beat(): void {
    const now = performance.now();
    // What came while this process itself stood still has not been read yet.
    if (now - lastBeat > BEAT_LATE_MS) patientSince = now;
    lastBeat = now;
    sendBeat();
    if (now - Math.max(patientSince, Math.min(heardAt, answeredAt)) < BEAT_LOST_MS) return;
    patientSince = now;
    lose();
    // A connection that is being made needs no help; one that looks whole and carries nothing is cut.
    for (const client of [publisher, subscriber]) if (client.status === 'ready') client.disconnect(true);
  }

  function flush(): void {
    const topics = [...new Set(waiting)];
    waiting = [];
    for (let i = 0; i < topics.length; i += RINGS_PER_MESSAGE) send({ rung: topics.slice(i, i + RINGS_PER_MESSAGE) });
  }

  // All settle later by themselves when Redis is away now; the process starts without it.
  publisher.connect().then(sendBeat, () => {});
  subscriber.connect().catch(() => {});
  Promise.all([pubSub.subscribe<Message>(CHANNEL, hear), pubSub.subscribe(BEAT_CHANNEL + self, hearBeat)])
    .then(sendBeat)
    .catch((err: Error) => log.error({ err: err.message }, 'redis subscribe failed'));
  const beating = setInterval(beat, BEAT_INTERVAL_MS);
  beating.unref();

  return {
    ring(...topics) {
      for (const topic of topics) listeners.wake(topic);
      // Whatever rings in one turn of the event loop goes out in one message.
      if (waiting.length === 0) queueMicrotask(flush);
      waiting.push(...topics);
    },
    signal(topic, text) {
      listeners.wake(topic, text);
      send({ signal: [topic, text] });
    },
    listen: (topic, listener) => listeners.listen(topic, listener),
    healthy: () => healthy,
    async close() {
      clearInterval(beating);
      healthy = false;
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
