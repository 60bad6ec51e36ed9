import type { Api } from './api';
import type { Cluster } from './cluster';
import type { CopyClient } from './copy-client';
import type { FaultDriver } from './fault-driver';
import type { Violation } from './history';
import type { ListClient } from './list-client';
import { describe, type Lateness, type Settled } from './measure';
import type { Held } from './probe';
import type { SimulationOptions } from './simulation';
import type { World } from './world';
import type { Writers } from './writers';

export interface Outcome {
  readonly world: World;
  readonly options: SimulationOptions;
  readonly cluster: Cluster;
  readonly driver: FaultDriver;
  readonly clients: readonly (ListClient | CopyClient)[];
  readonly copies: readonly CopyClient[];
  readonly writers: Writers;
  readonly api: Api;
  readonly lateness: Lateness;
  readonly violations: readonly Violation[];
  /** Background jobs that nobody does any more. */
  readonly jobsLeft: readonly string[];
  readonly settledAfter: number | null;
  readonly base: readonly (Held | null)[];
  readonly settled: Settled;
  readonly deliveries: number;
}

const SHOWN = 15;
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
const NODE = /[a-z]+_[0-9a-z]{26}/g;
const AWAY_P99_GOAL_MS = 1_000;
/** A busy machine is late with everything; beyond this it is not the machine. */
const AWAY_P99_MAX_MS = 10_000;

/** Prints what a run found. @returns whether it found nothing wrong. */
export function printReport(outcome: Outcome): boolean {
  const { world, options, driver, writers, api, lateness, violations, settled, deliveries } = outcome;
  const complaints = complaintsOf(outcome);
  const of = (...faults: Violation['fault'][]) => violations.filter(({ fault }) => faults.includes(fault)).length;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const endings = count(outcome.clients.flatMap((client) => [...client.endings]));
  console.log('');
  row('seed', options.seed);
  row('faults', `${driver.count} (${list(driver.done)})`);
  row('writes', `${list(writers.outcomes)}; ${api.asked} requests`);
  row('retries', `${api.retried} because of ${list(api.failures)}`);
  row('clients', `${outcome.clients.length}; their connections ended by ${list(endings)}`);
  row('messages', world.conversations.length > 0 ? 'yes' : 'NOT IN THIS BUILD, left out');
  const { copies } = outcome;
  const resets = count(copies.flatMap((client) => [...client.resets]));
  const recovered = copies.reduce((sum, client) => sum + client.recovered, 0);
  row(
    'copies',
    world.hasStream ? `${recovered} times recovered; reset by ${list(resets)}` : 'NOT IN THIS BUILD, left out',
  );
  row('deliveries', deliveries);
  row('lost', of('lost', 'hole'));
  row('doubled', of('doubled'));
  row('out of order', of('out of order'));
  row('leaked or early', of('leaked', 'early'));
  row('unknown', of('unknown'));
  row('copies stale', of('stale', 'left over'));
  row('called recovered with a hole', of('hole'));
  row('all had everything after', outcome.settledAfter === null ? 'NEVER' : ms(outcome.settledAfter));
  row('late', `p50 ${ms(lateness.quantile(0.5))}, p99 ${ms(lateness.quantile(0.99))} of ${lateness.count}`);
  const away = `p50 ${ms(lateness.awayQuantile(0.5))}, p99 ${ms(lateness.awayQuantile(0.99))} of ${lateness.awayCount}`;
  row('late without Redis', `${away}; the goal is a p99 of ${ms(AWAY_P99_GOAL_MS)}`);
  row('processes at first', outcome.base.map(describe).join('; '));
  row('processes at last', `${settled.held.join('; ')} after ${ms(settled.afterMs)}`);
  for (const { fault, client, detail } of violations.slice(0, SHOWN))
    console.log(`VIOLATION ${fault}: ${client}: ${detail}`);
  if (violations.length > SHOWN) console.log(`… and ${violations.length - SHOWN} more`);
  for (const [complaint, times] of count(complaints.map((each) => [each, 1]))) {
    console.log(`WRONG ${complaint}${times > 1 ? ` (${times} times)` : ''}`);
  }
  const good = violations.length === 0 && complaints.length === 0;
  console.log(good ? '\nNothing was lost.' : `\n${violations.length} violations, ${complaints.length} complaints.`);
  return good;
}

function complaintsOf({
  options,
  cluster,
  driver,
  clients,
  writers,
  api,
  lateness,
  jobsLeft,
  settledAfter,
  settled,
  deliveries,
}: Outcome) {
  const complaints = cluster.processes.flatMap((each) => each.complaints);
  complaints.push(
    ...writers.complaints,
    ...api.complaints.map((what) => what.replace(UUID, '…')),
    ...settled.complaints,
  );
  // Whom it was said to and about which node says little; how often it was said says more.
  complaints.push(
    ...clients.flatMap((client) => client.complaints.map((what) => `a client: ${what.replace(NODE, '…')}`)),
  );
  if (jobsLeft.length > 0)
    complaints.push(`${jobsLeft.length} jobs are left undone: ${jobsLeft.slice(0, 3).join('; ')}`);
  if (settledAfter === null) complaints.push('clients had not received everything 30 s after the last fault');
  const awayP99 = lateness.awayQuantile(0.99);
  if (awayP99 > AWAY_P99_MAX_MS)
    complaints.push(`without Redis, one in a hundred came later than ${AWAY_P99_MAX_MS} ms`);
  if (deliveries < options.deliveriesMin) complaints.push(`fewer than ${options.deliveriesMin} deliveries`);
  if (driver.count < options.faultsMin) complaints.push(`fewer than ${options.faultsMin} faults`);
  return complaints;
}

function row(name: string, value: string | number): void {
  console.log(`${name.padEnd(30)} ${value}`);
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, times]) => `${times} ${name}`).join(', ');
}

function count(entries: readonly (readonly [string, number])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name, times] of entries) counts.set(name, (counts.get(name) ?? 0) + times);
  return counts;
}
