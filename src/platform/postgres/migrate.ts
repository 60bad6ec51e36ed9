import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { DataSource, MigrationInterface } from 'typeorm';

type MigrationClass = new () => MigrationInterface;

/** Any number that no other lock of ours uses. */
const MIGRATION_LOCK = 7_046_029_254_386_353;

/** The migrations in a folder, by file name. */
export function loadMigrations(folder: string): MigrationClass[] {
  return readdirSync(folder)
    .filter((file) => /^\d{14}-[\w-]+\.(js|ts)$/.test(file))
    .sort()
    .flatMap((file) => Object.values(require(path.join(folder, file)) as Record<string, MigrationClass>));
}

/** Applies what is pending, one transaction each; processes that start together take turns. Returns the names. */
export function migrateUp(dataSource: DataSource): Promise<string[]> {
  return exclusively(dataSource, async () => (await dataSource.runMigrations()).map((migration) => migration.name));
}

/** Takes the newest migration back. Returns its name, or null when there is none. */
export function migrateDown(dataSource: DataSource): Promise<string | null> {
  return exclusively(dataSource, async () => {
    const applied = await appliedNames(dataSource);
    if (applied.length === 0) return null;
    await dataSource.undoLastMigration();
    return applied.at(-1) ?? null;
  });
}

/** Names of migrations that this build knows and the database has not had. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const applied = new Set(await appliedNames(dataSource));
  return dataSource.migrations.map((migration) => migration.constructor.name).filter((name) => !applied.has(name));
}

async function appliedNames(dataSource: DataSource): Promise<string[]> {
  const [table] = await dataSource.query(`SELECT to_regclass('schema_migrations') AS name`);
  if (table.name === null) return [];
  const rows: { name: string }[] = await dataSource.query('SELECT name FROM schema_migrations ORDER BY id');
  return rows.map((row) => row.name);
}

async function exclusively<Result>(dataSource: DataSource, work: () => Promise<Result>): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    return await work();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await runner.release();
  }
}
