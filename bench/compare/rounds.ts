/** Interleaved rounds: what disturbs the machine for a while disturbs all servers alike. */
import { median } from './agreement';
import type { Case } from './cases';
import type { Running } from './child';
import { applyLoad, type Loaded } from './load';
import { usageOf } from './meter';
import type { Dialect, Read } from './reads';

export interface Contender {
  readonly name: string;
  readonly dialect: Dialect;
  readonly running: Running;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly reads: readonly Read[];
}

/** Of one server and read, one round. */
export interface Sample extends Loaded {
  readonly serverCpuMs: number;
  readonly databaseCpuMs: number;
}

/** Medians over the rounds; the ratio is the median of the ratios of each round. */
export interface Result {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly bytes: number;
  /** Processor time for 1,000 requests, in milliseconds. */
  readonly serverCpuMs: number;
  readonly databaseCpuMs: number;
  readonly samples: readonly Sample[];
}

export type Results = ReadonlyMap<string, ReadonlyMap<Read, Result>>;

export interface Measuring {
  readonly cases: readonly Case[];
  readonly postgresPid: number;
  readonly say: (text: string) => void;
}

export async function runRounds(
  contenders: readonly Contender[],
  { rounds, seconds, warmUpSeconds, connections, reads }: RoundOptions,
  measuring: Measuring,
): Promise<Results> {
  const samples = new Map(contenders.map(({ name }) => [name, new Map(reads.map((read) => [read, [] as Sample[]]))]));
  for (let round = 0; round <= rounds; round += 1) {
    const isWarmUp = round === 0;
    for (const read of reads) {
      // The other way round every other time, so that nobody always comes behind the same one.
      for (const contender of round % 2 ? contenders : contenders.toReversed()) {
        const lasting = isWarmUp ? warmUpSeconds : seconds;
        const sample = await measure(contender, read, { seconds: lasting, connections }, measuring);
        if (!isWarmUp) samples.get(contender.name)?.get(read)?.push(sample);
      }
    }
    measuring.say(isWarmUp ? 'warmed up' : `round ${round} of ${rounds} done`);
  }
  const results = new Map<string, Map<Read, Result>>();
  for (const [name, byRead] of samples) {
    results.set(name, new Map([...byRead].map(([read, each]) => [read, summarize(each)])));
  }
  return results;
}

export async function measure(
  { dialect, running }: Contender,
  read: Read,
  load: { readonly seconds: number; readonly connections: number; readonly requestsMax?: number },
  { cases, postgresPid }: Measuring,
): Promise<Sample> {
  const requests = cases.map((one) => dialect.ask(read, one));
  const before = { server: usageOf(running.pid).cpuMs, database: usageOf(postgresPid).cpuMs };
  const loaded = await applyLoad({ urls: [running.url], requests, ...load });
  const perThousand = 1_000 / Math.max(1, loaded.done);
  return {
    ...loaded,
    serverCpuMs: (usageOf(running.pid).cpuMs - before.server) * perThousand,
    databaseCpuMs: (usageOf(postgresPid).cpuMs - before.database) * perThousand,
  };
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

/** How many times as many requests a second as another server, by rounds. */
export function ratio(result: Result, other: Result): number {
  return median(result.samples.map((sample, round) => sample.rate / (other.samples[round]?.rate ?? Number.NaN)));
}
