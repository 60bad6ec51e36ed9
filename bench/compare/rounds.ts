/** Interleaved rounds: what disturbs the machine for a while disturbs all servers alike. */
import type { Running } from './child';
import { applyLoad, type Loaded } from './load';
import { median } from './median';
import { usageOf } from './meter';
import type { Sent } from './reads';

/** Something that is asked of every server. */
export interface Task {
  readonly name: string;
  readonly connections: number;
  /** Ends a measurement sooner than its time. */
  readonly requestsMax?: number;
}

export interface Contender {
  readonly name: string;
  /** More than one for a service of several processes. */
  readonly running: readonly Running[];
  /** The names of the tasks that it takes part in; all when left out. */
  readonly tasks?: readonly string[];
  /** How often all requests are sent once right before each measurement; not at all when left out. */
  readonly passesBefore?: number;
  /** What to send over and over; `turn` counts the measurements of this contender and task, the one for warming up too. */
  requests(task: string, turn: number): readonly Sent[];
}

export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** Of one server and task, one round. Processor time is for 1,000 requests, in milliseconds. */
export interface Sample extends Loaded {
  readonly serverCpuMs: number;
  readonly databaseCpuMs: number;
}

/** Medians over the rounds. */
export interface Result extends Omit<Sample, 'done'> {
  readonly samples: readonly Sample[];
}

/** By server and task. */
export type Results = ReadonlyMap<string, ReadonlyMap<string, Result>>;

export interface Observer {
  readonly postgresPid: number;
  readonly say: (text: string) => void;
}

const PASSES_SECONDS_MAX = 60;

export async function runRounds(
  contenders: readonly Contender[],
  tasks: readonly Task[],
  { rounds, seconds, warmUpSeconds }: Pace,
  observer: Observer,
): Promise<Results> {
  const samples = new Map(
    contenders.map(({ name }) => [name, new Map(tasks.map((task) => [task.name, [] as Sample[]]))]),
  );
  for (let round = 0; round <= rounds; round += 1) {
    for (const task of tasks) {
      // The other way round every other time, so that nobody always comes behind the same one.
      for (const contender of round % 2 ? contenders : contenders.toReversed()) {
        if (contender.tasks && !contender.tasks.includes(task.name)) continue;
        const sample = await measure(contender, task, round, round === 0 ? warmUpSeconds : seconds, observer);
        if (round > 0) samples.get(contender.name)?.get(task.name)?.push(sample);
      }
    }
    observer.say(round === 0 ? 'warmed up' : `round ${round} of ${rounds} done`);
  }
  const results = new Map<string, Map<string, Result>>();
  for (const [name, byTask] of samples) {
    const taken = [...byTask].filter(([, each]) => each.length > 0);
    results.set(name, new Map(taken.map(([task, each]) => [task, summarize(each)])));
  }
  return results;
}

export async function measure(
  { running, requests, passesBefore = 0 }: Contender,
  task: Task,
  turn: number,
  seconds: number,
  { postgresPid }: Observer,
): Promise<Sample> {
  const load = { ...task, urls: running.map(({ url }) => url), requests: requests(task.name, turn), seconds };
  if (passesBefore > 0) {
    await applyLoad({ ...load, seconds: PASSES_SECONDS_MAX, requestsMax: passesBefore * load.requests.length });
  }
  const used = () => ({ server: cpuOf(running), database: usageOf(postgresPid).cpuMs });
  const before = used();
  const loaded = await applyLoad(load);
  const after = used();
  const perThousand = 1_000 / Math.max(1, loaded.done);
  return {
    ...loaded,
    serverCpuMs: (after.server - before.server) * perThousand,
    databaseCpuMs: (after.database - before.database) * perThousand,
  };
}

function cpuOf(running: readonly Running[]): number {
  return running.reduce((sum, { pid }) => sum + usageOf(pid).cpuMs, 0);
}

function summarize(samples: readonly Sample[]): Result {
  const of = (key: Exclude<keyof Sample, 'done'>) => median(samples.map((sample) => sample[key]));
  return {
    rate: of('rate'),
    p50: of('p50'),
    p99: of('p99'),
    bytes: of('bytes'),
    serverCpuMs: of('serverCpuMs'),
    databaseCpuMs: of('databaseCpuMs'),
    samples,
  };
}

/** How many times as many requests a second as another: the median of the ratios of each round. */
export function ratio(result: Result, other: Result): number {
  return median(result.samples.map((sample, round) => sample.rate / (other.samples[round]?.rate ?? Number.NaN)));
}
