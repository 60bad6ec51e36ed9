import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres';
import { startRedis, type TestRedis } from '../support/redis-server';
import { ROOT } from './build';
import { FaultProxy } from './fault-proxy';
import { PorticoProcess } from './portico-process';
import { type LinkEnd, PROCESSES } from './schedule';

/** Of a folder that later test runs clear away when this one is killed. */
const FOLDER_PREFIX = 'portico-test-postgres-';
const MAIN = path.join(ROOT, 'dist', 'src', 'main.js');
const MIGRATE_TIMEOUT_MS = 60_000;
/** A process that begins so long after a fault of the database may still run into it. */
const DATABASE_FAULT_ECHO_MS = 15_000;

/**
 * A killed server loses what was committed to memory only, so a commit waits for the file; the machine itself does not
 * crash, so the file need not reach the disk.
 */
const POSTGRES_SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'on',
  jit: 'off',
  max_connections: 150,
  shared_buffers: '128MB',
};

/** The limits of one account and of one address are for the internet: here a crowd comes from one address. */
const SERVICE_ENV = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PUBLIC_URL: 'http://portico.test',
  LOG_LEVEL: 'warn',
  BUDGET_CAPACITY: '1000000000',
  BUDGET_RESTORE_PER_SECOND: '1000000',
  ATTEMPTS_MAX: '1000000',
  SOCKETS_PER_VIEWER: '100',
  SOCKETS_PER_ADDRESS: '10000',
  // As short as phones are patient: a half-open socket has to go within the time that the run has.
  SOCKET_PING_INTERVAL_MS: '4000',
  SHUTDOWN_TIMEOUT_MS: '3000',
  JOBS_CONCURRENCY: '2',
  // The machine may be busy with other things as well; what is refused for that is tried again and shows nothing.
  LOAD_SHED_DELAY_MS: '5000',
};

/** PostgreSQL, Redis and Portico processes, with a network that fails on demand between them. */
export class Cluster {
  readonly links: Record<LinkEnd, FaultProxy[]> = { clients: [], postgres: [], redis: [] };
  readonly processes: PorticoProcess[] = [];
  readonly signingKeyPem: string;
  readonly publicUrl = SERVICE_ENV.PUBLIC_URL;
  private postgres: EmbeddedPostgres | null = null;
  private redis: TestRedis | null = null;
  private postgresPort = 0;
  private redisPort = 0;
  private databaseFaultUntil = 0;

  private constructor(private readonly folder: string) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.signingKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /**
   * Starts everything. @throws what the first failing step throws; nothing is left running.
   * @param onMade given the cluster before anything of it runs, so that it can be abandoned while it starts.
   */
  static async start(onMade: (cluster: Cluster) => void): Promise<Cluster> {
    const folder = await mkdtemp(path.join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
    // As root the database runs as another user, who has to get through.
    await chmod(folder, 0o711);
    const cluster = new Cluster(folder);
    onMade(cluster);
    try {
      await cluster.startStores();
      await cluster.startProcesses();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Straight to the database, around proxies and service. */
  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.databaseUrl(this.postgresPort) });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  clientPort(process: number): number {
    return (this.links.clients[process] as FaultProxy).port;
  }

  /** Says that processes may rightly fail to start because of the database, until a while after `ms`. */
  expectDatabaseFault(ms: number): void {
    this.databaseFaultUntil = Math.max(this.databaseFaultUntil, Date.now() + ms + DATABASE_FAULT_ECHO_MS);
  }

  /** kill -9 of the server's first process; its sessions end when they notice. */
  async killPostgres(): Promise<void> {
    const lock = readFileSync(path.join(this.folder, 'cluster', 'postmaster.pid'), 'utf8');
    process.kill(Number.parseInt(lock, 10), 'SIGKILL');
    await this.postgres?.stop();
    this.postgres = null;
  }

  async startPostgres(): Promise<void> {
    this.postgres = await startEmbeddedPostgres({
      dataDir: this.folder,
      settings: POSTGRES_SETTINGS,
      ...(this.postgresPort > 0 && { port: this.postgresPort }),
    });
    this.postgresPort = Number(new URL(this.postgres.url).port);
  }

  /** kill -9 of one session that serves Portico; PostgreSQL then ends all of them and recovers. */
  async crashSession(): Promise<void> {
    const [session] = await this.sql<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'portico' ORDER BY backend_start DESC LIMIT 1",
    );
    if (session) process.kill(session.pid, 'SIGKILL');
  }

  async killRedis(): Promise<void> {
    await this.redis?.kill();
    this.redis = null;
  }

  async startRedis(): Promise<void> {
    this.redis ??= await startRedis(this.redisPort > 0 ? { port: this.redisPort } : {});
    this.redisPort = this.redis.port;
  }

  heal(): void {
    for (const proxy of this.proxies()) proxy.heal();
  }

  /** Ends the processes in order, as a release does. */
  async stopProcesses(): Promise<void> {
    this.heal();
    await Promise.all(this.processes.map((each) => each.end('SIGTERM')));
  }

  /** Ends everything that was started. */
  async stop(): Promise<void> {
    await this.stopProcesses();
    for (const proxy of this.proxies()) proxy.close();
    await this.redis?.stop();
    await this.postgres?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** At once and without order, when this process itself is about to end. */
  abandon(): void {
    for (const { pid } of this.processes) {
      try {
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
    try {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    } catch {
      // The database still writes to it; a later test run clears it away.
    }
  }

  private proxies(): FaultProxy[] {
    return Object.values(this.links).flat();
  }

  private async startStores(): Promise<void> {
    await Promise.all([this.startPostgres(), this.startRedis()]);
    for (let index = 0; index < PROCESSES; index += 1) {
      this.links.postgres.push(await FaultProxy.listen(this.postgresPort));
      this.links.redis.push(await FaultProxy.listen(this.redisPort));
    }
  }

  private async startProcesses(): Promise<void> {
    for (let index = 0; index < PROCESSES; index += 1) {
      const port = await findFreePort();
      this.links.clients.push(await FaultProxy.listen(port));
      const env = this.environment(index);
      if (index === 0) await migrate({ ...env, DATABASE_URL: this.databaseUrl(this.postgresPort) });
      const probeFile = path.join(this.folder, `probe-${index}.json`);
      const mayFailToStart = () => Date.now() < this.databaseFaultUntil;
      this.processes.push(new PorticoProcess(index, port, env, probeFile, mayFailToStart));
    }
    await Promise.all(this.processes.map((each) => each.start()));
  }

  private environment(index: number): Record<string, string> {
    const { postgres, redis } = this.links;
    return {
      ...SERVICE_ENV,
      DATABASE_URL: this.databaseUrl((postgres[index] as FaultProxy).port),
      REDIS_URL: `redis://127.0.0.1:${(redis[index] as FaultProxy).port}`,
      SECRET_KEY: 'a secret of the fault run that nobody else knows',
      TOKEN_SIGNING_KEY: this.signingKeyPem,
      MAIL_URL: 'smtp://127.0.0.1:1',
    };
  }

  private databaseUrl(port: number): string {
    const url = new URL(this.postgres?.url ?? this.lastUrl);
    this.lastUrl = url.toString();
    url.port = String(port);
    return url.toString();
  }

  /** The address holds the password, which stays the same while the server is away. */
  private lastUrl = '';
}

async function migrate(env: Record<string, string>): Promise<void> {
  const { PATH = '', HOME = '' } = process.env;
  const options = { env: { PATH, HOME, ...env }, timeout: MIGRATE_TIMEOUT_MS };
  await promisify(execFile)(process.execPath, [MAIN, 'migrate'], options);
}

/** Of a process for its whole life, over restarts. Another program may take it meanwhile, which a run would report. */
function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
