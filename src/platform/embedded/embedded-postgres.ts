import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type DataFolder, ensureCluster, openDataFolder, readPassword, SUPERUSER } from './data-folder';
import { EmbeddedPostgresError, explainServerOutput } from './embedded-postgres-error';
import { type PostgresBinaries, preparePostgresBinaries } from './postgres-binaries';
import {
  explainLaunchFault,
  findOrphan,
  launchPostmaster,
  type Postmaster,
  PostmasterExit,
  serverArguments,
  stopOrphan,
  stopPostmaster,
} from './postmaster';

export { EmbeddedPostgresError };

/** A PostgreSQL server that runs beside this process and belongs to it. */
export interface EmbeddedPostgres {
  /** Connects to the database `portico` on 127.0.0.1 as superuser, password included. */
  readonly url: string;
  /** Whether the server was already running, left behind by an owner that was killed. */
  readonly reused: boolean;
  /** Ends the server, within 10 s as a rule and 24 s at worst, and gives up the data folder. Later calls do nothing. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Made if missing. As root it must be open to an ordinary user, else a folder below /var/tmp stands in for it. */
  dataDir: string;
  /** A free one by default. */
  port?: number;
  /** Server settings, as `-c name=value`. */
  settings?: Readonly<Record<string, string | number>>;
  log?: (event: string, fields: object) => void;
}

const DATABASE = 'portico';

const PORT_ATTEMPTS = 5;
const PREDECESSOR_TIMEOUT_MS = 10_000;
const PREDECESSOR_POLL_MS = 50;
const ORPHAN_ANSWER_TIMEOUT_MS = 10_000;
const ORPHAN_POLL_MS = 20;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Starts PostgreSQL on `dataDir`, from nothing if need be, and resolves when the database `portico` takes connections:
 * with a password, on 127.0.0.1 only. Works for root, in whose place an ordinary user runs the server.
 *
 * The server ends with `stop()` or when this process exits. If this process is killed the server goes on, and the next
 * start on the folder takes it over, or restarts it when the settings differ. Throws EmbeddedPostgresError, with a
 * remedy, when it cannot start or a live process owns the folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const startedAt = performance.now();
  const folder = await openDataFolder(options.dataDir, log);
  try {
    const binaries = await preparePostgresBinaries(folder.account);
    await ensureCluster(folder, binaries, options.settings?.['fsync'] !== 'off');
    const password = await readPassword(folder);
    const urlOn = (port: number): string => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;

    const adopted = await adoptOrphan(folder, binaries, options, urlOn);
    const postmaster = adopted ?? (await launch(folder, binaries, options));
    const url = urlOn(postmaster.port);
    const stop = stopOnce(folder, postmaster);
    if (!adopted) {
      await ensureDatabase(url).catch(async (err: unknown) => {
        await stop();
        throw explainServerOutput('postgres', String(err), folder.logFile);
      });
    }
    log('embedded postgres ready', {
      dataDir: folder.path,
      port: postmaster.port,
      pid: postmaster.pid,
      reused: adopted !== null,
      durationMs: Math.round(performance.now() - startedAt),
    });
    return { url, reused: adopted !== null, stop };
  } catch (err) {
    folder.claim.release();
    throw err;
  }
}

/**
 * Ends the server that a killed process left behind on `dataDir`; does nothing where there is none.
 * Throws EmbeddedPostgresError when a live process owns the folder.
 */
export async function stopAbandonedPostgres(dataDir: string): Promise<void> {
  const folder = await openDataFolder(dataDir, () => undefined);
  try {
    const orphan = await findOrphan(folder, () => []);
    if (orphan) await stopOrphan(folder, orphan.postmaster);
  } finally {
    folder.claim.release();
  }
}

async function adoptOrphan(
  folder: DataFolder,
  binaries: PostgresBinaries,
  options: EmbeddedPostgresOptions,
  urlOn: (port: number) => string,
): Promise<Postmaster | null> {
  const orphan = await findOrphan(folder, (port) => [
    binaries.postgres,
    ...serverArguments(folder, options.port ?? port, options.settings ?? {}),
  ]);
  if (orphan === null) return null;
  const { postmaster, sameCommand, isReady } = orphan;
  const deadline = Date.now() + ORPHAN_ANSWER_TIMEOUT_MS;
  while (sameCommand && postmaster.isRunning() && Date.now() < deadline) {
    try {
      if (await isReady()) {
        await ensureDatabase(urlOn(postmaster.port));
        return postmaster;
      }
    } catch {
      // It may be shutting down or hang; it is asked again until the deadline and then replaced.
    }
    await sleep(ORPHAN_POLL_MS);
  }
  await stopOrphan(folder, postmaster);
  return null;
}

async function launch(
  folder: DataFolder,
  binaries: PostgresBinaries,
  options: EmbeddedPostgresOptions,
): Promise<Postmaster> {
  const deadline = Date.now() + PREDECESSOR_TIMEOUT_MS;
  for (let portAttempt = 1; ; ) {
    const port = options.port ?? (await findFreePort());
    try {
      return await launchPostmaster(folder, binaries, serverArguments(folder, port, options.settings ?? {}));
    } catch (err) {
      if (!(err instanceof PostmasterExit)) throw explainLaunchFault(err, folder, port);
      if (err.isPortTaken() && options.port === undefined && portAttempt < PORT_ATTEMPTS) {
        portAttempt += 1;
      } else if (err.isPredecessorEnding() && Date.now() < deadline) {
        await sleep(PREDECESSOR_POLL_MS);
      } else {
        throw explainLaunchFault(err, folder, port);
      }
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const maintenanceUrl = new URL(url);
  maintenanceUrl.pathname = '/postgres';
  const client = new Client({
    connectionString: maintenanceUrl.href,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  // A server that goes away meanwhile also fails the query below.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** The server also ends with a process that exits without `stop()`: only a killed one leaves it behind. */
function stopOnce(folder: DataFolder, postmaster: Postmaster): () => Promise<void> {
  const stopAtExit = (): void => {
    postmaster.signal('SIGINT');
    folder.claim.release();
  };
  process.once('exit', stopAtExit);
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= stopPostmaster(postmaster).finally(() => {
      process.off('exit', stopAtExit);
      folder.claim.release();
    });
    return stopping;
  };
}

/** Free now; another program may take it before the server does, which the caller has to expect. */
function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
