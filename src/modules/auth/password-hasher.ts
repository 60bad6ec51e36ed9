import { randomBytes } from 'node:crypto';
import type { Algorithm } from '@node-rs/argon2';
import { Turns } from '../../kernel/turns';
import { isTypable, normalizePassword } from './password.policy';
import { PasswordThreads, type PasswordWork } from './password-threads';

/** What one hash costs whoever guesses, and us. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
  /** How many hashes are made at once; two when left out. */
  readonly atOnce?: number;
  /** How many wait for their turn, a few seconds by default; who comes later is told to come back. */
  readonly waitingMax?: number;
}

const ARGON2ID = 2 satisfies Algorithm.Argon2id;
const LANES = 1;
/** As @node-rs/argon2 makes them. */
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashing is slow on purpose, and each takes its memory: more at once would starve everything else. */
const AT_ONCE = 2;
const WAITING_MAX = 100;
const CROWDED = 'Too many people are signing in at once. Try again in a few seconds.';

/** Hashes passwords off the event loop, few at a time. */
export class PasswordHasher {
  private readonly parameters;
  private readonly turns: Turns;
  private readonly threads: PasswordThreads;
  /** How the hashes begin that are made with these parameters (PHC string format). */
  private readonly current: string;
  /** Compared with where there is no hash: as much work as any, and of no password. */
  private readonly decoy: string;

  /** @param onCrash A thread that hashes has ended by itself; what it was at has failed. */
  constructor(
    { memoryKib, passes, atOnce = AT_ONCE, waitingMax = WAITING_MAX }: HashCost,
    onCrash?: (error: Error) => void,
  ) {
    this.turns = new Turns({ atOnce, waitingMax, sentence: CROWDED });
    this.threads = new PasswordThreads(onCrash);
    this.parameters = { algorithm: ARGON2ID, memoryCost: memoryKib, timeCost: passes, parallelism: LANES };
    this.current = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${LANES}$`;
    this.decoy = `${this.current}${random(SALT_BYTES)}$${random(HASH_BYTES)}`;
  }

  /** @throws Fault SERVICE_UNAVAILABLE when too many wait already. */
  async hash(password: string): Promise<string> {
    const work = { password: normalizePassword(password), parameters: this.parameters };
    return String(await this.queued(work));
  }

  /**
   * With no hash to compare with, takes the time that comparing takes, and answers false.
   * @throws as `hash`.
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const typed = isTypable(password) ? normalizePassword(password) : '';
    // A stored text that is no hash, such as that of an account without a password, matches nothing.
    const compared = passwordHash?.startsWith('$argon2') ? passwordHash : this.decoy;
    const matches = await this.queued({ password: typed, passwordHash: compared });
    return compared === passwordHash && isTypable(password) && matches === true;
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
    this.turns.assertRoom();
  }

  /** Whether a hash could begin at once. */
  get idle(): boolean {
    return this.turns.idle;
  }

  /** Hashes nothing any more; what is under way fails. */
  close(): void {
    this.threads.close();
  }

  private queued(work: PasswordWork): Promise<string | boolean> {
    this.assertRoom();
    return this.turns.take(() => this.threads.run(work));
  }
}

/** One hash, by a thread that ends with it. */
export async function hashPassword(cost: HashCost, password: string): Promise<string> {
  const hasher = new PasswordHasher(cost);
  try {
    return await hasher.hash(password);
  } finally {
    hasher.close();
  }
}

/** In base64 as the PHC string format has it: without padding. */
function random(bytes: number): string {
  return randomBytes(bytes).toString('base64').replace(/=+$/, '');
}
