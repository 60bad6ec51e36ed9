import { rmSync } from 'node:fs';
import { access, chmod, constants, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EmbeddedPostgresError,
  startEmbeddedPostgres,
  stopAbandonedPostgres,
} from '../../src/platform/embedded/embedded-postgres';
import { identifyProcess } from '../../src/platform/embedded/process-identity';

/** Followed by the pid of the test run, so that a later one can tell whether it is over. */
const FOLDER_PREFIX = 'portico-test-postgres-';

/** Kept in memory by Linux. */
const MEMORY_FOLDER = '/dev/shm';

/** What a run may take up there at most, several times over. */
const MEMORY_NEEDED_BYTES = 2 ** 30;

/** Memory that has to be free for that and for the tests themselves, containers' limits considered. */
const MEMORY_FREE_BYTES = 6 * MEMORY_NEEDED_BYTES;

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Nothing of a test has to survive a crash, and every worker holds connections. */
const TEST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
  max_connections: 300,
  shared_buffers: '256MB',
  max_wal_size: '128MB',
};

export interface TestPostgres {
  /** Of a superuser, who may create databases. */
  adminUrl: string;
  stop(): Promise<void>;
}

/**
 * The PostgreSQL server of a test run: the one at TEST_DATABASE_URL, else an embedded one in a folder of its own that
 * goes at `stop()` and when the run is interrupted. Also removes what killed runs have left.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return { adminUrl: given, stop: async () => undefined };

  await removeLeftovers();
  const dataDir = await mkdtemp(join(await chooseFolder(), `${FOLDER_PREFIX}${process.pid}-`));
  // mkdtemp closes the folder to the ordinary user who runs the server when the tests run as root.
  await chmod(dataDir, 0o711);
  const removeAtExit = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });

  const server = await startEmbeddedPostgres({ dataDir, settings: TEST_SETTINGS }).catch((err: unknown) => {
    removeAtExit();
    throw err;
  });
  const stop = async (): Promise<void> => {
    for (const signal of INTERRUPTS) process.off(signal, interrupt);
    process.off('exit', removeAtExit);
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const interrupt = (signal: NodeJS.Signals): void => {
    void stop().finally(() => process.kill(process.pid, signal));
  };
  for (const signal of INTERRUPTS) process.once(signal, interrupt);
  process.once('exit', removeAtExit);
  return { adminUrl: server.url, stop };
}

/**
 * Every test file has a database of its own made and dropped again, which is some 350 files: ext4 passes over all that
 * were deleted in the last minutes to make a new one, which then takes a hundred times as long as in memory.
 */
async function chooseFolder(): Promise<string> {
  try {
    await access(MEMORY_FOLDER, constants.W_OK);
    const { bavail, bsize } = await statfs(MEMORY_FOLDER);
    const isRoomy = bavail * bsize >= MEMORY_NEEDED_BYTES && process.availableMemory() >= MEMORY_FREE_BYTES;
    if (isRoomy) return MEMORY_FOLDER;
  } catch {
    // There is none on this system.
  }
  return tmpdir();
}

async function removeLeftovers(): Promise<void> {
  for (const folder of [tmpdir(), MEMORY_FOLDER]) {
    for (const name of await readdir(folder).catch(() => [])) await removeLeftover(folder, name);
  }
}

async function removeLeftover(folder: string, name: string): Promise<void> {
  const run = name.startsWith(FOLDER_PREFIX) ? Number.parseInt(name.slice(FOLDER_PREFIX.length), 10) : Number.NaN;
  if (Number.isNaN(run) || identifyProcess(run) !== null) return;
  const dataDir = join(folder, name);
  try {
    await stopAbandonedPostgres(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  } catch (err) {
    // Of another user, or another run is removing it.
    if (!(err instanceof EmbeddedPostgresError) && (err as NodeJS.ErrnoException).code === undefined) throw err;
  }
}
