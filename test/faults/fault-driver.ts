import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../fuzz/random';
import type { Cluster } from './cluster';
import type { FaultProxy } from './fault-proxy';
import type { Ms } from './ledger';
import type { PorticoProcess } from './portico-process';
import type { FaultKind, PlannedFault } from './schedule';

const SLOWER_MS = 80;

/** A client that can be made to go and come back. */
export interface Leaver {
  leave(ms: Ms): void;
}

/** Does to a cluster what a plan says, when it says it. */
export class FaultDriver {
  readonly done = new Map<FaultKind, number>();
  /** When Redis was away for long, once it was. */
  away: { from: Ms; to: Ms } | null = null;
  private readonly under: Promise<void>[] = [];

  constructor(
    private readonly cluster: Cluster,
    private readonly clients: readonly Leaver[],
    private readonly dice: Dice,
    private readonly now: () => Ms,
  ) {}

  get count(): number {
    return [...this.done.values()].reduce((sum, times) => sum + times, 0);
  }

  /** Resolves when the last fault is over and everything runs again. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const begun = this.now();
    for (const fault of plan) {
      await sleep(Math.max(0, begun + fault.at - this.now()));
      this.done.set(fault.kind, (this.done.get(fault.kind) ?? 0) + 1);
      this.under.push(this.inflict(fault));
    }
    await Promise.all(this.under);
    this.cluster.heal();
  }

  private async inflict(fault: PlannedFault): Promise<void> {
    const { cluster, dice } = this;
    const { durationMs } = fault;
    const link = cluster.links[fault.link][fault.process] as FaultProxy;
    const victim = cluster.processes[fault.process] as PorticoProcess;
    if (fault.link === 'postgres') cluster.expectDatabaseFault(durationMs);
    switch (fault.kind) {
      case 'kill-process':
      case 'stop-process':
        await victim.end(fault.kind === 'kill-process' ? 'SIGKILL' : 'SIGTERM');
        await sleep(durationMs);
        return victim.start();
      case 'kill-postgres':
        await cluster.killPostgres();
        await sleep(durationMs);
        return cluster.startPostgres();
      case 'crash-session':
        return cluster.crashSession();
      case 'kill-redis':
      case 'redis-away':
        return this.takeRedis(fault);
      case 'cut':
        return link.cut();
      case 'blackhole':
        link.blackhole(durationMs, dice);
        return sleep(durationMs);
      case 'stall':
        link.stall(durationMs, dice);
        return sleep(durationMs);
      case 'slow':
        link.slow(durationMs, dice.between(SLOWER_MS / 4, SLOWER_MS));
        return sleep(durationMs);
      case 'leave':
        for (const client of this.clients) if (dice.chance(0.2)) client.leave(dice.between(200, durationMs));
        return sleep(durationMs);
    }
  }

  private async takeRedis({ kind, durationMs }: PlannedFault): Promise<void> {
    if (kind === 'redis-away') {
      // What went wrong before is over by then: what is measured is what the absence of Redis alone costs.
      this.cluster.heal();
      this.away = { from: this.now(), to: this.now() + durationMs };
    }
    await this.cluster.killRedis();
    await sleep(durationMs);
    await this.cluster.startRedis();
  }
}
