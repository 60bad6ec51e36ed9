import type { Redis } from 'ioredis';
import type { Clock } from '../../kernel/clock';
import type { Log } from '../telemetry/log';
import { Advances } from './advances';
import { Script } from './script';
import type { Bucket, BucketState, TokenBuckets } from './token-bucket';

/** What a bucket lacks is kept as the time that it takes to come back. */
const MICROSECONDS = 1_000_000;

/**
 * The value of a key is when its bucket is whole again, in microseconds; a key that is not there is a whole bucket. In that
 * form (GCRA, ITU-T I.371) time needs no update, and giving back is a subtraction. A value further off than an empty
 * bucket would have it is of another clock.
 *
 * Takes for one request after the other, as if they came one by one: of each, how many buckets it has, and, in each of
 * them, what it costs, what it would take ahead, and how much there is room for. Nothing is taken ahead from a bucket that
 * is not half full then, so that what processes hold never stands in the way of who asks for little. Answers what each
 * bucket lacks then, and how long to wait, or -1 when something was taken ahead.
 */
const TAKE = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer, key, at = {}, 0, 1
while at <= #ARGV do
  local count, wait, ahead = tonumber(ARGV[at]), 0, true
  local whole = redis.call('MGET', unpack(KEYS, key + 1, key + count))
  for i = 1, count do
    local place = at + 3 * i
    local cost, more, window = tonumber(ARGV[place - 2]), tonumber(ARGV[place - 1]), tonumber(ARGV[place])
    local lacking = math.min(math.max((tonumber(whole[i]) or now) - now, 0), window)
    whole[i] = lacking
    if lacking + cost - window > wait then wait = lacking + cost - window end
    if more == 0 or lacking + cost + more > window / 2 then ahead = false end
  end
  for i = 1, count do
    if wait == 0 then
      whole[i] = whole[i] + ARGV[at + 3 * i - 2] + (ahead and ARGV[at + 3 * i - 1] or 0)
      redis.call('SET', KEYS[key + i], now + whole[i], 'PX', math.floor(whole[i] / 1000) + 1000)
    end
    answer[#answer + 1] = whole[i]
  end
  answer[#answer + 1] = wait == 0 and ahead and -1 or wait
  key, at = key + count, at + 3 * count + 1
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
/** After a fault, Redis is not asked again for this long, so that a slow one does not slow every request. */
const REST_AFTER_FAULT_MS = 1_000;

/** A request that waits for its turn to take. */
interface Waiting {
  readonly buckets: readonly Bucket[];
  readonly amount: number;
  readonly ahead: number;
  readonly resolve: (asked: Asked) => void;
  readonly reject: (error: unknown) => void;
}

interface Asked {
  readonly state: BucketState;
  /** The keys of those that had too little. */
  readonly short: readonly string[];
}

/**
 * Buckets that all processes share. Taking is one round trip by one script, which the requests that come in one turn of
 * the event loop share, and which takes something ahead (`Advances`), so that the next requests of the caller need none.
 * What is given back waits a moment, so that it costs no round trip of its own. So the buckets hold less than they might,
 * never more. While Redis is away each process counts by itself with a share of every bucket.
 */
export class RedisBuckets implements TokenBuckets {
  private readonly advances: Advances;
  private restUntil = 0;
  private waiting: Waiting[] = [];
  /** Microseconds by key. */
  private returning = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  /** @param advanceShare part of a caller's first bucket that one process may take ahead, from 0 to 1. */
  constructor(
    private readonly redis: Redis,
    private readonly fallback: TokenBuckets,
    private readonly clock: Clock,
    private readonly log: Log,
    advanceShare: number,
  ) {
    const giveBack = (buckets: readonly Bucket[], amount: number) => this.sendBack(buckets, amount);
    this.advances = new Advances(clock, { share: advanceShare, giveBack });
  }

  async take(buckets: readonly Bucket[], amount: number): Promise<BucketState> {
    const remaining = this.advances.spend(buckets, amount);
    if (remaining !== null) return { allowed: true, remaining, retryAfterMs: 0, from: this };
    if (this.clock.ms() < this.restUntil) return this.fallback.take(buckets, amount);
    try {
      const { state, short } = await this.ask(buckets, amount);
      if (state.allowed || !this.hasOnItsWay(short)) return state;
      // Nobody is refused for what is held for them here, or is on its way back.
      await this.sendReturning();
      return (await this.ask(buckets, amount)).state;
    } catch (err) {
      this.restUntil = this.clock.ms() + REST_AFTER_FAULT_MS;
      this.log.warn({ err: (err as Error).message }, 'budgets are counted in this process for now');
      return this.fallback.take(buckets, amount);
    }
  }

  giveBack(buckets: readonly Bucket[], amount: number): void {
    if (!this.advances.putBack(buckets, amount)) this.sendBack(buckets, amount);
  }

  async flush(): Promise<void> {
    this.advances.close();
    await this.sendReturning();
  }

  /** Has what is held of these buckets sent back, too. */
  private hasOnItsWay(keys: readonly string[]): boolean {
    let found = false;
    for (const key of keys) found = this.advances.endAllOf(key) || this.returning.has(nameOf(key)) || found;
    return found;
  }

  private sendBack(buckets: readonly Bucket[], amount: number): void {
    for (const { key, restorePerSecond } of buckets) {
      const name = nameOf(key);
      const returned = Math.floor((amount * MICROSECONDS) / restorePerSecond);
      this.returning.set(name, (this.returning.get(name) ?? 0) + returned);
    }
    this.timer ??= setTimeout(() => void this.sendReturning(), GIVE_BACK_MS).unref();
  }

  /** Never throws. */
  private async sendReturning(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { returning } = this;
    if (returning.size === 0) return;
    this.returning = new Map();
    await GIVE_BACK.run(this.redis, [...returning.keys()], [...returning.values()]).catch(() => {});
  }

  /** Whoever asks in the same turn of the event loop goes along: while it reads what sockets have brought, more come. */
  private ask(buckets: readonly Bucket[], amount: number): Promise<Asked> {
    const ahead = this.advances.worth(buckets, amount);
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => void this.askAll());
      this.waiting.push({ buckets, amount, ahead, resolve, reject });
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
    for (const { buckets, amount, ahead } of waiting) {
      rules.push(buckets.length);
      for (const { key, capacity, restorePerSecond } of buckets) {
        keys.push(nameOf(key));
        for (const units of [amount, ahead, capacity]) rules.push(microseconds(units, restorePerSecond));
      }
    }
    try {
      const answer = (await TAKE.run(this.redis, keys, rules)) as number[];
      let at = 0;
      for (const each of waiting) {
        each.resolve(this.learn(each, answer, at));
        at += each.buckets.length + 1;
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** @param at Where in the answer of the script theirs begins. */
  private learn({ buckets, amount, ahead }: Waiting, answer: readonly number[], at: number): Asked {
    const wait = answer[at + buckets.length] ?? 0;
    const allowed = wait <= 0;
    const short: string[] = [];
    let remaining = Number.POSITIVE_INFINITY;
    for (const [i, { key, capacity, restorePerSecond }] of buckets.entries()) {
      const lacking = ((answer[at + i] ?? 0) * restorePerSecond) / MICROSECONDS;
      // What was taken was rounded up to a whole microsecond.
      const left = Math.floor(capacity - lacking + restorePerSecond / MICROSECONDS);
      if (!allowed && left < amount) short.push(key);
      remaining = Math.min(remaining, left);
    }
    if (wait < 0) this.advances.hold(buckets, ahead, remaining);
    remaining = Math.max(0, remaining) + this.advances.leftFor(buckets);
    return { state: { allowed, remaining, retryAfterMs: Math.ceil(Math.max(0, wait) / 1_000), from: this }, short };
  }
}

function nameOf(key: string): string {
  return `portico:units:${key}`;
}

/** In which so many units come back. */
function microseconds(units: number, perSecond: number): number {
  return Math.ceil((units * MICROSECONDS) / perSecond);
}
