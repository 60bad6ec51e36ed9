import type { AttemptLimit } from '../platform/redis/attempt-limit';
import type { Bucket, BucketState, TokenBuckets } from '../platform/redis/token-bucket';
import type { Log } from '../platform/telemetry/log';
import type { Caller } from './caller';
import type { Attempt, DeviceClaim } from './pipeline/attempts';
import { COST_MIN } from './pipeline/cost';
import type { PreparedOperation } from './pipeline/pipeline';
import { refuseRequest } from './pipeline/refusal';

export interface BudgetOptions {
  /** Units that one device, or one stranger, can save up. */
  readonly capacity: number;
  /** Units that come back each second. */
  readonly restorePerSecond: number;
  /** How many devices' worth one viewer may use. */
  readonly viewerFactor: number;
  /** How many devices' worth one address may use: people behind one carrier share it. */
  readonly addressFactor: number;
}

/** Names the device that a claim is of, when it is true; null when it is not. Asks no store. */
export type RecognizeDevice = (claim: DeviceClaim) => string | null;

/** What `extensions.cost` of an answer says. */
export interface CostReport {
  readonly requested: number;
  readonly actual: number;
  readonly remaining: number;
  /** Units a second. */
  readonly restoreRate: number;
  /** When the budget is whole again, if nothing more is asked; RFC 3339. */
  readonly resetAt: string;
}

const UNCOUNTED_RETRY_MS = 5_000;
/** What the names of known devices begin with. */
const DEVICE = 'device:';
/** And those of sessions. */
const SESSION = 'session:';

/** By what the attempts of nearly all operations are counted. */
const NO_NAMES: ReadonlySet<string> = new Set();

/** What a budget is asked for. */
export type Priced = Pick<PreparedOperation, 'attempts' | 'price' | 'fee'>;

/** Takes the estimated cost of operations from the budgets of viewer, device and address, and gives back the rest. */
export class Budget {
  private readonly terms: Terms;

  constructor(
    private readonly buckets: TokenBuckets,
    private readonly attempts: AttemptLimit,
    private readonly recognize: RecognizeDevice,
    private readonly options: BudgetOptions,
    now: () => number,
    private readonly log: Log,
  ) {
    const { capacity, restorePerSecond } = options;
    const policy = `"cost";q=${capacity};w=${Math.ceil(capacity / restorePerSecond)}`;
    this.terms = { capacity, restorePerSecond, policy, now };
  }

  /** @throws Refusal RATE_LIMITED (429), or SERVICE_UNAVAILABLE when attempts to sign in cannot be counted. */
  async take(caller: Caller, prepared: Priced): Promise<Grant> {
    const { attempts, price: requested, fee } = prepared;
    const names = attempts.length > 0 ? await this.countAll(attempts, caller) : NO_NAMES;
    const buckets = this.bucketsOf(caller, names);
    const state = await this.buckets.take(buckets, requested);
    if (!state.allowed) {
      const seconds = Math.ceil(state.retryAfterMs / 1_000);
      const message = `Your budget has ${state.remaining} units left and this operation needs ${requested}. Try again in ${seconds} s, or ask for less.`;
      throw refuseRequest('RATE_LIMITED', message, { status: 429, retryAfterMs: state.retryAfterMs });
    }
    return new Grant(buckets, requested, fee, state, this.terms);
  }

  /** Answers by what they are counted. */
  private async countAll(attempts: readonly Attempt[], caller: Caller): Promise<ReadonlySet<string>> {
    const each = attempts.map((attempt) => this.nameOf(attempt, caller));
    const names = new Set(each);
    for (const name of names) await this.count(name, each.filter((one) => one === name).length);
    return names;
  }

  /** @throws as `take`, for a route that strangers can try. */
  async countAttempt(address: string, device: DeviceClaim | null): Promise<void> {
    await this.count(this.nameOf({ own: false, device }, { viewer: null, address }), 1);
  }

  /**
   * Counts a request that holds a secret too long to be guessed. While attempts cannot be counted together it is counted
   * by this process alone: nobody gets in by trying, and phones must not be signed out by that.
   * @throws Refusal RATE_LIMITED (429).
   */
  async countRenewal(address: string): Promise<void> {
    await this.count(address, 1, () => this.attempts.consumeHere(address, 1));
  }

  /**
   * By what an attempt is counted. A device on which the account has been signed in to before, and whoever is signed in to
   * it, have tries of their own: strangers who share their address cannot use those up.
   */
  private nameOf({ own, device }: Attempt, { viewer, address }: Pick<Caller, 'viewer' | 'address'>): string {
    if (own && viewer) return `${SESSION}${viewer.sessionId}`;
    const known = device && this.recognize(device);
    return known ? `${DEVICE}${known}` : address;
  }

  private async count(name: string, attempts: number, otherwise?: () => Promise<number | null>): Promise<void> {
    let retryAfterMs: number | null;
    try {
      retryAfterMs = await this.attempts.consume(name, attempts);
    } catch (err) {
      if (otherwise) return this.refuseFor(name, await otherwise());
      // Unlimited guessing of passwords is worse than nobody signing in for a while.
      this.log.warn({ err: (err as Error).message }, 'attempts to sign in cannot be counted');
      const message = 'Signing in is not possible right now. Try again in a few seconds.';
      throw refuseRequest('SERVICE_UNAVAILABLE', message, { status: 503, retryAfterMs: UNCOUNTED_RETRY_MS });
    }
    this.refuseFor(name, retryAfterMs);
  }

  private refuseFor(name: string, retryAfterMs: number | null): void {
    if (retryAfterMs === null) return;
    const minutes = Math.ceil(retryAfterMs / 60_000);
    const from = name.startsWith(DEVICE) ? 'device' : name.startsWith(SESSION) ? 'session' : 'address';
    const message = `Too many attempts from this ${from}. Try again in ${minutes} min.`;
    throw refuseRequest('RATE_LIMITED', message, { status: 429, retryAfterMs });
  }

  /** @param attempts By what the attempts of the operation are counted. */
  private bucketsOf({ viewer, deviceId, address }: Caller, attempts: ReadonlySet<string>): Bucket[] {
    const { addressFactor, viewerFactor } = this.options;
    if (!viewer) {
      const [only = ''] = attempts.size === 1 ? attempts : [];
      const stranger = only.startsWith(DEVICE) ? only : `stranger:${address}`;
      return [this.bucket(stranger, 1), this.bucket(`address:${address}`, addressFactor)];
    }
    // A session is of one app on one device, and stands for that until it is known.
    const device = deviceId ? DEVICE + deviceId : SESSION + viewer.sessionId;
    return [
      this.bucket(device, 1),
      this.bucket(`viewer:${viewer.userId}`, viewerFactor),
      this.bucket(`address:${address}`, addressFactor),
    ];
  }

  private bucket(key: string, factor: number): Bucket {
    const { capacity, restorePerSecond } = this.options;
    return { key, capacity: capacity * factor, restorePerSecond: restorePerSecond * factor };
  }
}

/** What every grant of a budget has in common. */
interface Terms {
  readonly capacity: number;
  readonly restorePerSecond: number;
  /** As `RateLimit-Policy` says it. */
  readonly policy: string;
  readonly now: () => number;
}

/** Cost that was taken for one operation. */
export class Grant {
  private settled = false;

  constructor(
    private readonly taken: readonly Bucket[],
    private readonly requested: number,
    /** What it has used in any case. */
    private readonly fee: number,
    private readonly state: BucketState,
    private readonly terms: Terms,
  ) {}

  /** Gives back what the operation did not use, without waiting for it, and says where the budget stands. Gives back once only. */
  settle(measured: number): CostReport {
    const { requested } = this;
    const actual = Math.min(requested, Math.max(COST_MIN, measured) + this.fee);
    const unused = requested - actual;
    // A lost return costs the caller a little budget and nobody an answer.
    if (unused > 0 && !this.settled) this.state.from.giveBack(this.taken, unused);
    this.settled = true;
    const { capacity, restorePerSecond: restoreRate, now } = this.terms;
    const remaining = Math.min(capacity, this.state.remaining + unused);
    const wholeInMs = Math.ceil(((capacity - remaining) / restoreRate) * 1_000);
    return { requested, actual, remaining, restoreRate, resetAt: new Date(now() + wholeInMs).toISOString() };
  }

  /** Gives everything back that can be, unless it has been settled. */
  release(): void {
    if (!this.settled) this.settle(0);
  }

  /** The fields of draft-ietf-httpapi-ratelimit-headers: policy, and what is left until when. */
  headers(report: CostReport): Record<string, string> {
    const { capacity, restorePerSecond, policy } = this.terms;
    const reset = Math.ceil((capacity - report.remaining) / restorePerSecond);
    return { 'ratelimit-policy': policy, ratelimit: `"cost";r=${report.remaining};t=${reset}` };
  }
}
