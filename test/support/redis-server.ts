import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandLineOf, identifyProcess } from '../../src/platform/embedded/process-identity';

export interface TestRedis {
  url: string;
  port: number;
  /** Ends the server in order; clients see their connections closed. */
  stop(): Promise<void>;
  /** Ends it as a crash does. Start another one on the same `port` to let clients come back. */
  kill(): Promise<void>;
}

const execute = promisify(execFile);

const SERVERS = ['redis-server', 'valkey-server'];
/** Debian and Ubuntu name the packages like the programs. */
const PACKAGES = SERVERS;

/** The repository's, also where this file runs compiled. */
const CACHE = resolve(__dirname.replace(/\/dist(?=\/test\/support$)/, ''), '../../node_modules/.cache/portico-redis');
/** The unpacked server with its libraries in reach; relative to CACHE. */
const CACHED_SERVER = join('server', 'run-redis');

/** Followed by the pid of the test run and the port: what a later run needs to clear up after a killed one. */
const FOLDER_PREFIX = 'portico-test-redis-';
const PID_FILE = 'redis.pid';

const FETCH_TIMEOUT_MS = 90_000;
const READY_TIMEOUT_MS = 10_000;
const SHUTDOWN_TIMEOUT_MS = 5_000;
const POLL_MS = 10;

/**
 * The path of a Redis or Valkey server program: the one on PATH, else, on Debian and Ubuntu, one whose packages are
 * fetched once into a cache folder, without root and without installing anything. Null when there is none within 90 s,
 * with the reason on stderr.
 */
export async function findRedisServer(): Promise<string | null> {
  const installed = await findOnPath(SERVERS);
  if (installed) return installed;
  const cached = join(CACHE, CACHED_SERVER);
  if (await works(cached)) return cached;
  try {
    await fetchServer();
    if (await works(cached)) return cached;
    throw new Error('the fetched server does not run here');
  } catch (err) {
    const reason = err instanceof Error ? err.message.trim() : String(err);
    process.stderr.write(`No Redis for the tests: ${reason}\nInstall redis-server, or set REDIS_URL.\n`);
    return null;
  }
}

/** Starts an empty Redis on 127.0.0.1 that keeps nothing on disk. Throws when there is no server program, or no port. */
export async function startRedis(options: { port?: number } = {}): Promise<TestRedis> {
  const program = await findRedisServer();
  if (!program) throw new Error('There is no Redis server program: install redis-server, or set REDIS_URL.');
  const port = options.port ?? (await findFreePort());
  await removeLeftovers();
  const dir = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-${port}-`));
  const memoryOnly = ['--save', '', '--appendonly', 'no'];
  const files = ['--dir', dir, '--pidfile', join(dir, PID_FILE)];
  const args = ['--port', String(port), '--bind', '127.0.0.1', ...memoryOnly, ...files];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  server.stdout.resume();
  // A run that ends without stopping its servers takes them along.
  const killAtExit = (): void => {
    server.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', killAtExit);

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    process.off('exit', killAtExit);
    await endProcess(server, signal);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(server, port);
  } catch (err) {
    await end('SIGKILL');
    throw err;
  }
  return { url: `redis://127.0.0.1:${port}`, port, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** Ends the servers of runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const [run, port] = name.slice(FOLDER_PREFIX.length).split('-');
    if (!port || identifyProcess(Number(run)) !== null) continue;
    const dir = join(tmpdir(), name);
    try {
      const pid = Number(await readFile(join(dir, PID_FILE), 'utf8').catch(() => Number.NaN));
      // The pid may have gone to another program since; a Redis server shows its address in its title.
      if (pid > 0 && commandLineOf(pid).includes(`127.0.0.1:${port}`)) process.kill(pid, 'SIGKILL');
      await rm(dir, { recursive: true, force: true });
    } catch (err) {
      // Of another user, or another run is removing it.
      if ((err as NodeJS.ErrnoException).code === undefined) throw err;
    }
  }
}

async function findOnPath(names: string[]): Promise<string | null> {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name);
      const executable = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (executable) return path;
    }
  }
  return null;
}

function works(program: string): Promise<boolean> {
  return execute(program, ['--version']).then(
    () => true,
    () => false,
  );
}

/** Of several processes that fetch at once, each works in a folder of its own; the first to finish gives it its name. */
async function fetchServer(): Promise<void> {
  if (!(await findOnPath(['apt-get'])) || !(await findOnPath(['dpkg-deb']))) {
    throw new Error('none is on PATH, and only Debian and Ubuntu packages can be fetched.');
  }
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'fetch-'));
  try {
    const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    const unpacked = join(work, 'server');
    for (const archive of await downloadPackages(work, signal)) {
      await execute('dpkg-deb', ['-x', archive, unpacked], { signal });
    }
    await writeLauncher(unpacked);
    const named = join(CACHE, dirname(CACHED_SERVER));
    await rename(unpacked, named).catch(async (err: NodeJS.ErrnoException) => {
      if (err.code !== 'ENOTEMPTY' && err.code !== 'EEXIST') throw err;
      if (await works(join(CACHE, CACHED_SERVER))) return;
      await rm(named, { recursive: true, force: true });
      await rename(unpacked, named);
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Lets apt choose the packages that this system lacks. Its state is kept in `work`, so that no root is needed. */
async function downloadPackages(work: string, signal: AbortSignal): Promise<string[]> {
  const lists = join(work, 'lists');
  const archives = join(work, 'archives');
  for (const folder of [lists, archives]) await mkdir(join(folder, 'partial'), { recursive: true });
  const settings = [
    `Dir::Cache=${work}`,
    `Dir::Cache::archives=${archives}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
    'APT::Install-Recommends=false',
  ];
  const apt = async (ownLists: boolean, ...command: string[]): Promise<void> => {
    const all = ownLists ? [...settings, `Dir::State::lists=${lists}`] : settings;
    const args = [...all.flatMap((setting) => ['-o', setting]), '-y', '-q', ...command];
    await execute('apt-get', args, { signal }).catch((err: Error & { stderr?: string }) => {
      if (signal.aborted) throw new Error(`apt-get took longer than ${FETCH_TIMEOUT_MS / 1000} s.`);
      const complaint = err.stderr?.split('\n').find((line) => line.startsWith('E:'));
      throw new Error(`apt-get ${command.join(' ')}: ${complaint ?? err.message}`);
    });
  };

  const faults: unknown[] = [];
  // The system's lists come first; they may be missing, or too old to name packages that still exist.
  for (const ownLists of [false, true]) {
    if (ownLists) await apt(ownLists, 'update');
    for (const name of PACKAGES) {
      try {
        await apt(ownLists, 'install', '--download-only', name);
        const files = await readdir(archives);
        return files.filter((file) => file.endsWith('.deb')).map((file) => join(archives, file));
      } catch (err) {
        if (signal.aborted) throw err;
        faults.push(err);
      }
    }
  }
  throw faults[0];
}

/** Written with paths relative to itself: the folder is renamed, and checkouts move. */
async function writeLauncher(unpacked: string): Promise<void> {
  const program = SERVERS.map((name) => join('usr', 'bin', name)).find((path) => existsSync(join(unpacked, path)));
  if (!program) throw new Error('the packages hold no server program.');
  const entries = readdirSync(unpacked, { recursive: true, withFileTypes: true });
  const libraries = entries
    .filter((entry) => entry.name.includes('.so'))
    .map((entry) => relative(unpacked, entry.parentPath));
  const libraryPath = [...new Set(libraries)].map((folder) => `"$here"/${folder}`).join(':');
  const launcher = join(unpacked, 'run-redis');
  await writeFile(
    launcher,
    `#!/bin/sh\nhere=$(dirname "$0")\nLD_LIBRARY_PATH=${libraryPath || '""'} exec "$here"/${program} "$@"\n`,
  );
  await chmod(launcher, 0o755);
}

async function waitUntilReady(server: ChildProcess, port: number): Promise<void> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (server.exitCode !== null)
      throw new Error(`redis-server ended with status ${server.exitCode}; is port ${port} taken?`);
    if (await answersPing(port)) return;
  }
  throw new Error(`redis-server was not ready after ${READY_TIMEOUT_MS / 1000} s`);
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolveAnswer) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolveAnswer(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolveAnswer(false));
    socket.once('close', () => resolveAnswer(false));
  });
}

async function endProcess(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise<void>((resolveEnd) => server.once('exit', () => resolveEnd()));
  server.kill(signal);
  const overdue = setTimeout(() => server.kill('SIGKILL'), SHUTDOWN_TIMEOUT_MS);
  await ended;
  clearTimeout(overdue);
}

function findFreePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolvePort(address.port) : reject(new Error('no port')),
      );
    });
  });
}
