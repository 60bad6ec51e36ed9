import type { Log } from '../telemetry/log';
import { within } from './within';

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
function faultOf(ending: Promise<unknown>, withinMs: number): Promise<string | null> {
  const ended = ending.then(
    () => null,
    (err: Error) => err.message,
  );
  return within<string | null>(withinMs, ended, 'took too long');
}
