import { connectPostgres, type Postgres, type PostgresOptions } from '../../src/platform/postgres/connect';
import { adminUrl } from './database';

/** A pool of one connection to an empty database, without entities, that waits for locks as long as for a statement. */
export function connectTestPostgres(options: Partial<PostgresOptions> = {}): Promise<Postgres> {
  return connectPostgres({
    url: adminUrl(),
    name: 'portico',
    poolMax: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 0,
    idleInTransactionTimeoutMs: 0,
    preparedStatements: true,
    entities: [],
    migrations: [],
    onIdleFault: () => {},
    ...options,
  });
}

/** Where a proxy on this port stands in front of PostgreSQL. */
export function adminUrlThrough(port: number): string {
  return Object.assign(new URL(adminUrl()), { port: String(port) }).toString();
}
