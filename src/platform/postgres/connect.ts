import type { Pool } from 'pg';
import { DataSource, type MixedList } from 'typeorm';
import { Channel } from './channel';
import { PostgresDatabase } from './database';
import { RowClient } from './row-client';
import { getTypeParser } from './row-decoder';

export interface PostgresOptions {
  readonly url: string;
  readonly poolMax: number;
  /** What PostgreSQL calls its connections, e.g. in pg_stat_activity. */
  readonly name: string;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  /** Whether PostgreSQL keeps statements prepared by name. */
  readonly preparedStatements: boolean;
  readonly entities: MixedList<(new () => object) | string>;
  /** Glob or classes; TypeORM takes them as the migrations of this database. */
  readonly migrations: MixedList<(new () => object) | string>;
  /** Called for every fault of a pooled connection that no query is waiting on. */
  readonly onIdleFault: (error: Error) => void;
}

export interface Postgres {
  readonly database: PostgresDatabase;
  /** TypeORM's view of the same pool: migrations and metadata. */
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/** A client-side end for a query whose server never answers, past PostgreSQL's own statement timeout. */
const QUERY_TIMEOUT_GRACE_MS = 2_000;

/**
 * Opens the pool. Rows are JSON: `timestamptz` comes as RFC 3339 text in UTC with milliseconds, `int8` as a number.
 * @throws the driver's error when the first connection fails.
 */
export async function connectPostgres(options: PostgresOptions): Promise<Postgres> {
  let closing = false;
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities,
    migrations: options.migrations,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    installExtensions: false,
    // Connections outlive the pool's end by a few milliseconds, in which the server may be going down as well.
    poolErrorHandler: (error: Error) => closing || options.onIdleFault(error),
    extra: {
      Client: RowClient,
      max: options.poolMax,
      application_name: options.name,
      connectionTimeoutMillis: options.connectTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs,
      query_timeout: options.statementTimeoutMs + QUERY_TIMEOUT_GRACE_MS,
      keepAlive: true,
      types: { getTypeParser },
    },
  });
  await dataSource.initialize();
  const pool = (dataSource.driver as unknown as { master: Pool }).master;
  return {
    database: new PostgresDatabase(pool, new Channel(options.preparedStatements)),
    dataSource,
    close() {
      closing = true;
      return dataSource.destroy();
    },
  };
}
