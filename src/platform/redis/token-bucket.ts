import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock';
import type { Log } from '../telemetry/log';
import { Script } from './script';

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
  /** Gives back at once what is on the way. Never throws. */
  flush(): Promise<void>;
}

/** What a bucket lacks is kept as the time that it takes to come back. */
const MICROSECONDS = 1_000_000;

/**
 * The value of a key is when its bucket is whole again, in microseconds; a key that is not there is a whole bucket. In that
 * form (GCRA, ITU-T I.371) time needs no update, and giving back is a subtraction. A value further off than an empty
 * bucket would have it is of another clock.
 *
 * Takes for one request after the other, as if they came one by one: of each, how many buckets it has, and what it costs
 * and how much there is room for in each of them. Answers what each bucket lacks then, and how long to wait.
 */
const TAKE = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer, key, at = {}, 0, 1
while at <= #ARGV do
  local count, wait = tonumber(ARGV[at]), 0
  local whole = redis.call('MGET', unpack(KEYS, key + 1, key + count))
  for i = 1, count do
    local cost, window = tonumber(ARGV[at + 2 * i - 1]), tonumber(ARGV[at + 2 * i])
    local lacking = math.min(math.max((tonumber(whole[i]) or now) - now, 0), window)
    whole[i] = lacking
    if lacking + cost - window > wait then wait = lacking + cost - window end
  end
  for i = 1, count do
    if wait == 0 then
      whole[i] = whole[i] + ARGV[at + 2 * i - 1]
      redis.call('SET', KEYS[key + i], now + whole[i], 'PX', math.floor(whole[i] / 1000) + 1000)
    end
    answer[#answer + 1] = whole[i]
  end
  answer[#answer + 1] = wait
  key, at = key + count, at + 2 * count + 1
end
return answer`);

/** A key that is not there any more needs nothing back. */
const GIVE_BACK = new Script(`
for i, key in ipairs(KEYS) do
  if redis.call('DECRBY', key, ARGV[i]) < 0 then redis.call('DEL', key) end
end`);

/** What comes back within this time goes to Redis together. */
const GIVE_BACK_MS = 50;
/** Requests whose takes go to Redis together, which nothing else can use meanwhile. */
const GATHERED_MAX = 64;
/** Callers whose buckets one process remembers; the least recently seen start with a full one again. */
const LOCAL_BUCKETS_MAX = 50_000;
/** After a fault, Redis is not asked again for this long, so that a slow one does not slow every request. */
const REST_AFTER_FAULT_MS = 1_000;

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

/** A request that waits for its turn to take. */
interface Waiting {
  readonly buckets: readonly Bucket[];
  readonly amount: number;
  readonly resolve: (state: BucketState) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Buckets that all processes share. Taking is one round trip by one script, which the requests that come in one turn of
 * the event loop share; what is given back waits a moment, so that it costs no round trip of its own: until then the
 * buckets hold less than they might, never more. While Redis is away each process counts by itself with a share of every
 * bucket.
 */
export class RedisBuckets implements TokenBuckets {
  private restUntil = 0;
  private waiting: Waiting[] = [];
  /** Microseconds by key. */
  private returning = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly fallback: TokenBuckets,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async take(buckets: readonly Bucket[], amount: number): Promise<BucketState> {
    if (this.clock.ms() < this.restUntil) return this.fallback.take(buckets, amount);
    try {
      const state = await this.ask(buckets, amount);
      if (state.allowed || !buckets.some(({ key }) => this.returning.has(nameOf(key)))) return state;
      // Nobody is refused for what is on its way back.
      await this.flush();
      return await this.ask(buckets, amount);
    } catch (err) {
      this.restUntil = this.clock.ms() + REST_AFTER_FAULT_MS;
      this.log.warn({ err: (err as Error).message }, 'budgets are counted in this process for now');
      return this.fallback.take(buckets, amount);
    }
  }

  giveBack(buckets: readonly Bucket[], amount: number): void {
    for (const { key, restorePerSecond } of buckets) {
      const name = nameOf(key);
      const returned = Math.floor((amount * MICROSECONDS) / restorePerSecond);
      this.returning.set(name, (this.returning.get(name) ?? 0) + returned);
    }
    this.timer ??= setTimeout(() => void this.flush(), GIVE_BACK_MS).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { returning } = this;
    if (returning.size === 0) return;
    this.returning = new Map();
    await GIVE_BACK.run(this.redis, [...returning.keys()], [...returning.values()]).catch(() => {});
  }

  /** Whoever asks in the same turn of the event loop goes along: while it reads what sockets have brought, more come. */
  private ask(buckets: readonly Bucket[], amount: number): Promise<BucketState> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => void this.askAll());
      this.waiting.push({ buckets, amount, resolve, reject });
      if (this.waiting.length >= GATHERED_MAX) void this.askAll();
    });
  }

  /** Never throws. */
  private async askAll(): Promise<void> {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    const keys: string[] = [];
    const rules: number[] = [];
    for (const { buckets, amount } of waiting) {
      rules.push(buckets.length);
      for (const { key, capacity, restorePerSecond } of buckets) {
        keys.push(nameOf(key));
        rules.push(microseconds(amount, restorePerSecond), microseconds(capacity, restorePerSecond));
      }
    }
    try {
      const answer = (await TAKE.run(this.redis, keys, rules)) as number[];
      let at = 0;
      for (const { buckets, resolve } of waiting) {
        resolve(this.stateOf(buckets, answer, at));
        at += buckets.length + 1;
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** @param at Where in the answer of the script theirs begins. */
  private stateOf(buckets: readonly Bucket[], answer: readonly number[], at: number): BucketState {
    const wait = answer[at + buckets.length] ?? 0;
    let remaining = Number.POSITIVE_INFINITY;
    for (const [i, { capacity, restorePerSecond }] of buckets.entries()) {
      const lacking = ((answer[at + i] ?? 0) * restorePerSecond) / MICROSECONDS;
      // What was taken was rounded up to a whole microsecond.
      remaining = Math.min(remaining, Math.floor(capacity - lacking + restorePerSecond / MICROSECONDS));
    }
    return {
      allowed: wait === 0,
      remaining: Math.max(0, remaining),
      retryAfterMs: Math.ceil(wait / 1_000),
      from: this,
    };
  }
}

function nameOf(key: string): string {
  return `portico:units:${key}`;
}

/** In which so many units come back. */
function microseconds(units: number, perSecond: number): number {
  return Math.ceil((units * MICROSECONDS) / perSecond);
}
