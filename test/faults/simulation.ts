import { setTimeout as sleep } from 'node:timers/promises';
import { Dice } from '../fuzz/random';
import { Api } from './api';
import { checkList, checkWrites } from './check-list';
import type { Cluster } from './cluster';
import { FaultDriver } from './fault-driver';
import type { ListTruth, Violation } from './history';
import { Facts, type Ms } from './ledger';
import { COMMENTS, type Followed, ListClient, MESSAGES } from './list-client';
import { TRANSPORTS } from './live-transport';
import { awaitBase, Lateness, probeAll } from './measure';
import { createPeople } from './person';
import { printReport } from './report';
import { planFaults } from './schedule';
import { readLists } from './truth';
import { createWorld, type World } from './world';
import { RunLedger, Writers } from './writers';

export interface SimulationOptions {
  readonly seed: number;
  readonly stormMs: Ms;
  readonly awayMs: Ms;
  readonly deliveriesMin: number;
  readonly faultsMin: number;
}

const PROGRESS_MS = 10_000;
const SETTLE_TIMEOUT_MS = 30_000;
const SETTLE_CHECK_MS = 250;
const JOBS_TIMEOUT_MS = 30_000;
const WRITER_PAUSE_MS = 220;
const ROOMS_PER_CLIENT = 3;
/** The clock starts with the process; when Redis goes, what was under way gets so long to arrive. */
const AWAY_SETTLE_MS = 1_000;

/** One run: a world, people who write and clients who follow, faults, and the comparison of everything at the end. */
export class Simulation {
  private readonly now = () => performance.now();
  private readonly api: Api;
  private readonly ledger = new RunLedger();
  private readonly lateness = new Lateness();
  private readonly lists: ListClient[] = [];
  private driver: FaultDriver;
  private begun = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly options: SimulationOptions,
  ) {
    this.api = new Api(this.ports(), new Dice(options.seed + 1));
    this.driver = new FaultDriver(cluster, this.lists, new Dice(options.seed + 2), this.now);
  }

  /** @returns whether nothing is wrong; what is, is printed. */
  async run(): Promise<boolean> {
    const { seed, stormMs, awayMs } = this.options;
    this.begun = this.now();
    const world = await createWorld(await createPeople(this.cluster), this.api);
    const base = await probeAll(this.cluster);
    const writers = this.makeWriters(world);
    this.makeClients(world);
    for (const client of this.lists) client.start();
    writers.start();
    const progress = setInterval(() => this.printProgress(), PROGRESS_MS);
    await this.driver.run(planFaults(seed, { durationMs: stormMs, awayMs }));
    await writers.stop();
    await this.jobsDone();
    const truths = await readLists(world, this.api);
    const facts = new Facts(this.ledger);
    const settledAfter = await this.settle(truths, facts);
    clearInterval(progress);
    for (const client of this.lists) await client.stop();
    const violations = this.compare(truths, facts);
    this.api.close();
    const settled = await awaitBase(this.cluster, base, this.now);
    return printReport({
      world,
      options: this.options,
      cluster: this.cluster,
      driver: this.driver,
      lists: this.lists,
      writers,
      api: this.api,
      lateness: this.lateness,
      violations,
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

  /** Half of the readers have a phone with a WebSocket, half one with an event stream. */
  private makeClients(world: World): void {
    world.readers.forEach((reader, index) => {
      const transport = TRANSPORTS[index % 2] ?? 'websocket';
      const rooms = Array.from({ length: ROOMS_PER_CLIENT }, (_, n) => world.rooms[(index + n) % world.rooms.length]);
      const comments = rooms.flatMap((room) => (room ? [{ kind: COMMENTS, list: room.id, after: room.start }] : []));
      const messages = world.conversations
        .filter(({ members }) => members.includes(reader))
        .map(({ id, start }) => ({ kind: MESSAGES, list: id, after: start }));
      const options = { ports: this.ports(), dice: new Dice(this.options.seed + 100 + index), now: this.now };
      const name = `${reader.handle} by ${transport}`;
      const onItem = (item: { id: string; at: Ms }, followed: Followed) => this.time(item, followed);
      this.lists.push(new ListClient(name, reader, transport, [...comments, ...messages], options, onItem));
    });
  }

  /** How late an item is for a client that was there all the time since it was written. */
  private time({ id, at }: { id: string; at: Ms }, { openSince }: Followed): void {
    const answered = this.ledger.creationOf(id)?.answered ?? at;
    if (openSince === null || openSince > answered) return;
    const { away } = this.driver;
    this.lateness.add(answered, at, away !== null && answered > away.from + AWAY_SETTLE_MS && answered < away.to);
  }

  /** Until every client has what it has to have. @returns how long that took, or null when it did not happen. */
  private async settle(truths: readonly ListTruth[], facts: Facts): Promise<Ms | null> {
    const begun = this.now();
    while (this.now() - begun < SETTLE_TIMEOUT_MS) {
      if (this.compareLists(truths, facts).every(({ fault }) => fault !== 'lost')) return this.now() - begun;
      await sleep(SETTLE_CHECK_MS);
    }
    return null;
  }

  private compare(truths: readonly ListTruth[], facts: Facts): Violation[] {
    return [...truths.flatMap((truth) => checkWrites(truth, facts)), ...this.compareLists(truths, facts)];
  }

  private compareLists(truths: readonly ListTruth[], facts: Facts): Violation[] {
    const byList = new Map(truths.map((truth) => [truth.list, truth]));
    return this.lists.flatMap((client) =>
      client.histories().flatMap((history) => {
        const truth = byList.get(history.list);
        return truth ? checkList(history, truth, facts) : [];
      }),
    );
  }

  private async jobsDone(): Promise<void> {
    for (const begun = this.now(); this.now() - begun < JOBS_TIMEOUT_MS; await sleep(SETTLE_CHECK_MS)) {
      const [row] = await this.cluster.sql<{ waiting: number }>(
        'SELECT count(*)::int AS waiting FROM graphile_worker.jobs WHERE attempts < max_attempts AND run_at < now()',
      );
      if (row?.waiting === 0) return;
    }
  }

  private deliveries(): number {
    return this.lists.reduce((sum, { followed }) => {
      return (
        sum + followed.reduce((each, { records }) => each + records.filter(({ kind }) => kind === 'item').length, 0)
      );
    }, 0);
  }

  private printProgress(): void {
    const seconds = ((this.now() - this.begun) / 1_000).toFixed(0).padStart(4);
    const { count } = this.driver;
    console.log(
      `${seconds} s  ${count} faults, ${this.ledger.writes.length} writes, ${this.deliveries()} deliveries, ` +
        `${this.api.retried} retries`,
    );
  }

  private ports(): number[] {
    return this.cluster.processes.map((_, index) => this.cluster.clientPort(index));
  }
}
