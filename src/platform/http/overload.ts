import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** What is refused first comes last. */
export type Priority = 'essential' | 'write' | 'read' | 'subscribe';

export interface OverloadOptions {
  /** Delay of the event loop, in milliseconds, from which on new subscriptions are refused. */
  readonly delayMs: number;
}

/** Multiples of the configured delay at which each kind of work is refused. */
const REFUSED_AT: Record<Priority, number> = { subscribe: 1, read: 2, write: 4, essential: 8 };
const WINDOW_MS = 500;
const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1_000_000;

/** Sheds load by how late the event loop runs: a process that is late with everything helps nobody by taking more. */
export class Overload {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly timer: NodeJS.Timeout;
  private delayMs = 0;
  private due = performance.now() + WINDOW_MS;

  constructor(private readonly options: OverloadOptions) {
    this.histogram.enable();
    this.timer = setInterval(() => this.sample(), WINDOW_MS).unref();
  }

  /** Whether the process takes work of this kind now. */
  admits(priority: Priority): boolean {
    return this.delayMs < this.options.delayMs * REFUSED_AT[priority];
  }

  /** When to come back: after the delay has been measured anew. */
  get retryAfterMs(): number {
    return WINDOW_MS * 2;
  }

  /**
   * Takes the 99th percentile of the last window, or how late this look at it comes itself. When both timers fell due
   * within the same delay and this one runs first, the reset makes the histogram forget that delay.
   */
  sample(): void {
    const now = performance.now();
    const measuredMs = this.histogram.percentile(99) / NANOSECONDS_PER_MS - RESOLUTION_MS;
    this.delayMs = Math.max(0, measuredMs, now - this.due);
    this.due = now + WINDOW_MS;
    this.histogram.reset();
  }

  close(): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }
}
