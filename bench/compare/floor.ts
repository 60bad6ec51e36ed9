/** What a request costs that reads nothing, beside those that do: the least that any read can cost a server. */
import { mainServers, print, startAll } from './growth';
import type { Options } from './options';
import { type Read, type Sent, WITHOUT_READING } from './reads';
import { runRounds } from './rounds';
import { LIMIT, listServers } from './servers';
import type { Setting } from './setting';

const NOTHING = 'nothing';

export async function runFloor(setting: Setting, options: Options): Promise<void> {
  const world = await setting.open(options.posts);
  const kinds = mainServers(await listServers(world.cases), options);
  const started = await startAll(setting, world, kinds, (kind, task): Sent[] =>
    task === NOTHING
      ? world.cases.map((one) => ({ ...kind.dialect.ask('post', one), body: WITHOUT_READING }))
      : world.cases.map((one) => kind.dialect.ask(task as Read, one)),
  );
  // The hand-written server knows no other requests than its reads.
  const contenders = started.map((each) => (each.name === LIMIT ? { ...each, tasks: options.reads } : each));
  const tasks = [NOTHING, ...options.reads].map((name) => ({ name, connections: options.connections }));
  const results = await runRounds(contenders, tasks, options.pace, setting);
  console.log('\nrequests/s (processor time of the server and of the database for one request, in ms)');
  print(results, tasks, ({ rate, serverCpuMs, databaseCpuMs }) => {
    const times = [serverCpuMs, databaseCpuMs].map((ms) => (ms / 1_000).toFixed(2));
    return `${rate.toFixed(0)} (${times.join(' + ')})`;
  });
}
