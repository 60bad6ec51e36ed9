/** How soon a server answers after its start, and what it has taken after a long time. */
import { ask } from './agreement';
import { mainServers, startAll } from './growth';
import { median } from './median';
import { usageOf } from './meter';
import type { Options } from './options';
import { measure } from './rounds';
import { listServers } from './servers';
import type { Setting } from './setting';
import { align } from './table';

const STARTS = 5;
const MEMORY_AT = [1_000, 10_000, 50_000, 100_000];
/** Nobody is waited for longer. */
const SECONDS_MAX = 600;
const MIB = 1_048_576;

/** From the start of the process until it listens, and until its first feed is there. */
export async function runStart(setting: Setting, options: Options): Promise<void> {
  const world = await setting.open(options.posts);
  const kinds = (await listServers(world.cases)).filter((kind) => !kind.reads && options.isWanted(kind));
  const times = new Map(kinds.map(({ name }) => [name, { listens: [] as number[], answers: [] as number[] }]));
  for (let n = 0; n < STARTS; n += 1) {
    for (const kind of kinds) {
      const startedAt = performance.now();
      const server = await setting.start(kind, world.databaseUrl);
      const [one] = world.cases;
      if (one) await ask(server.url, kind.dialect.ask('feed', one));
      times.get(kind.name)?.listens.push(server.startMs);
      times.get(kind.name)?.answers.push(performance.now() - startedAt);
      await server.stop();
    }
    setting.say(`start ${n + 1} of ${STARTS} done`);
  }
  const rows = [...times].map(([name, { listens, answers }]) => [
    name,
    median(listens).toFixed(0),
    median(answers).toFixed(0),
  ]);
  console.log(`\n${align([['', 'listens after ms', 'first feed after ms'], ...rows]).join('\n')}`);
}

/** Memory after so many reads of a post. */
export async function runMemory(setting: Setting, options: Options): Promise<void> {
  const world = await setting.open(options.posts);
  const kinds = mainServers(await listServers(world.cases), options);
  const contenders = await startAll(setting, world, kinds, (kind) =>
    world.cases.map((one) => kind.dialect.ask('post', one)),
  );
  const rows: string[][] = [];
  for (const contender of contenders) {
    const memory = () => (usageOf(contender.running[0]?.pid ?? 0).memoryBytes / MIB).toFixed(0);
    const row = [contender.name, memory()];
    let done = 0;
    for (const goal of options.quick ? MEMORY_AT.slice(0, 2) : MEMORY_AT) {
      const task = { name: 'post', connections: options.connections, requestsMax: goal - done };
      done += (await measure(contender, task, 0, SECONDS_MAX, setting)).done;
      row.push(memory());
    }
    setting.say(`${contender.name} has answered ${done}`);
    rows.push(row);
  }
  const heads = MEMORY_AT.map((goal) => goal.toLocaleString('en')).slice(0, (rows[0]?.length ?? 0) - 2);
  console.log(`\nMiB after so many requests\n${align([['', '0', ...heads], ...rows]).join('\n')}`);
}
