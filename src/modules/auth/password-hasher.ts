import { randomBytes } from 'node:crypto';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { Fault } from '../../kernel/errors';
import { isTypable, normalizePassword } from './password.policy';

/** What one hash costs whoever guesses, and us. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
}

const ARGON2ID = 2 satisfies Algorithm.Argon2id;
const LANES = 1;
/** Hashing is slow on purpose; more at once would starve everything else of CPU. */
const AT_ONCE = 2;
/** About two seconds of waiting; who comes later is told to come back. */
const WAITING_MAX = 100;

/** Hashes passwords off the event loop, few at a time. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;
  private readonly parameters;
  /** How the hashes begin that are made with these parameters (PHC string format). */
  private readonly current: string;

  constructor({ memoryKib, passes }: HashCost) {
    this.parameters = { algorithm: ARGON2ID, memoryCost: memoryKib, timeCost: passes, parallelism: LANES };
    this.current = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${LANES}$`;
  }

  /** @throws Fault SERVICE_UNAVAILABLE when too many wait already. */
  hash(password: string): Promise<string> {
    return this.queued(() => hash(normalizePassword(password), this.parameters));
  }

  /**
   * With no hash to compare with, takes the time that comparing takes, and answers false.
   * @throws as `hash`.
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const decoy = await this.decoyHash();
    const typed = isTypable(password) ? normalizePassword(password) : '';
    // A stored text that is no hash, such as that of an account without a password, matches nothing.
    const compared = passwordHash?.startsWith('$argon2') ? passwordHash : decoy;
    const matches = await this.queued(() => verify(compared, typed).catch(() => false));
    return compared === passwordHash && isTypable(password) && matches;
  }

  /** Whether it was made with other parameters than hashes are now. */
  isOutdated(passwordHash: string): boolean {
    return !passwordHash.startsWith(this.current);
  }

  /**
   * Refuses while nobody else could wait. Whoever asks before anything else spares the stores a flood.
   * @throws Fault SERVICE_UNAVAILABLE.
   */
  assertRoom(): void {
    if (this.waiting.length < WAITING_MAX) return;
    throw new Fault('SERVICE_UNAVAILABLE', 'Too many people are signing in at once. Try again in a few seconds.');
  }

  /** Whether a hash could begin at once. */
  get idle(): boolean {
    return this.running < AT_ONCE;
  }

  private decoyHash(): Promise<string> {
    this.decoy ??= hash(randomBytes(16).toString('hex'), this.parameters);
    return this.decoy;
  }

  private async queued<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running >= AT_ONCE) {
      this.assertRoom();
      // Whoever finishes hands over its place, so `running` stays as it is.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
