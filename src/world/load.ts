import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client, type ClientConfig } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type CellValue, generateWorld, type WorldOptions, type WorldSize, type WorldTable } from './generate';

export interface LoadOptions extends WorldOptions {
  passwordHash: string;
  /**
   * Empties every table of the schema first, the migrations' own excepted: sessions, retried writes and the like speak of
   * people who are gone then. Without it a database with people in it is refused.
   */
  replace?: boolean;
  /** Called for each table at the start, after every batch and at the end; an error it throws undoes the load. */
  onProgress?(table: string, rowsDone: number, rowsTotal: number): void;
}

/** Thrown when there is something in the tables to load and `replace` was not asked for. Nothing was changed. */
export class WorldNotEmptyError extends Error {
  override readonly name = 'WorldNotEmptyError';
}

const BATCH_CHARACTERS = 64 * 1024;
/** From this size on, building an index over the loaded table is faster than keeping it current row by row. */
const INDEX_REBUILD_ROWS = 200_000;
/** Somebody else's open transaction on these tables is waited for this long, then the load gives up. */
const LOCK_TIMEOUT = '10s';
const INDEX_BUILD_MEMORY = '256MB';
/** The migrations' own bookkeeping, and the audit trail, from which nothing is ever removed. */
const KEPT_TABLES = ['schema_migrations', 'audit_events', 'audit_chains'];

/**
 * Generates a world and copies it into a migrated database, in one transaction: after a failure, or the end of the process
 * in the middle, the database is as it was. Resolves to the number of rows of each table.
 * @param target a connection string, or what `pg.Client` takes
 * @throws WorldNotEmptyError unless the tables are empty or `replace` is set
 * @throws WorldSizeError for a size no world can have
 */
export async function loadWorld(
  target: string | ClientConfig,
  size: WorldSize,
  options: LoadOptions,
): Promise<Record<string, number>> {
  const { tables } = generateWorld(size, options);
  const client = new Client(typeof target === 'string' ? { connectionString: target } : target);
  // A connection lost in the middle also fails the statement at hand, which is where it is reported.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('BEGIN');
    try {
      await loadTables(client, tables, options);
      await client.query('COMMIT');
    } catch (error) {
      // On a broken connection the server has rolled back by itself; the first error is the one to tell.
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    }
    // Marks the rows as visible to all, so that the first reads do not have to; VACUUM cannot run in a transaction.
    await client.query(`VACUUM ${tables.map(({ name }) => quoted(name)).join(', ')}`);
  } finally {
    await client.end();
  }
  return Object.fromEntries(tables.map(({ name, rowCount }) => [name, rowCount]));
}

async function loadTables(client: Client, tables: readonly WorldTable[], options: LoadOptions): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  await client.query('SET LOCAL statement_timeout = 0');
  await client.query(`SET LOCAL maintenance_work_mem = '${INDEX_BUILD_MEMORY}'`);
  if (options.replace) await emptyEverything(client);
  else await requireEmpty(client, tables);
  for (const table of tables) {
    const indexes = table.rowCount >= INDEX_REBUILD_ROWS ? await dropIndexes(client, table.name) : [];
    await copyRows(client, table, options);
    for (const definition of indexes) await client.query(definition);
  }
  await client.query(`ANALYZE ${tables.map(({ name }) => quoted(name)).join(', ')}`);
}

async function copyRows(client: Client, table: WorldTable, { onProgress }: LoadOptions): Promise<void> {
  const progress = (done: number) => onProgress?.(table.name, done, table.rowCount);
  progress(0);
  const columns = table.columns.map(quoted).join(', ');
  const copy = client.query(copyFrom(`COPY ${quoted(table.name)} (${columns}) FROM STDIN`));
  await pipeline(Readable.from(batches(table, progress), { objectMode: false }), copy);
  progress(table.rowCount);
}

function* batches(table: WorldTable, progress: (rowsDone: number) => void): Generator<Buffer> {
  let batch = '';
  let done = 0;
  for (const row of table.rows()) {
    for (let i = 0; i < row.length; i++) batch += `${i === 0 ? '' : '\t'}${copyText(row[i] as CellValue)}`;
    batch += '\n';
    done++;
    if (batch.length < BATCH_CHARACTERS) continue;
    yield Buffer.from(batch);
    batch = '';
    progress(done);
  }
  if (batch !== '') yield Buffer.from(batch);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value in the text format of COPY. */
function copyText(value: CellValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  return /[\\\t\n\r]/.test(value)
    ? value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character)
    : value;
}

async function requireEmpty(client: Client, tables: readonly WorldTable[]): Promise<void> {
  const names = tables.map(({ name }) => quoted(name));
  // Kept until the end, so that nobody signs up between this look and the first row.
  await client.query(`LOCK TABLE ${names.join(', ')} IN SHARE ROW EXCLUSIVE MODE`);
  for (const { name } of tables) {
    const { rows } = await client.query<{ found: boolean }>(`SELECT EXISTS (SELECT FROM ${quoted(name)}) AS found`);
    if (!rows[0]?.found) continue;
    throw new WorldNotEmptyError(
      `Table ${name} of this database has rows already: choose an empty database, or let the load replace everything in this one (--replace).`,
    );
  }
}

async function emptyEverything(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> ALL ($1)`,
    [KEPT_TABLES],
  );
  await client.query(`TRUNCATE ${rows.map(({ name }) => name).join(', ')}`);
}

/** Drops the indexes that belong to no constraint; returns the statements that bring them back. */
async function dropIndexes(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT quote_ident(i.schemaname) || '.' || quote_ident(i.indexname) AS name, i.indexdef AS definition
       FROM pg_indexes i
      WHERE i.schemaname = current_schema() AND i.tablename = $1
        AND NOT EXISTS (SELECT FROM pg_constraint c
                         WHERE c.conindid = (quote_ident(i.schemaname) || '.' || quote_ident(i.indexname))::regclass)
      ORDER BY i.indexname`,
    [table],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ definition }) => definition);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
