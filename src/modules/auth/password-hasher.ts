import { Algorithm, hash, verify } from '@node-rs/argon2';
import { Fault } from '../../kernel/errors';

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = { algorithm: 2 satisfies Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing is slow on purpose; more at once would starve everything else of CPU. */
const AT_ONCE = 2;
/** About two seconds of waiting; who comes later is told to come back. */
const WAITING_MAX = 100;

/** Hashes passwords off the event loop, few at a time. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.queued(() => hash(normalize(password), PARAMETERS));
  }

  /** With no hash to compare with, takes the time that comparing takes, and answers false. */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const compared = passwordHash ?? (await this.decoyHash());
    // A stored text that is no hash, such as that of an account without a password, matches nothing.
    const matches = await this.queued(() => verify(compared, normalize(password)).catch(() => false));
    return passwordHash !== null && matches;
  }

  private decoyHash(): Promise<string> {
    this.decoy ??= hash('nobody has this password', PARAMETERS);
    return this.decoy;
  }

  private async queued<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= WAITING_MAX) {
        throw new Fault('SERVICE_UNAVAILABLE', 'Too many people are signing in at once. Try again in a few seconds.');
      }
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

/** One password typed on two keyboards is the same password (NIST SP 800-63B §5.1.1.2). */
function normalize(password: string): string {
  return password.normalize('NFKC');
}
