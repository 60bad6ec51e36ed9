/** The same reads through one process and through two. */
import { mainServers, print, startAll } from './growth';
import type { Options } from './options';
import type { Read } from './reads';
import { type Contender, ratio, runRounds } from './rounds';
import { listServers } from './servers';
import type { Setting } from './setting';

const TWICE = ', two processes';

export async function runProcesses(setting: Setting, options: Options): Promise<void> {
  const world = await setting.open(options.posts);
  const kinds = mainServers(await listServers(world.cases), options);
  const contenders: Contender[] = [];
  for (const kind of kinds) {
    const requests = (_: unknown, read: string) => world.cases.map((one) => kind.dialect.ask(read as Read, one));
    const [one] = await startAll(setting, world, [kind], requests);
    const [two] = await startAll(setting, world, [kind], requests);
    if (!one || !two) continue;
    contenders.push(one, { ...one, name: `${kind.name}${TWICE}`, running: [...one.running, ...two.running] });
  }
  const tasks = options.reads.map((name) => ({ name, connections: options.connections }));
  const results = await runRounds(contenders, tasks, options.pace, setting);
  console.log('\nrequests/s, and relative to one process');
  print(results, tasks, (result, task, name) => {
    const alone = results.get(name.replace(TWICE, ''))?.get(task);
    return `${result.rate.toFixed(0)} (${alone ? ratio(result, alone).toFixed(2) : '-'})`;
  });
}
