/**
 * Portico beside its peers: the same reads of the same data on one PostgreSQL, in interleaved rounds.
 * The section on benchmarks in the README says what each server is and what the figures mean.
 */
import { runFloor } from './floor';
import { runConnectionGrowth, runDataGrowth, runDocumentGrowth } from './growth';
import { runMemory, runStart } from './lifetime';
import { HELP, type Options, readOptions } from './options';
import { runProcesses } from './processes';
import { type Setting, withSetting } from './setting';
import { runSideBySide } from './side-by-side';
import { runWrites } from './writes';

const WHAT: Readonly<Record<string, (setting: Setting, options: Options) => Promise<void>>> = {
  reads: runSideBySide,
  documents: runDocumentGrowth,
  data: runDataGrowth,
  connections: runConnectionGrowth,
  floor: runFloor,
  start: runStart,
  memory: runMemory,
  writes: runWrites,
  processes: runProcesses,
};

async function main(): Promise<number> {
  const options = readOptions();
  const run = WHAT[options.what];
  if (options.help || !run) {
    console.log(HELP);
    return options.help ? 0 : 2;
  }
  await withSetting((setting) => run(setting, options));
  return 0;
}

void main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
