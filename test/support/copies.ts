import type { Redis } from 'ioredis';
import { openDatabase } from '../../src/app';
import { loadConfig } from '../../src/config';
import { defineEntity, keyOf } from '../../src/platform/cache/entity';
import { EntityCache } from '../../src/platform/cache/entity-cache';
import { InvalidationWatch } from '../../src/platform/cache/invalidation-watch';
import { LocalCopies } from '../../src/platform/cache/local-copies';
import { SharedCopies } from '../../src/platform/cache/shared-copies';
import { readEpoch } from '../../src/platform/changelog/epoch';
import type { Postgres } from '../../src/platform/postgres/connect';
import type { Database } from '../../src/platform/postgres/database';
import { sql } from '../../src/platform/postgres/sql';
import { connectRedis } from '../../src/platform/redis/connect';
import { createLocalDoorbell, type Doorbell } from '../../src/platform/redis/doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { createTestDatabase, type TestDatabase } from './database';
import { eventually } from './interleaving';

export interface Note {
  readonly id: string;
  readonly text: string;
  readonly version: number;
}

export const NOTES = defineEntity<Note>('note', 'id', ['id', 'text', 'version']);

let notes = 0;

/** The id of a note that nobody has written yet. */
export function newNote(): string {
  notes += 1;
  return `note ${notes}`;
}

const LIFE_MS = 60_000;
const REDIS_TIMEOUT_MS = 200;

export interface CopiesOptions {
  readonly redisUrl: string | null;
  /** One that nobody else has, when left out. */
  readonly doorbell?: Doorbell;
  /** Where the log of changes is read; the test's own when left out. */
  readonly watchDatabase?: Database;
  readonly maxBytes?: number;
}

/** What one process keeps copies with. */
export class CopiesProcess {
  readonly cache: EntityCache;
  readonly database: Database;
  readonly local: LocalCopies;
  readonly warnings: string[] = [];
  /** The ids of each read of PostgreSQL. */
  readonly reads: (readonly string[])[] = [];
  /** Runs after PostgreSQL has answered and before anybody learns what. */
  whenRead: () => Promise<unknown> = async () => {};
  private readonly watched: InvalidationWatch[] = [];
  private readonly redis: Redis | null;

  constructor(database: Database & { watchedBy: Postgres['database']['watchedBy'] }, options: CopiesOptions) {
    const { redisUrl, doorbell = createLocalDoorbell(), watchDatabase = database, maxBytes = 1_000_000 } = options;
    const destination = { write: (line: string) => void this.warnings.push(JSON.parse(line).msg) };
    const log = createLog({ level: 'warn', format: 'json', destination });
    const quiet = createLog({ level: 'silent', format: 'json' });
    const redis = redisUrl === null ? null : connectRedis(redisUrl, REDIS_TIMEOUT_MS, quiet);
    this.redis = redis;
    this.local = new LocalCopies(maxBytes);
    this.cache = new EntityCache({
      local: this.local,
      shared: redis && new SharedCopies(redis, LIFE_MS, log),
      doorbell,
      watch: (ways) => {
        const watch = new InvalidationWatch(watchDatabase, ways, log);
        this.watched.push(watch);
        return watch;
      },
      lifeMs: LIFE_MS,
    });
    this.database = database.watchedBy(this.cache, this.cache);
  }

  /** Waits until copies may be used. */
  async ready(): Promise<this> {
    await eventually('the log has been read', () => this.isFresh());
    if (this.redis) await eventually('Redis is there', () => this.redis?.status === 'ready');
    return this;
  }

  isFresh(): boolean {
    return this.watched.every((watch) => watch.isFresh());
  }

  async read(...ids: string[]): Promise<(Note | null)[]> {
    return this.cache.getMany(NOTES, ids, this.fromDatabase);
  }

  /** The text of one note, and whether PostgreSQL was asked for it. */
  async text(id: string): Promise<string | null> {
    return (await this.read(id))[0]?.text ?? null;
  }

  readonly fromDatabase = async (ids: readonly string[]): Promise<Note[]> => {
    this.reads.push(ids);
    const rows = await this.database.rows<Note>(
      sql`SELECT id, text, version FROM notes WHERE id = ANY(${ids}::text[])`,
    );
    await this.whenRead();
    return rows;
  };

  /** Writes a note, as a service does. */
  async write(id: string, text: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.run(sql`
        INSERT INTO notes AS n (id, text, version) VALUES (${id}, ${text}, 1)
        ON CONFLICT (id) DO UPDATE SET text = EXCLUDED.text, version = n.version + 1`);
      tx.changed(NOTES.name, id);
    });
  }

  close(): void {
    this.cache.close();
  }
}

/** A database with notes, and processes that keep copies of them. */
export class CopiesWorld {
  private readonly processes: CopiesProcess[] = [];

  private constructor(
    readonly postgres: Postgres,
    private readonly own: TestDatabase,
    /** Under which copies stand in Redis. */
    readonly space: string,
  ) {}

  static async open(): Promise<CopiesWorld> {
    const own = await createTestDatabase();
    const log = createLog({ level: 'silent', format: 'json' });
    const postgres = await openDatabase(own.url, loadConfig({ NODE_ENV: 'test', DATABASE_POOL_MAX: '20' }), log);
    const { database } = postgres;
    await database.run(sql`CREATE TABLE notes (id text PRIMARY KEY, text text NOT NULL, version integer NOT NULL)`);
    await database.run(sql`INSERT INTO change_log_epochs (epoch, since) VALUES (${own.url.slice(-12)}, now())`);
    return new CopiesWorld(postgres, own, await readEpoch(database));
  }

  /** Another process, ready to use copies. */
  start(options: CopiesOptions): Promise<CopiesProcess> {
    const started = new CopiesProcess(this.postgres.database, options);
    this.processes.push(started);
    return started.ready();
  }

  /** Commits a change as a process does that is killed before it can tell anybody. */
  async writeAndDie(id: string, text: string): Promise<void> {
    await this.postgres.database.run(sql`
      WITH told AS (INSERT INTO cache_invalidations (keys) VALUES (ARRAY[${keyOf(NOTES.name, id)}::text]))
      UPDATE notes SET text = ${text}, version = version + 1 WHERE id = ${id}`);
  }

  /** The name in Redis. */
  redisName(id: string): string {
    return `portico:entity:1:${this.space}:${keyOf(NOTES.name, id)}`;
  }

  closeProcesses(): void {
    for (const each of this.processes.splice(0)) each.close();
  }

  async close(): Promise<void> {
    this.closeProcesses();
    await this.postgres.close();
    await this.own.drop();
  }
}

/** A door that a test opens. */
export function door(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
