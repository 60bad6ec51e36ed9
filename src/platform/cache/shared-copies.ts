import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { Script } from '../redis/script';
import type { Log } from '../telemetry/log';
import type { EntityKey } from './entity';

/** What was found for some keys, in their order. */
export interface Taken {
  /** The copy as text, or null where there is none. */
  readonly texts: readonly (string | null)[];
  /** With it, the copies that were missing may be put there; null where somebody else is about to. */
  readonly leases: readonly (string | null)[];
}

/** A copy to be put where a lease was granted. */
export interface Filling {
  readonly key: EntityKey;
  readonly lease: string;
  readonly text: string;
  readonly lifeMs: number;
}

/** Longer than any read of PostgreSQL may take that is still to be of use to others. */
export const LEASE_MS = 5_000;
/** After a fault Redis is not asked again for this long, so that a slow one does not slow every read. */
const REST_AFTER_FAULT_MS = 1_000;
/** How long the start waits for a connection; nothing else does. */
const CONNECT_MS = 1_000;
const KEYS_AT_ONCE = 1_000;
/** Keys that are remembered because they could not be dropped. */
const OWED_MAX = 20_000;

/** Copies begin with an array, as JSON. */
const LEASE_PREFIX = 'lease:';

/** Puts copies where the lease still stands: what was dropped in between was read too early. */
const FILL = new Script(`
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[3 * i - 2] then redis.call('SET', key, ARGV[3 * i - 1], 'PX', ARGV[3 * i]) end
end`);

/**
 * Copies that all processes share, in Redis. Whoever misses one is granted a lease, which stands in the place of the copy
 * ("Scaling Memcache at Facebook", NSDI 2013, §3.2.1); dropping the key ends the lease, so that a reader who had read
 * before a commit cannot put there what it read. Nothing here throws or waits longer than the connection's time limit:
 * a fault is logged once, and then Redis has a rest. While this process owes Redis the drop of a key it takes nothing from
 * there.
 */
export class SharedCopies {
  private readonly owed = new Set<EntityKey>();
  private distrustedUntil = 0;
  private restUntil = 0;
  private failing = false;

  constructor(
    private readonly redis: Redis,
    /** The longest life of a copy. */
    private readonly lifeMs: number,
    private readonly log: Log,
  ) {}

  /** `space` keeps the copies of different databases apart. */
  async take(space: string, keys: readonly EntityKey[]): Promise<Taken | null> {
    if (this.owed.size > 0 || performance.now() < this.distrustedUntil) return null;
    const names = keys.map((key) => nameOf(space, key));
    return this.attempt(async () => {
      const found = await this.redis.mget(names);
      const lease = LEASE_PREFIX + randomUUID();
      const granted = await this.grant(
        names.filter((_, index) => found[index] === null),
        lease,
      );
      return {
        texts: found.map((text) => (text?.startsWith(LEASE_PREFIX) ? null : text)),
        leases: names.map((name) => (granted.has(name) ? lease : null)),
      };
    });
  }

  private async grant(names: readonly string[], lease: string): Promise<Set<string>> {
    if (names.length === 0) return new Set();
    const pipeline = this.redis.pipeline();
    for (const name of names) pipeline.set(name, lease, 'PX', LEASE_MS, 'NX');
    const answers = (await pipeline.exec()) ?? [];
    const fault = answers.find(([err]) => err)?.[0];
    if (fault) throw fault;
    return new Set(names.filter((_, index) => answers[index]?.[1] === 'OK'));
  }

  /** Puts copies there whose lease still stands. */
  async fill(space: string, fillings: readonly Filling[]): Promise<void> {
    if (fillings.length === 0) return;
    const names = fillings.map(({ key }) => nameOf(space, key));
    const rest = fillings.flatMap(({ lease, text, lifeMs }) => [lease, text, lifeMs]);
    await this.attempt(() => FILL.run(this.redis, names, rest));
  }

  /** Drops copies and leases. False when it is not known whether that was done; it is owed then. */
  async drop(space: string, keys: readonly EntityKey[]): Promise<boolean> {
    for (let i = 0; i < keys.length; i += KEYS_AT_ONCE) {
      const some = keys.slice(i, i + KEYS_AT_ONCE);
      const names = some.map((key) => nameOf(space, key));
      if ((await this.attempt(() => this.redis.unlink(names))) === null) {
        this.owe(keys.slice(i));
        return false;
      }
      for (const key of some) this.owed.delete(key);
    }
    return true;
  }

  private owe(keys: readonly EntityKey[]): void {
    for (const key of keys) this.owed.add(key);
    if (this.owed.size <= OWED_MAX) return;
    this.owed.clear();
    // Whatever stands there now has ended by itself by then.
    this.distrustedUntil = performance.now() + this.lifeMs + LEASE_MS;
  }

  /** Drops what is owed, so that copies can be taken again. */
  async settle(space: string): Promise<void> {
    if (this.owed.size > 0) await this.drop(space, [...this.owed]);
  }

  /** Nothing is owed to another space. */
  forgetOwed(): void {
    this.owed.clear();
  }

  /** Resolves once there is a connection, or has been none for a while. Never rejects. */
  async connected(): Promise<void> {
    if (this.redis.status !== 'ready')
      await once(this.redis, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) }).catch(() => {});
  }

  close(): void {
    this.redis.disconnect();
  }

  private async attempt<Answer>(work: () => Promise<Answer>): Promise<Answer | null> {
    if (performance.now() < this.restUntil) return null;
    try {
      const answer = await work();
      this.failing = false;
      return answer;
    } catch (err) {
      this.restUntil = performance.now() + REST_AFTER_FAULT_MS;
      // Its answer may never come, and everything behind it would wait for it.
      if (isTimeout(err) && this.redis.status === 'ready') this.redis.disconnect(true);
      if (!this.failing) this.log.warn({ err: (err as Error).message }, 'shared copies cannot be reached');
      this.failing = true;
      return null;
    }
  }
}

/** ioredis gives the error no code. */
function isTimeout(err: unknown): boolean {
  return err instanceof Error && err.message === 'Command timed out';
}

/** The number is that of the form of what stands there. */
function nameOf(space: string, key: EntityKey): string {
  return `portico:entity:1:${space}:${key}`;
}
