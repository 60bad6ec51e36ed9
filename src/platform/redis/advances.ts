import type { Clock } from '../../kernel/clock';
import type { Bucket } from './token-bucket';

/** Units that were taken for a caller before they were asked for. */
class Advance {
  left = 0;
  /** In the emptiest of the buckets and here together, as it was at `knownAt` but for what has been taken since. */
  remaining = 0;
  knownAt = 0;

  constructor(readonly buckets: readonly Bucket[]) {}

  get endsAt(): number {
    return this.knownAt + KEPT_MS;
  }

  isFor(buckets: readonly Bucket[]): boolean {
    const mine = this.buckets;
    if (mine.length !== buckets.length) return false;
    for (let i = 0; i < mine.length; i += 1) if (mine[i]?.key !== buckets[i]?.key) return false;
    return true;
  }
}

export interface AdvanceOptions {
  /** Part of the first bucket, from 0 to 1, that one process may hold for a caller; with 0 nothing is taken ahead. */
  readonly share: number;
  /** Takes what was not used. */
  readonly giveBack: (buckets: readonly Bucket[], amount: number) => void;
}

/** How long units are held that nobody asks for. */
const KEPT_MS = 10_000;
/** As many requests like the one that is asked for. */
const REQUESTS_AHEAD = 7;
/** Callers for whom one process holds something. */
const CALLERS_MAX = 50_000;

/**
 * What a process has taken for its callers ahead of their requests, so that most of these need ask nobody. It has been
 * taken from all buckets of a caller, so that they hold less than they might for a moment and never more: no process can
 * admit what another one has admitted.
 *
 * Callers are told apart by all of their buckets, and found by the first, that of the device or stranger.
 */
export class Advances {
  private readonly held = new Map<string, Advance>();
  /** By the key of each of their buckets, which callers share. */
  private readonly sharing = new Map<string, Set<Advance>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly options: AdvanceOptions,
    private readonly callersMax = CALLERS_MAX,
  ) {}

  /** How much to take along with `amount`. */
  worth(buckets: readonly Bucket[], amount: number): number {
    if (this.held.size >= this.callersMax) return 0;
    return Math.min(amount * REQUESTS_AHEAD, this.mostFor(buckets));
  }

  /** Takes from what is held, and answers how much the buckets have left; null when it is not enough. */
  spend(buckets: readonly Bucket[], amount: number): number | null {
    const advance = this.find(buckets);
    if (!advance || advance.left < amount) return null;
    const now = this.clock.ms();
    if (now >= advance.endsAt) return null;
    advance.left -= amount;
    advance.remaining -= amount;
    const [{ restorePerSecond } = { restorePerSecond: 0 }] = buckets;
    return Math.floor(advance.remaining + ((now - advance.knownAt) * restorePerSecond) / 1_000);
  }

  /** How much is held for a caller. */
  leftFor(buckets: readonly Bucket[]): number {
    return this.find(buckets)?.left ?? 0;
  }

  /** @param remaining what the buckets themselves have left. */
  hold(buckets: readonly Bucket[], amount: number, remaining: number): void {
    const advance = this.find(buckets) ?? this.open(buckets);
    advance.left += amount;
    advance.remaining = remaining + advance.left;
    advance.knownAt = this.clock.ms();
    // What is kept for longest comes last, for `sweep`.
    this.held.delete(keyOf(buckets));
    this.held.set(keyOf(buckets), advance);
    this.trim(advance);
    this.timer ??= setTimeout(() => this.sweep(), KEPT_MS).unref();
  }

  /** Holds what an operation did not use for the caller's next; false when nothing is held for them. */
  putBack(buckets: readonly Bucket[], amount: number): boolean {
    const advance = this.find(buckets);
    if (!advance) return false;
    advance.left += amount;
    advance.remaining += amount;
    this.trim(advance);
    return true;
  }

  /** Gives back what is held of a bucket; false when there is nothing. */
  endAllOf(key: string): boolean {
    const ended = this.sharing.get(key);
    for (const advance of [...(ended ?? [])]) this.end(advance);
    return ended !== undefined;
  }

  /** Gives everything back. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const advance of [...this.held.values()]) this.end(advance);
  }

  private find(buckets: readonly Bucket[]): Advance | null {
    const advance = this.held.get(keyOf(buckets));
    return advance?.isFor(buckets) ? advance : null;
  }

  /** A device that comes from another address, or with another account, is another caller from then on. */
  private open(buckets: readonly Bucket[]): Advance {
    const before = this.held.get(keyOf(buckets));
    if (before) this.end(before);
    const advance = new Advance(buckets);
    for (const { key } of buckets) {
      const sharing = this.sharing.get(key);
      if (sharing) sharing.add(advance);
      else this.sharing.set(key, new Set([advance]));
    }
    return advance;
  }

  private mostFor([first]: readonly Bucket[]): number {
    return first ? Math.floor(first.capacity * this.options.share) : 0;
  }

  private trim(advance: Advance): void {
    const excess = advance.left - this.mostFor(advance.buckets);
    if (excess <= 0) return;
    advance.left -= excess;
    this.options.giveBack(advance.buckets, excess);
  }

  private end(advance: Advance): void {
    const { buckets, left } = advance;
    this.held.delete(keyOf(buckets));
    for (const { key } of buckets) {
      const sharing = this.sharing.get(key);
      sharing?.delete(advance);
      if (sharing?.size === 0) this.sharing.delete(key);
    }
    if (left > 0) this.options.giveBack(buckets, left);
  }

  private sweep(): void {
    this.timer = undefined;
    const now = this.clock.ms();
    for (const advance of this.held.values()) {
      if (advance.endsAt > now) break;
      this.end(advance);
    }
    if (this.held.size > 0) this.timer = setTimeout(() => this.sweep(), KEPT_MS / 10).unref();
  }
}

function keyOf([first]: readonly Bucket[]): string {
  return first?.key ?? '';
}
