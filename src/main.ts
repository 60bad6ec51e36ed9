import { checkAudit, readEnds } from './commands/audit';
import { beginHistory, ensureHistory } from './commands/epoch';
import { migrateDatabase, undoMigration } from './commands/migrate';
import { writeSchema } from './commands/schema';
import { serve } from './commands/serve';
import { explainFault } from './commands/start-fault';
import { findSecrets, findSurroundings } from './commands/surroundings';
import type { Config } from './config';
import { loadConfig } from './config';
import { hashPassword } from './modules/auth';
import { createLog, type Log } from './platform/telemetry/log';
import { runWorldCommand } from './world/cli';

const EXIT_OK = 0;
const EXIT_FAULT = 1;
const EXIT_USAGE = 2;
/** Beyond the configured shutdown time: whatever still hangs then is not worth waiting for. */
const SHUTDOWN_GRACE_MS = 15_000;
/** Ctrl-C reaches the process twice under npm, from the terminal and from npm; a person takes longer. */
const SECOND_SIGNAL_MS = 1_000;

type Command = (config: Config, log: Log, args: string[]) => Promise<number>;

const COMMANDS: Record<string, Command> = {
  serve: serveUntilSignal,
  migrate: runMigrate,
  schema: runSchema,
  world: runWorld,
  epoch: runEpoch,
  audit: runAudit,
};

async function serveUntilSignal(config: Config, log: Log): Promise<number> {
  // A library's forgotten rejection must not end a process that serves thousands; it is logged as the fault it is.
  process.on('unhandledRejection', (err) => log.error({ err }, 'unhandled rejection'));
  // Listening before the start: a signal that comes while it starts must not leave a database behind.
  const signal = new Promise<NodeJS.Signals>((resolve) => {
    process.on('SIGINT', resolve);
    process.on('SIGTERM', resolve);
  });
  void signal.then(() => forceEnd(config, log));
  const served = await serve(config, log);
  if (config.production) log.info({ url: served.app.url }, 'listening');
  else console.log(`\n${served.greeting.join('\n')}\n`);
  const received = await signal;
  log.info({ signal: received }, 'stopping');
  await served.stop();
  log.info({}, 'stopped');
  return EXIT_OK;
}

/** Ends the process when it takes too long to end by itself, or when somebody asks again. */
function forceEnd(config: Config, log: Log): void {
  setTimeout(() => process.exit(EXIT_FAULT), config.http.shutdownTimeoutMs + SHUTDOWN_GRACE_MS).unref();
  const first = performance.now();
  const again = (signal: NodeJS.Signals) => {
    if (performance.now() - first < SECOND_SIGNAL_MS) return;
    log.warn({ signal }, 'stopping at once');
    process.exit(EXIT_FAULT);
  };
  process.on('SIGINT', again).on('SIGTERM', again);
}

async function runMigrate(config: Config, log: Log, [direction = 'up']: string[]): Promise<number> {
  if (direction !== 'up' && direction !== 'down') return usage('Use "migrate" or "migrate down".');
  const surroundings = await findSurroundings(config, log);
  try {
    if (direction === 'down') {
      console.log(`Taken back: ${(await undoMigration(surroundings.directUrl, config, log)) ?? 'nothing'}`);
    } else {
      const applied = await migrateDatabase(surroundings.directUrl, config, log);
      console.log(applied.length > 0 ? `Applied:\n${applied.join('\n')}` : 'The schema is current.');
    }
    return EXIT_OK;
  } finally {
    await surroundings.stop();
  }
}

async function runSchema(config: Config, log: Log, args: string[]): Promise<number> {
  if (await writeSchema(config, log, args.includes('--check'))) return EXIT_OK;
  console.error('schema.graphql is not that of the code. Run "npm run schema" and commit the result.');
  return EXIT_FAULT;
}

async function runWorld(config: Config, log: Log, args: string[]): Promise<number> {
  const surroundings = await findSurroundings(config, log);
  try {
    if (!config.production) await migrateDatabase(surroundings.directUrl, config, log);
    return await runWorldCommand(args, {
      databaseUrl: surroundings.directUrl,
      production: config.production,
      passwordHash: (password) => hashPassword(config.auth.passwordHash, password),
      beginHistory: () => ensureHistory(surroundings.directUrl, config, log),
      out: process.stdout,
      now: Date.now(),
    });
  } finally {
    await surroundings.stop();
  }
}

async function runEpoch(config: Config, log: Log): Promise<number> {
  const surroundings = await findSurroundings(config, log);
  try {
    await beginHistory(surroundings.directUrl, config, log);
    console.log('A new history has begun: apps drop their copies and load everything anew.');
    return EXIT_OK;
  } finally {
    await surroundings.stop();
  }
}

async function runAudit(config: Config, log: Log, args: string[]): Promise<number> {
  const files = readEnds(args);
  if (!files) return usage('Use "audit [--ends <file>] [--archived <file>]".');
  const surroundings = await findSurroundings(config, log);
  try {
    const { secretKey } = findSecrets(config);
    const { lines, holds } = await checkAudit(surroundings.directUrl, config, log, secretKey, files);
    console.log(lines.join('\n'));
    return holds ? EXIT_OK : EXIT_FAULT;
  } finally {
    await surroundings.stop();
  }
}

function usage(message: string): number {
  console.error(message);
  return EXIT_USAGE;
}

async function main([name = 'serve', ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (!command) return usage(`There is no command "${name}". Use one of: ${Object.keys(COMMANDS).join(', ')}.`);
  const config = loadConfig(process.env);
  const log = createLog({
    level: config.log.level,
    format: config.log.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
  });
  return command(config, log, args);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    const lines = explainFault(error);
    console.error(lines ? lines.join('\n') : error);
    process.exit(EXIT_FAULT);
  },
);
