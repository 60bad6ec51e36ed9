import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Pool } from 'pg';
import { MigrationExecutor } from 'typeorm';
import { openDatabase } from '../src/app';
import { migrateDatabase, requireMigrated, undoMigration } from '../src/commands/migrate';
import { serve } from '../src/commands/serve';
import { StartFault } from '../src/commands/start-fault';
import { type Config, loadConfig } from '../src/config';
import type { Postgres } from '../src/platform/postgres/connect';
import { createLog } from '../src/platform/telemetry/log';
import { TEST_SECRET, TEST_SIGNING_KEY } from './support/app';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './support/database';
import { differences, dumpSchema, tablesOf } from './support/schema-dump';
import { PROJECT_ROOT } from './support/source-tree';

const FILES = readdirSync(path.join(PROJECT_ROOT, 'migrations')).sort();
/** What keeps the names of applied migrations, and has neither an entity nor a migration. */
const BOOKKEEPING = 'schema_migrations';
/** Tables that only SQL knows. */
const OURS_ALONE = [
  BOOKKEEPING,
  'idempotency_keys',
  'change_streams',
  'change_entries',
  'change_log_epochs',
  'job_workers',
  'cache_invalidations',
];

/** All but the bookkeeping. */
async function ownSchema(sql: Pool): Promise<string[]> {
  return (await dumpSchema(sql, 'public')).filter((line) => !line.includes(BOOKKEEPING));
}

const config = loadConfig({ NODE_ENV: 'test' });
const log = createLog({ level: 'silent', format: 'json' });

describe('migrations', () => {
  let database: TestDatabase;
  let sql: Pool;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    sql = new Pool({ connectionString: database.url, max: 2 });
  });
  afterEach(async () => {
    await sql.end();
    await database.drop();
  });

  it('lead up, down to nothing, and up to the same schema again', async () => {
    const names = await migrateDatabase(database.url, config, log);
    expect(names).toHaveLength(FILES.length);
    const [schema, jobs] = [await dumpSchema(sql, 'public'), await dumpSchema(sql, 'graphile_worker')];
    expect(schema.length).toBeGreaterThan(50);

    for (const name of [...names].reverse()) expect(await undoMigration(database.url, config, log)).toBe(name);
    expect(await undoMigration(database.url, config, log)).toBeNull();
    expect(await tablesOf(sql)).toEqual([BOOKKEEPING]);
    expect(await ownSchema(sql)).toEqual([]);

    expect(await migrateDatabase(database.url, config, log)).toEqual(names);
    expect(await dumpSchema(sql, 'public')).toEqual(schema);
    expect(await dumpSchema(sql, 'graphile_worker')).toEqual(jobs);
  });

  it('can each be taken back by itself, and leave what was there before', async () => {
    const names: string[] = [];
    const before: string[][] = [];
    const postgres = await openDatabase(database.url, config, log, true);
    try {
      const executor = new MigrationExecutor(postgres.dataSource);
      for (const migration of await executor.getPendingMigrations()) {
        names.push(migration.name);
        before.push(await ownSchema(sql));
        await executor.executeMigration(migration);
      }
    } finally {
      await postgres.close();
    }
    expect(names).toHaveLength(FILES.length);
    for (const name of [...names].reverse()) {
      expect(await undoMigration(database.url, config, log)).toBe(name);
      expect(await ownSchema(sql)).toEqual(before.pop());
    }
  });

  it('are applied once when several processes begin at once', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrateDatabase(database.url, config, log)));
    expect(applied.map((names) => names.length).sort()).toEqual([0, 0, FILES.length]);
    const { rows } = await sql.query(
      `SELECT count(*)::int AS n, count(DISTINCT name)::int AS names FROM ${BOOKKEEPING}`,
    );
    expect(rows[0]).toEqual({ n: FILES.length, names: FILES.length });
    await requireMigrated(database.url, config, log);
  });

  it('must all be there before production serves', async () => {
    const lacking = (count: number) => ({
      name: StartFault.name,
      message: expect.stringContaining(`lacks ${count} migration(s) of this build`),
      remedy: expect.stringContaining('npm run migrate'),
    });
    const serving = () => serve(productionConfig(database.url), log);
    await expect(serving()).rejects.toMatchObject(lacking(FILES.length));
    expect(await tablesOf(sql)).toEqual([]);

    await migrateDatabase(database.url, config, log);
    const newest = await undoMigration(database.url, config, log);
    await expect(serving()).rejects.toMatchObject(lacking(1));
    await expect(serving()).rejects.toThrow(`first ${newest}`);

    await migrateDatabase(database.url, config, log);
    await expect(requireMigrated(database.url, config, log)).resolves.toBeUndefined();
  });

  it('may be behind a newer build: what this one does not know is no reason to stop', async () => {
    await migrateDatabase(database.url, config, log);
    await sql.query(
      `INSERT INTO ${BOOKKEEPING} (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')`,
    );
    await expect(requireMigrated(database.url, config, log)).resolves.toBeUndefined();
  });
});

describe('the files of migrations', () => {
  it.each(FILES)('%s is named by its time (UTC), a verb and an object, and so is its class', (file) => {
    const [, digits = '', name = ''] = /^(\d{14})-([a-z]+(?:-[a-z]+)+)\.ts$/.exec(file) ?? [];
    const [classes, time] = [Object.keys(require(path.join(PROJECT_ROOT, 'migrations', file))), utc(digits)];
    const camelCase = name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    expect({ file, classes }).toEqual({ file, classes: [`${camelCase}${time}`] });
  });

  it('sort like the times in the names of their classes, each later than the one before', async () => {
    const times = FILES.map((file) => utc(file.slice(0, 14)));
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});

describe('entities and migrations', () => {
  let database: TestDatabase;
  let postgres: Postgres;
  let sql: Pool;

  beforeAll(async () => {
    database = await createTestDatabase();
    postgres = await openDatabase(database.url, config, log);
    sql = new Pool({ connectionString: database.url, max: 1 });
  });
  afterAll(async () => {
    await sql?.end();
    await postgres?.close();
    await database?.drop();
  });

  it('agree on every table, column, type, default and primary key', async () => {
    expect(await differences(postgres.dataSource, sql, OURS_ALONE)).toEqual([]);
  });

  it("leave TypeORM's schema builder nothing to do but take away what SQL alone declares", async () => {
    const { rows } = await sql.query(`
      SELECT conname AS name FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u')
      UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'`);
    const inSqlOnly = rows.map(({ name }) => name);
    const { upQueries } = await postgres.dataSource.driver.createSchemaBuilder().log();
    const changes = upQueries
      .map(({ query }) => query)
      .filter((query) => !inSqlOnly.includes(/DROP (?:INDEX|CONSTRAINT) (?:"public"\.)?"(\w+)"$/.exec(query)?.[1]));
    expect(changes).toEqual([]);
  });

  it.each([
    ['ALTER TABLE users DROP COLUMN bio', 'users.bio: is in the entity only'],
    ['ALTER TABLE users ADD COLUMN shoe_size integer', 'users.shoe_size: is in the migrations only'],
    ['ALTER TABLE posts ALTER COLUMN version TYPE bigint', 'posts.version: type integer in the entity, bigint'],
    ['ALTER TABLE posts ALTER COLUMN created_at TYPE timestamptz(6)', 'posts.created_at: type timestamp(3) with'],
    ['ALTER TABLE users ALTER COLUMN bio SET NOT NULL', 'users.bio: nullable true in the entity, false'],
    ['ALTER TABLE likes ALTER COLUMN created_at DROP NOT NULL', 'likes.created_at: nullable false in the entity, true'],
    ['ALTER TABLE posts ALTER COLUMN version SET DEFAULT 2', 'posts.version: default 1 in the entity, 2'],
    ['ALTER TABLE users ALTER COLUMN private DROP DEFAULT', 'users.private: default false in the entity, none'],
    [
      'ALTER TABLE likes DROP CONSTRAINT likes_pkey',
      'likes: primary key likes_pkey (post_id, user_id) in the entity, none',
    ],
    ['ALTER TABLE likes RENAME CONSTRAINT likes_pkey TO other', 'likes: primary key likes_pkey (post_id, user_id)'],
    ['DROP TABLE mutes', 'mutes: is in the entities only'],
    ['CREATE TABLE extras (id uuid PRIMARY KEY)', 'extras: is in the migrations only'],
  ])('are seen to disagree after %s', async (change, finding) => {
    await sql.query('BEGIN');
    try {
      await sql.query(change);
      expect(await differences(postgres.dataSource, sql, OURS_ALONE)).toEqual([expect.stringContaining(finding)]);
    } finally {
      await sql.query('ROLLBACK');
    }
  });
});

function productionConfig(databaseUrl: string): Config {
  return loadConfig({
    NODE_ENV: 'production',
    PORT: '0',
    PUBLIC_URL: 'https://api.example.com',
    DATABASE_URL: databaseUrl,
    REDIS_URL: 'redis://127.0.0.1:1',
    SECRET_KEY: TEST_SECRET,
    TOKEN_SIGNING_KEY: TEST_SIGNING_KEY,
    MAIL_URL: 'smtp://127.0.0.1:1',
  });
}

/** Milliseconds of a time written as YYYYMMDDhhmmss. */
function utc(digits: string): number {
  return Date.parse(digits.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));
}
