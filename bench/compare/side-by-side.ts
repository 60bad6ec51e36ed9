/** All servers on the same reads: the table and the chart. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Checked, checkServer, type Statements } from './agreement';
import { drawChart } from './chart';
import { usageOf } from './meter';
import type { Options } from './options';
import { BENCH } from './places';
import { READS, type Read } from './reads';
import { type Contender, runRounds } from './rounds';
import { listServers, type ServerKind } from './servers';
import type { Setting } from './setting';
import { printTable } from './table';
import type { World } from './world';

export async function runSideBySide(setting: Setting, options: Options): Promise<void> {
  const world = await setting.open(options.posts);
  const kinds = (await listServers(world.cases)).filter(options.isWanted);
  const statements = await agree(setting, world, kinds);
  const contenders: Contender[] = [];
  for (const kind of kinds) {
    const running = [await setting.start(kind, world.databaseUrl)];
    const requests = (read: string) => world.cases.map((one) => kind.dialect.ask(read as Read, one));
    contenders.push({ name: kind.name, tasks: kind.reads, passesBefore: kind.passesBefore, running, requests });
  }
  const reads = READS.filter((read) => options.reads.includes(read));
  const tasks = reads.map((name) => ({ name, connections: options.connections }));
  const results = await runRounds(contenders, tasks, options.pace, setting);
  const memoryBytes = new Map(
    contenders.map(({ name, running: [server] }) => [name, usageOf(server?.pid ?? 0).memoryBytes]),
  );
  console.log(`\n${printTable(results, reads, { statements, memoryBytes })}`);
  if (!options.isWhole) return;
  const file = path.join(BENCH, 'chart.svg');
  writeFileSync(file, drawChart(results, reads));
  setting.say(`the chart is ${file}`);
}

/** Makes sure that all answer the same; answers how many statements each takes. */
async function agree(setting: Setting, world: World, kinds: readonly ServerKind[]): Promise<Map<string, Statements>> {
  const statements = new Map<string, Statements>();
  let first: Checked | null = null;
  for (const kind of kinds) {
    const surroundings = setting.surroundings(world.databaseUrl);
    const checked: Checked = await checkServer(kind, surroundings, world.cases, first?.answers ?? null);
    first ??= checked;
    statements.set(kind.name, checked.statements);
  }
  setting.say(`the answers of ${kinds.length} servers agree`);
  return statements;
}
