import { Fault, refuseForNow } from '../../kernel/errors';
import type { AttemptLimit } from '../../platform/redis/attempt-limit';
import type { Log } from '../../platform/telemetry/log';

/** Takes back an attempt that was no guess. */
export type Forgive = () => Promise<void>;

/**
 * Counts guesses of one kind before they are made, so that many at once are no more than many one after the other. What
 * is counted is a name, whether or not anybody has it: a limit tells nothing about who has an account.
 */
export class GuessLimit {
  constructor(
    private readonly limit: AttemptLimit,
    private readonly sentence: string,
    private readonly log: Log,
  ) {}

  /**
   * Milliseconds until this may be tried; 0 when it may be now, and has been counted.
   * @throws Fault SERVICE_UNAVAILABLE while nobody can count: unlimited guessing is worse than a while without.
   */
  async count(name: string): Promise<number> {
    try {
      return (await this.limit.consume(name, 1)) ?? 0;
    } catch (err) {
      this.log.warn({ err: (err as Error).message }, 'guesses cannot be counted');
      throw new Fault('SERVICE_UNAVAILABLE', 'This is not possible right now. Try again in a few seconds.');
    }
  }

  /** @throws UserErrors RATE_LIMITED; as `count`. */
  async admit(name: string, path?: readonly string[]): Promise<Forgive> {
    const retryAfterMs = await this.count(name);
    if (retryAfterMs > 0) this.refuse(retryAfterMs, path);
    return () => this.forgive(name);
  }

  /** What was counted was no guess. */
  forgive(name: string): Promise<void> {
    return this.limit.giveBack(name, 1);
  }

  /** @throws UserErrors RATE_LIMITED. */
  refuse(retryAfterMs: number, path?: readonly string[]): never {
    return refuseForNow(this.sentence, retryAfterMs, path);
  }
}
