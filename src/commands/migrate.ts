import { openDatabase } from '../app';
import type { Config } from '../config';
import { migrateJobs } from '../platform/jobs/jobs';
import type { Postgres } from '../platform/postgres/connect';
import { migrateDown, migrateUp, pendingMigrations } from '../platform/postgres/migrate';
import type { Log } from '../platform/telemetry/log';
import { databaseFault, StartFault } from './start-fault';

const POSTGRES_VERSION_MIN = 150_000;

/** Brings the schema up to this build's, job queue included; returns the names of what was applied. */
export function migrateDatabase(url: string, config: Config, log: Log): Promise<string[]> {
  return withDatabase(url, config, log, async ({ dataSource }) => {
    const applied = await migrateUp(dataSource);
    await migrateJobs(url, log);
    return applied;
  });
}

/** Takes the newest migration back; returns its name, or null when there was none. */
export function undoMigration(url: string, config: Config, log: Log): Promise<string | null> {
  return withDatabase(url, config, log, ({ dataSource }) => migrateDown(dataSource));
}

/** @throws StartFault when migrations of this build are missing in the database. */
export function requireMigrated(url: string, config: Config, log: Log): Promise<void> {
  return withDatabase(url, config, log, async ({ dataSource }) => {
    const pending = await pendingMigrations(dataSource);
    if (pending.length === 0) return;
    throw new StartFault(
      `The database lacks ${pending.length} migration(s) of this build, first ${pending[0]}.`,
      'Run "npm run migrate" with the same environment, then start again.',
    );
  });
}

/** Opens a database without limits on time for as long as `work` takes. @throws StartFault when it cannot be used. */
export async function withDatabase<Result>(
  url: string,
  config: Config,
  log: Log,
  work: (postgres: Postgres) => Promise<Result>,
): Promise<Result> {
  const postgres = await openDatabase(url, config, log, true).catch((error) => {
    throw databaseFault(error, url);
  });
  try {
    const [version] = await postgres.dataSource.query('SHOW server_version_num');
    if (Number(version.server_version_num) < POSTGRES_VERSION_MIN) {
      throw new StartFault('This PostgreSQL is older than 15.', 'Point DATABASE_URL at PostgreSQL 15 or newer.');
    }
    return await work(postgres);
  } finally {
    await postgres.close();
  }
}
