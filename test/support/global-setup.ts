import { Client } from 'pg';
import { migrateDatabase } from '../../src/commands/migrate';
import { loadConfig } from '../../src/config';
import { createLog } from '../../src/platform/telemetry/log';
import { TEMPLATE_DATABASE, withDatabaseName } from './database';
import { startTestPostgres, type TestPostgres } from './postgres-server';
import { startRedis, type TestRedis } from './redis-server';

export interface TestStores {
  readonly postgres: TestPostgres;
  readonly redis: TestRedis | null;
  readonly startedAt: number;
}

declare global {
  var testStores: TestStores | undefined;
}

/** Starts PostgreSQL and Redis once for the whole run and migrates the template that every test file copies. */
export default async function globalSetup(): Promise<void> {
  const startedAt = performance.now();
  const [postgres, redis] = await Promise.all([startTestPostgres(), startRedisIfFound()]);
  globalThis.testStores = { postgres, redis, startedAt };
  process.env['TEST_ADMIN_URL'] = postgres.adminUrl;
  if (redis) process.env['TEST_REDIS_URL'] = redis.url;
  const admin = new Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE_DATABASE}`);
  await admin.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await admin.end();
  const config = loadConfig({ NODE_ENV: 'test' });
  const log = createLog({ level: 'silent', format: 'json' });
  await migrateDatabase(withDatabaseName(postgres.adminUrl, TEMPLATE_DATABASE), config, log);
  report(`PostgreSQL${redis ? ' and Redis' : ''} ready, schema migrated: ${seconds(startedAt)} s`);
}

async function startRedisIfFound(): Promise<TestRedis | null> {
  if (process.env['REDIS_URL']) {
    const url = process.env['REDIS_URL'];
    return { url, port: Number(new URL(url).port || 6379), stop: async () => {}, kill: async () => {} };
  }
  try {
    return await startRedis();
  } catch (error) {
    if (process.env['CI']) throw error;
    report(`NO REDIS: tests that need it are skipped. ${(error as Error).message}`);
    return null;
  }
}

export function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}

/** jest shows what goes to standard error at once and unadorned. */
export function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
