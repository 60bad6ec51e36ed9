import { randomInt } from 'node:crypto';
import { Cluster } from './cluster';
import { Simulation } from './simulation';

/**
 * `npm run test:faults`: two minutes with fixed seeds. `-- --long` or `test:faults:long`: thirty minutes with a fresh
 * seed, which is printed and can be given again with `--seed`. `--calm`
 * leaves the faults out, to see what the service does without them; `--seconds` sets another length.
 */
const SHORT = { seed: 20_260_101, stormMs: 75_000, awayMs: 15_000, deliveriesMin: 50_000, faultsMin: 30 };
const LONG = { stormMs: 27 * 60_000, awayMs: 60_000, deliveriesMin: 500_000, faultsMin: 400 };
/** Beyond the time of the faults themselves: start, Redis away, settling, end. Whatever still runs then hangs. */
const OVERTIME_MS = 240_000;
/** What was delivered is compared with what was written, one by one: the longer the run, the longer that takes. */
const COMPARISON_SHARE = 0.4;

function readArguments(args: readonly string[]) {
  const numberAfter = (name: string): number | null => {
    const at = args.indexOf(name);
    return at < 0 ? null : Number(args[at + 1]);
  };
  const long = args.includes('--long');
  const options = long ? { ...LONG, seed: randomInt(1, 2 ** 31) } : SHORT;
  const seconds = numberAfter('--seconds');
  return {
    ...options,
    seed: numberAfter('--seed') ?? options.seed,
    calm: args.includes('--calm'),
    // A run of another length is for looking at something; how much it delivers says nothing.
    ...(seconds !== null && { stormMs: seconds * 1_000, deliveriesMin: 0, faultsMin: 0 }),
  };
}

async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2));
  console.log(`seed ${options.seed}, faults for ${options.stormMs / 1_000} s`);
  let cluster: Cluster | null = null;
  // Whatever ends this program takes along what it started; the stores see to themselves at the exit.
  process.once('exit', () => cluster?.abandon());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  setTimeout(
    () => {
      console.error('The run did not end in its time.');
      process.exit(1);
    },
    options.stormMs * (1 + COMPARISON_SHARE) + OVERTIME_MS,
  ).unref();
  const started = await Cluster.start((made) => {
    cluster = made;
  });
  try {
    return (await new Simulation(started, options).run()) ? 0 : 1;
  } finally {
    await started.stop();
  }
}

process.on('unhandledRejection', (error) => {
  console.error('The run itself failed:', error);
  process.exit(1);
});
main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
