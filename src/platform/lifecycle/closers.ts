import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../telemetry/log';

/** What has been opened, to be closed in the opposite order. */
export class Closers {
  private readonly opened: {
    readonly what: string;
    readonly end: () => Promise<unknown>;
    readonly withinMs: number;
  }[] = [];

  constructor(
    private readonly log: Log,
    /** The time that each has unless told otherwise: a store that is away answers nothing. */
    private readonly withinMs: number,
  ) {}

  add(what: string, end: () => Promise<unknown>, withinMs = this.withinMs): void {
    this.opened.push({ what, end, withinMs });
  }

  /** Last opened, first closed; one that fails, or takes too long, does not keep the others open. Never throws. */
  async close(): Promise<void> {
    for (const { what, end, withinMs } of this.opened.splice(0).reverse()) {
      const fault = await faultOf(end(), withinMs);
      if (fault) this.log.warn({ what, fault }, 'closing failed');
    }
  }
}

/** What an ending failed by, or that it took too long; null when it is done. */
async function faultOf(ending: Promise<unknown>, withinMs: number): Promise<string | null> {
  const settled = new AbortController();
  const ended = ending.then(
    () => null,
    (err: Error) => err.message,
  );
  const late = delay(withinMs, 'took too long', { signal: settled.signal }).catch(() => null);
  const fault = await Promise.race([ended, late]);
  settled.abort();
  return fault;
}
