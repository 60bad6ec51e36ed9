import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster';
import type { Ms } from './ledger';
import type { Held } from './probe';

/** How late deliveries were, overall and while Redis was away. */
export class Lateness {
  private readonly samples: number[] = [];
  private readonly away: number[] = [];

  /** @param wanted when the write was answered, or the client subscribed, whichever was later */
  add(wanted: Ms, at: Ms, redisAway: boolean): void {
    const late = Math.max(0, at - wanted);
    this.samples.push(late);
    if (redisAway) this.away.push(late);
  }

  get count(): number {
    return this.samples.length;
  }

  get awayCount(): number {
    return this.away.length;
  }

  quantile(part: number): Ms {
    return quantile(this.samples, part);
  }

  awayQuantile(part: number): Ms {
    return quantile(this.away, part);
  }
}

function quantile(samples: readonly number[], part: number): Ms {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

const SETTLE_TIMEOUT_MS = 30_000;
const SETTLE_CHECK_MS = 1_000;
/** Caches fill (documents, prepared plans, compiled code) and stay, within their bounds. */
const HEAP_GROWTH_MAX = 40 * 1024 * 1024;
/** Connections of the pools, to Redis, and a probe that is just going. */
const SOCKETS_MAX = 25;
/** Timers of pools, of the job queue, of Redis and of the deadlines of the last requests. */
const TIMERS_MAX = 40;

/** What each process holds when nobody is connected. */
export async function probeAll(cluster: Cluster): Promise<(Held | null)[]> {
  const held: (Held | null)[] = [];
  for (const each of cluster.processes) held.push(await each.probe());
  return held;
}

export interface Settled {
  readonly afterMs: Ms;
  /** One line per process that still holds too much. */
  readonly complaints: readonly string[];
  readonly held: readonly string[];
}

/** Waits until every process holds no more than at the beginning, when all clients have gone. */
export async function awaitBase(cluster: Cluster, base: readonly (Held | null)[], now: () => Ms): Promise<Settled> {
  const begun = now();
  for (;;) {
    const held = await probeAll(cluster);
    const complaints = held.flatMap((each, index) => excess(index, each, base[index] ?? null));
    if (complaints.length === 0 || now() - begun > SETTLE_TIMEOUT_MS) {
      return { afterMs: now() - begun, complaints, held: held.map(describe) };
    }
    await sleep(SETTLE_CHECK_MS);
  }
}

function excess(index: number, held: Held | null, base: Held | null): string[] {
  if (!held || !base) return [`process ${index} does not answer the probe`];
  const faults: string[] = [];
  const grown = held.heapBytes - base.heapBytes;
  const sockets = held.resources['TCPSocketWrap'] ?? 0;
  const timers = held.resources['Timeout'] ?? 0;
  if (grown > HEAP_GROWTH_MAX) faults.push(`process ${index} holds ${mebibytes(grown)} MiB more heap than at first`);
  if (sockets > SOCKETS_MAX) faults.push(`process ${index} holds ${sockets} sockets`);
  if (timers > TIMERS_MAX) faults.push(`process ${index} holds ${timers} timers`);
  return faults;
}

export function describe(held: Held | null): string {
  if (!held) return 'no answer';
  const { TCPSocketWrap: sockets = 0, Timeout: timers = 0 } = held.resources;
  return `${mebibytes(held.heapBytes)} MiB, ${sockets} sockets, ${timers} timers`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
