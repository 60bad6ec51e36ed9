/** The compiled service in a process of its own, in production mode, on a PostgreSQL and a Redis of its own. */
import { generateKeyPairSync } from 'node:crypto';
import { Client } from 'pg';
import { migrateDatabase } from '../src/commands/migrate';
import { loadConfig } from '../src/config';
import { createLog } from '../src/platform/telemetry/log';
import { startTestPostgres } from '../test/support/postgres-server';
import { runService } from '../test/support/process';
import { startRedis } from '../test/support/redis-server';

export interface BenchService {
  readonly url: string;
  readonly pid: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

const DATABASE = 'bench';
/** Clients of a benchmark all come from one address. */
const WIDE = {
  BUDGET_CAPACITY: '1000000000',
  BUDGET_RESTORE_PER_SECOND: '1000000',
  ATTEMPTS_MAX: '1000000',
  SIGN_IN_FAILURES_MAX: '1000000',
  SOCKETS_PER_ADDRESS: '100000',
  SOCKETS_PER_VIEWER: '100000',
};

export async function startBenchService(env: Readonly<Record<string, string>> = {}): Promise<BenchService> {
  const [postgres, redis] = await Promise.all([startTestPostgres(), startRedis()]);
  const admin = new Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await admin.query(`CREATE DATABASE ${DATABASE}`);
  await admin.end();
  const url = new URL(postgres.adminUrl);
  url.pathname = `/${DATABASE}`;
  const databaseUrl = url.toString();
  await migrateDatabase(databaseUrl, loadConfig({ NODE_ENV: 'test' }), createLog({ level: 'silent', format: 'json' }));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const service = runService(['serve'], {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'http://localhost',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    SECRET_KEY: 'a secret for benchmarks that nobody knows',
    TOKEN_SIGNING_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    MAIL_URL: 'smtp://127.0.0.1:1',
    ...WIDE,
    ...env,
  });
  const stop = async () => {
    await service.kill('SIGTERM');
    await redis.stop();
    await postgres.stop();
  };
  const listening = await service.printed(/"url":"(http:[^"]+)"/).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    url: listening[1] ?? '',
    pid: service.child.pid ?? 0,
    databaseUrl,
    redisUrl: redis.url,
    stop,
  };
}
