/** What a request costs as the document, the data or the number of connections grows. */
import type { Options } from './options';
import type { Read } from './reads';
import { type Contender, type Result, type Results, runRounds, type Task } from './rounds';
import { isMain, listServers, type ServerKind } from './servers';
import type { Setting } from './setting';
import { align } from './table';
import type { World } from './world';

const PAGES = [10, 20, 50, 100];
const POSTS = [10_000, 100_000, 1_000_000];
const CONNECTIONS = [1, 8, 32, 128, 256];

/** Without a choice, the limit, the rival and Portico: what grows is seen on them. */
export function mainServers(kinds: readonly ServerKind[], options: Options): ServerKind[] {
  return kinds.filter(options.isChosen ? options.isWanted : isMain);
}

/** Feeds of ever more posts. */
export async function runDocumentGrowth(setting: Setting, options: Options): Promise<void> {
  const world = await setting.open(options.posts);
  const kinds = mainServers(await listServers(world.cases), options);
  const contenders = await startAll(setting, world, kinds, (kind, task) =>
    world.cases.map((one) => kind.dialect.ask('feed', one, Number(task))),
  );
  const tasks = PAGES.map((first) => ({ name: String(first), connections: options.connections }));
  const results = await runRounds(contenders, tasks, options.pace, setting);
  console.log('\nposts in the feed: requests/s, and processor time of server and database for one post in ms');
  print(results, tasks, ({ rate, serverCpuMs, databaseCpuMs }, first) => {
    const forOne = (serverCpuMs + databaseCpuMs) / 1_000 / Number(first);
    return `${rate.toFixed(0)} (${forOne.toFixed(3)})`;
  });
}

/** The same people, who say ever more. */
export async function runDataGrowth(setting: Setting, options: Options): Promise<void> {
  const worlds: World[] = [];
  for (const posts of options.quick ? POSTS.slice(0, 2) : POSTS) worlds.push(await setting.open(posts));
  const kinds = mainServers(await listServers(worlds.flatMap(({ cases }) => cases)), options);
  const contenders: Contender[] = [];
  for (const world of worlds) {
    const started = await startAll(setting, world, kinds, (kind, read) =>
      world.cases.map((one) => kind.dialect.ask(read as Read, one)),
    );
    contenders.push(...started.map((each) => ({ ...each, name: `${each.name}, ${world.posts.toLocaleString('en')}` })));
  }
  const tasks = options.reads.map((name) => ({ name, connections: options.connections }));
  const results = await runRounds(contenders, tasks, options.pace, setting);
  console.log('\nposts in the world: requests/s, and processor time of server and database for one request in ms');
  print(results, tasks, ({ rate, serverCpuMs, databaseCpuMs }) => {
    return `${rate.toFixed(0)} (${((serverCpuMs + databaseCpuMs) / 1_000).toFixed(2)})`;
  });
}

/** Ever more people at once, who read their feeds. */
export async function runConnectionGrowth(setting: Setting, options: Options): Promise<void> {
  const world = await setting.open(options.posts);
  const kinds = mainServers(await listServers(world.cases), options);
  const contenders = await startAll(setting, world, kinds, (kind) =>
    world.cases.map((one) => kind.dialect.ask('feed', one)),
  );
  const tasks = CONNECTIONS.map((connections) => ({ name: String(connections), connections }));
  const results = await runRounds(contenders, tasks, options.pace, setting);
  console.log('\nconnections: requests/s of the feed (p50, p99 in ms)');
  print(results, tasks, ({ rate, p50, p99 }) => `${rate.toFixed(0)} (${p50.toFixed(0)}, ${p99.toFixed(0)})`);
}

export async function startAll(
  setting: Setting,
  world: Pick<World, 'databaseUrl'>,
  kinds: readonly ServerKind[],
  requests: (kind: ServerKind, task: string, turn: number) => ReturnType<Contender['requests']>,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const kind of kinds) {
    const running = [await setting.start(kind, world.databaseUrl)];
    contenders.push({
      name: kind.name,
      tasks: kind.reads,
      passesBefore: kind.passesBefore,
      running,
      requests: (task, turn) => requests(kind, task, turn),
    });
  }
  return contenders;
}

export function print(
  results: Results,
  tasks: readonly Task[],
  cell: (result: Result, task: string, name: string) => string,
): void {
  const rows = [...results].map(([name, byTask]) => [
    name,
    ...tasks.map((task) => {
      const result = byTask.get(task.name);
      return result ? cell(result, task.name, name) : '-';
    }),
  ]);
  console.log(align([['', ...tasks.map((task) => task.name)], ...rows]).join('\n'));
}
