/** Counts what is open at once by key, in this process. */
export class ConnectionCounter {
  private readonly open = new Map<string, number>();

  /** Counts one more unless there are `max`; the returned function, called once or more, counts it as closed. */
  acquire(key: string, max: number): (() => void) | null {
    const count = this.open.get(key) ?? 0;
    if (count >= max) return null;
    this.open.set(key, count + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.open.get(key) ?? 1) - 1;
      if (left === 0) this.open.delete(key);
      else this.open.set(key, left);
    };
  }
}

/** A rate for one connection: bursts up to `perSecond * burstSeconds`, then `perSecond`. */
export class Rate {
  private tokens: number;
  private at = performance.now();

  constructor(
    private readonly perSecond: number,
    private readonly burstSeconds = 2,
  ) {
    this.tokens = perSecond * burstSeconds;
  }

  /** False when one more is too many. */
  take(): boolean {
    const now = performance.now();
    const max = this.perSecond * this.burstSeconds;
    this.tokens = Math.min(max, this.tokens + ((now - this.at) / 1_000) * this.perSecond);
    this.at = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
