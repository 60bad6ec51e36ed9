import { type HubOptions, LogHub } from '../../src/platform/changelog/hub';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import type { Log } from '../../src/platform/telemetry/log';

const NEVER_MS = 3_600_000;

export interface Entry {
  readonly log: string;
  readonly seq: number;
}

/** Logs of numbers that a test writes, with a count of what reading them took. */
export class Numbers {
  readonly doorbell = createLocalDoorbell();
  readonly reads: (readonly string[])[] = [];
  readonly looks: (readonly string[])[] = [];
  readonly warnings: object[] = [];
  healthy = true;
  failing = false;
  /** How long a read takes, so that writing goes on meanwhile. */
  delayMs = 0;
  private readonly logs = new Map<string, number[]>();

  /** Adds entries without ringing. */
  add(log: string, count = 1): void {
    const entries = this.logs.get(log) ?? [];
    for (let i = 0; i < count; i += 1) entries.push((entries.at(-1) ?? 0) + 1);
    this.logs.set(log, entries);
  }

  write(log: string, count = 1): void {
    this.add(log, count);
    this.doorbell.ring(`numbers:${log}`);
  }

  /** Keeps only these. */
  keep(log: string, kept: (seq: number) => boolean): void {
    this.logs.set(log, (this.logs.get(log) ?? []).filter(kept));
  }

  hub(options: Partial<HubOptions> = {}): LogHub<Entry> {
    const doorbell = { ...this.doorbell, healthy: () => this.healthy };
    const log = { warn: (fields: object) => this.warnings.push(fields) } as unknown as Log;
    return new LogHub<Entry>(
      {
        topic: (log) => `numbers:${log}`,
        heads: async (logs) => {
          this.looks.push(logs);
          await this.answer();
          return new Map(logs.map((log) => [log, this.logs.get(log)?.at(-1) ?? 0]));
        },
        read: async (places, limit) => {
          this.reads.push(places.map(({ streamId }) => streamId));
          await this.answer();
          return places.flatMap(({ streamId: log, after }) =>
            (this.logs.get(log) ?? [])
              .filter((seq) => seq > after)
              .slice(0, limit)
              .map((seq) => ({ log, seq })),
          );
        },
        streamOf: ({ log }) => log,
        sizeOf: () => 1,
      },
      { doorbell, pollMs: NEVER_MS, unrungPollMs: NEVER_MS, log, ...options },
    );
  }

  private async answer(): Promise<void> {
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.failing) throw new Error('the store is away');
  }
}
