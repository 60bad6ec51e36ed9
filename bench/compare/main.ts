/**
 * Portico beside its peers: the same reads of the same data on one PostgreSQL, in interleaved rounds. Prints one table.
 * See the section on benchmarks in the README for what each server is and what the figures mean.
 */
import { parseArgs } from 'node:util';
import { startRedis } from '../../test/support/redis-server';
import { type Checked, checkServer } from './agreement';
import { type Running, startServer } from './child';
import { usageOf } from './meter';
import { preparePeers } from './packages';
import { READS, type Read } from './reads';
import { type Contender, type RoundOptions, runRounds } from './rounds';
import { listServers } from './servers';
import { printTable } from './table';
import { openWorld, WORLD_POSTS } from './world';

const HELP = `Measures Portico beside its peers.

  npm run bench -- [options]

  --quick            about two minutes, for working: fewer rounds, fewer servers
  --only a,b         only servers whose name begins so, such as limit,portico
  --reads post,feed  only these reads
  --rounds N  --seconds N  --connections N  --posts N
`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  reads: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string', default: '32' },
  posts: { type: 'string', default: String(WORLD_POSTS) },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function roundsFrom({ quick, rounds, seconds, connections, reads }: Values): RoundOptions {
  return {
    rounds: Number(rounds ?? (quick ? 3 : 5)),
    seconds: Number(seconds ?? (quick ? 2 : 4)),
    warmUpSeconds: quick ? 2 : 4,
    connections: Number(connections),
    reads: reads ? READS.filter((read) => reads.split(',').includes(read)) : READS,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const options = roundsFrom(values);
  preparePeers(say);
  const world = await openWorld(Number(values.posts), say);
  const redis = await startRedis();
  const running: Running[] = [];
  try {
    const surroundings = { databaseUrl: world.databaseUrl, redisUrl: redis.url };
    const all = await listServers(world.cases);
    const wanted = values.only?.toLowerCase().split(',');
    const kinds = all.filter(({ name, slow }) =>
      wanted ? wanted.some((each) => name.toLowerCase().startsWith(each)) : !(values.quick && slow),
    );
    const statements = new Map<string, Readonly<Record<Read, number>>>();
    let first: Checked | null = null;
    for (const kind of kinds) {
      const checked: Checked = await checkServer(kind, surroundings, world.cases, first?.answers ?? null);
      first ??= checked;
      statements.set(kind.name, checked.statements);
    }
    say(`the answers of ${kinds.length} servers agree`);
    const contenders: Contender[] = [];
    for (const kind of kinds) {
      const server = await startServer(kind.name, kind.command(surroundings));
      running.push(server);
      contenders.push({ ...kind, running: server });
    }
    const measuring = { cases: world.cases, postgresPid: world.postgresPid, say };
    const results = await runRounds(contenders, options, measuring);
    const memoryBytes = new Map(running.map(({ name, pid }) => [name, usageOf(pid).memoryBytes]));
    console.log(`\n${printTable(results, options.reads, { statements, memoryBytes })}`);
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    await redis.stop();
    await world.stop();
  }
}

void main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
