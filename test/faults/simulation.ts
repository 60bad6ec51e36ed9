import { setTimeout as sleep } from 'node:timers/promises';
import { Dice } from '../fuzz/random';
import { Api } from './api';
import { checkCopy } from './check-copy';
import { checkList, checkWrites } from './check-list';
import type { Cluster } from './cluster';
import { CopyClient } from './copy-client';
import { type CopyTruth, readCopies } from './copy-truth';
import { FaultDriver } from './fault-driver';
import type { CopyNode, ListHistory, ListItem, ListTruth, Violation } from './history';
import { Facts, type Ms } from './ledger';
import { COMMENTS, type Followed, ListClient, type LiveOptions, MESSAGES } from './list-client';
import { TRANSPORTS } from './live-transport';
import { awaitBase, Lateness, probeAll } from './measure';
import { createPeople, type Person } from './person';
import { printReport } from './report';
import { planFaults } from './schedule';
import { readLists } from './truth';
import { Visitors } from './visitors';
import { createWorld, type World } from './world';
import { RunLedger, Writers } from './writers';

export interface SimulationOptions {
  readonly seed: number;
  readonly stormMs: Ms;
  readonly awayMs: Ms;
  readonly deliveriesMin: number;
  readonly faultsMin: number;
  /** Without any fault. */
  readonly calm: boolean;
}

const PROGRESS_MS = 10_000;
const SETTLE_TIMEOUT_MS = 30_000;
const SETTLE_CHECK_MS = 250;
const JOBS_TIMEOUT_MS = 15_000;
const WRITER_PAUSE_MS = 250;
const ROOMS_PER_CLIENT = 3;
const VISITORS_AT_ONCE = 6;
const VISIT_LENGTH = 200;
/** What may still come right by itself, when what is on its way has come. */
const UNSETTLED = new Set(['lost', 'hole', 'stale', 'left over']);
/** When Redis goes, what was under way gets so long to arrive before the measure begins. */
const AWAY_SETTLE_MS = 1_000;

/** One run: a world, people who write and clients who follow, faults, and the comparison of everything at the end. */
export class Simulation {
  private readonly now = () => performance.now();
  private readonly api: Api;
  private readonly ledger = new RunLedger();
  private readonly lateness = new Lateness();
  private readonly lists: ListClient[] = [];
  private readonly copies: CopyClient[] = [];
  private readonly clients: (ListClient | CopyClient)[] = [];
  private driver: FaultDriver;
  private arrived = 0;
  private begun = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly options: SimulationOptions,
  ) {
    this.api = new Api(this.ports(), new Dice(options.seed + 1));
    this.driver = new FaultDriver(cluster, this.clients, new Dice(options.seed + 2), this.now);
  }

  /** @returns whether nothing is wrong; what is, is printed. */
  async run(): Promise<boolean> {
    const { seed, stormMs, awayMs, calm } = this.options;
    this.begun = this.now();
    const world = await createWorld(await createPeople(this.cluster), this.api);
    const base = await probeAll(this.cluster);
    const writers = this.makeWriters(world);
    for (const [index, reader] of world.readers.entries()) this.makeClients(world, reader, index);
    this.clients.push(...this.lists, ...this.copies);
    for (const client of this.clients) client.start();
    writers.start();
    const visitors = this.makeVisitors(world);
    visitors.start(VISITORS_AT_ONCE);
    const progress = setInterval(() => this.printProgress(), PROGRESS_MS);
    const plan = calm ? [] : planFaults(seed, { durationMs: stormMs, awayMs });
    await Promise.all([this.driver.run(plan), sleep(stormMs)]);
    this.printProgress('the faults are over');
    await writers.stop();
    this.printProgress('all writes are answered');
    await visitors.stop();
    const jobsLeft = await this.jobsDone();
    this.printProgress('the jobs are done');
    const truths = await readLists(world, this.api);
    const held = world.hasStream ? await readCopies(this.copies, this.api) : [];
    const facts = new Facts(this.ledger);
    const settledAfter = await this.settle(truths, held, facts);
    clearInterval(progress);
    this.printProgress('compared with the database');
    await Promise.all(this.clients.map((client) => client.stop()));
    const violations = [
      ...truths.flatMap((truth) => checkWrites(truth, facts)),
      ...this.compareLists(truths, facts, visitors.histories()),
      ...this.compareCopies(held, facts),
    ];
    this.api.close();
    const settled = await awaitBase(this.cluster, base, this.now);
    await this.cluster.stopProcesses();
    return printReport({
      world,
      options: this.options,
      cluster: this.cluster,
      driver: this.driver,
      clients: [...this.clients, ...visitors.gone],
      copies: this.copies,
      writers,
      api: this.api,
      lateness: this.lateness,
      violations,
      jobsLeft,
      settledAfter,
      base,
      settled,
      deliveries: this.deliveries(),
    });
  }

  private makeWriters(world: World): Writers {
    const { api, ledger, now } = this;
    const dice = new Dice(this.options.seed + 3);
    return new Writers({ api, world, ledger, dice, now, pauseMs: WRITER_PAUSE_MS });
  }

  /** Each reader has an app that shows lists, and two that keep a copy; one of each three is on the other transport. */
  private makeClients(world: World, reader: Person, index: number): void {
    const optionsOf = (which: number): LiveOptions => {
      return { ports: this.ports(), dice: new Dice(this.options.seed + 100 + 10 * index + which), now: this.now };
    };
    const followed = listsOf(world, reader, index, ROOMS_PER_CLIENT);
    const transport = TRANSPORTS[index % 2] ?? 'websocket';
    const name = `${reader.handle} by ${transport}`;
    this.lists.push(new ListClient(name, reader, transport, followed, optionsOf(0), this.onItem));
    if (!world.hasStream) return;
    TRANSPORTS.forEach((each, which) => {
      const onUpsert = ({ id, text }: CopyNode, at: Ms, { openSince }: CopyClient) =>
        this.time(id, text, at, openSince);
      const copyName = `the copy of ${reader.handle} by ${each}`;
      this.copies.push(new CopyClient(copyName, reader, each, this.api, optionsOf(which + 1), onUpsert));
    });
  }

  private makeVisitors(world: World): Visitors {
    const dice = new Dice(this.options.seed + 4);
    const invite = (which: number) => {
      const reader = dice.of(world.readers);
      const transport = dice.of(TRANSPORTS);
      const options = { ports: this.ports(), dice, now: this.now };
      const followed = listsOf(world, reader, 0, world.rooms.length).map((each) => {
        return { ...each, after: this.recent(each.list) ?? each.after };
      });
      return new ListClient(`visitor ${which} by ${transport}`, reader, transport, followed, options, this.onItem);
    };
    return new Visitors(invite, dice, () => this.driver.away !== null);
  }

  /** Some way back in a long list: a visitor is to arrive at its end in the time that it stays. */
  private recent(list: string): string | null {
    const followed = this.lists.flatMap((client) => client.followed).find((each) => each.list === list);
    const back = followed?.records.slice(-VISIT_LENGTH).find(({ kind }) => kind === 'item');
    const isLong = (followed?.records.length ?? 0) > VISIT_LENGTH;
    return isLong && back?.kind === 'item' ? back.cursor : null;
  }

  private readonly onItem = ({ id, text, at }: ListItem, { openSince }: Followed) => {
    this.arrived += 1;
    this.time(id, text, at, openSince);
  };

  /** How late an item is for a client that was there all the time since it was written. */
  private time(id: string, text: string | null, at: Ms, openSince: Ms | null): void {
    const creation = this.ledger.creationOf(id);
    // What was changed comes again, and is late by no fault of anybody.
    if (!creation || creation.text !== text || openSince === null) return;
    const answered = creation.answered ?? at;
    if (openSince > answered) return;
    const { away } = this.driver;
    this.lateness.add(answered, at, away !== null && answered > away.from + AWAY_SETTLE_MS && answered < away.to);
  }

  /** Until every client has what it has to have. @returns how long that took, or null when it did not happen. */
  private async settle(truths: readonly ListTruth[], held: readonly CopyTruth[], facts: Facts): Promise<Ms | null> {
    const begun = this.now();
    while (this.now() - begun < SETTLE_TIMEOUT_MS) {
      const violations = [...this.compareLists(truths, facts), ...this.compareCopies(held, facts)];
      if (!violations.some(({ fault }) => UNSETTLED.has(fault))) return this.now() - begun;
      await sleep(SETTLE_CHECK_MS);
    }
    return null;
  }

  private compareLists(truths: readonly ListTruth[], facts: Facts, others: readonly ListHistory[] = []): Violation[] {
    const byList = new Map(truths.map((truth) => [truth.list, truth]));
    return [...this.lists.flatMap((client) => client.histories()), ...others].flatMap((history) => {
      const truth = byList.get(history.list);
      return truth ? checkList(history, truth, facts) : [];
    });
  }

  private compareCopies(held: readonly CopyTruth[], facts: Facts): Violation[] {
    const byReader = new Map(held.map((truth) => [truth.reader, truth]));
    return this.copies.flatMap((client) => {
      const truth = byReader.get(client.reader.id);
      return truth ? checkCopy(client.history(), truth.copy, truth.log, facts) : [];
    });
  }

  /** Waits for the background jobs. @returns those that nobody does in time. */
  private async jobsDone(): Promise<string[]> {
    for (const begun = this.now(); ; await sleep(SETTLE_CHECK_MS)) {
      const jobs = await this.cluster.sql<{ job: string }>(
        `SELECT format('%s, tries %s, locked by %s for %s', task_identifier, attempts, locked_by, now() - locked_at) AS job
         FROM graphile_worker.jobs WHERE attempts < max_attempts AND (run_at < now() OR locked_at IS NOT NULL)`,
      );
      if (jobs.length === 0 || this.now() - begun > JOBS_TIMEOUT_MS) return jobs.map(({ job }) => job);
    }
  }

  private deliveries(): number {
    const came = ({ records }: CopyClient) =>
      records.filter(({ kind }) => kind === 'upsert' || kind === 'removed').length;
    return this.copies.reduce((sum, client) => sum + came(client), this.arrived);
  }

  private printProgress(what = ''): void {
    const seconds = ((this.now() - this.begun) / 1_000).toFixed(0).padStart(4);
    const { count } = this.driver;
    console.log(
      `${seconds} s  ${count} faults, ${this.ledger.writes.length} writes, ${this.deliveries()} deliveries, ` +
        `${this.api.retried} retries  ${what}`,
    );
  }

  private ports(): number[] {
    return this.cluster.processes.map((_, index) => this.cluster.clientPort(index));
  }
}

/** Some rooms, and the conversations that a person is in, from their beginnings. */
function listsOf(world: World, reader: Person, from: number, count: number) {
  const rooms = Array.from({ length: count }, (_, n) => world.rooms[(from + n) % world.rooms.length]);
  const own = world.conversations.filter(({ members }) => members.includes(reader));
  return [
    ...rooms.flatMap((room) => (room ? [{ kind: COMMENTS, list: room.id, after: room.start }] : [])),
    ...own.map(({ id, start }) => ({ kind: MESSAGES, list: id, after: start })),
  ];
}
