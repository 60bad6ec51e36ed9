import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from './data-folder';
import { EmbeddedPostgresError, explainFileFault, explainServerOutput } from './embedded-postgres-error';
import type { PostgresBinaries } from './postgres-binaries';
import { commandLineOf, identifyProcess } from './process-identity';
import { spawnServerProgram } from './server-program';

/** Marks the servers of this launcher, so that no other one is ever stopped. */
const CLUSTER_NAME = 'portico-embedded';

const POLL_MS = 5;
/** Long, because the server may first have to recover from a crash. */
const READY_TIMEOUT_MS = 60_000;
const FAST_SHUTDOWN_MS = 10_000;
/** The server itself kills what has not ended 5 s after an immediate shutdown began. */
const IMMEDIATE_SHUTDOWN_MS = 7_000;

/** A running PostgreSQL server that this process owns. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  isRunning(): boolean;
  /** Sends a signal unless the process is gone; never hits another one that got its pid. */
  signal(name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void;
}

/** The server ended before it was ready. `output` is what it wrote. */
export class PostmasterExit extends Error {
  constructor(readonly output: string) {
    super('postgres ended before it was ready');
    this.name = 'PostmasterExit';
  }

  isPortTaken(): boolean {
    return /could not bind .*Address already in use/.test(this.output);
  }

  /** Sessions of a killed server notice within moments that it is gone; until then its shared memory is in use. */
  isPredecessorEnding(): boolean {
    return this.output.includes('pre-existing shared memory block');
  }
}

/** What the server says of itself in its lock file, postmaster.pid. */
interface LockFile {
  pid: number;
  port: number;
  /** 'starting', 'ready' or 'stopping'. */
  status: string;
}

/** The command line of the server. The launcher's own settings come last, so that nobody opens the server by accident. */
export function serverArguments(
  folder: DataFolder,
  port: number,
  settings: Readonly<Record<string, string | number>>,
): string[] {
  const all = {
    TimeZone: 'UTC',
    log_timezone: 'UTC',
    // LOG is above ERROR here: start, stop and crashes are kept, failed statements are the client's to report.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    logging_collector: 'off',
    cluster_name: CLUSTER_NAME,
  };
  const assignments = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', folder.clusterDir, '-p', String(port), ...assignments];
}

/** Starts the server and resolves when it accepts connections. Throws PostmasterExit when it ends before that. */
export async function launchPostmaster(
  folder: DataFolder,
  binaries: PostgresBinaries,
  args: string[],
): Promise<Postmaster> {
  // A file, not a pipe: the server must be able to write when this process is gone. Made anew, so it stays small and
  // a log left by another user is no obstacle.
  await rm(folder.logFile, { force: true });
  const log = await open(folder.logFile, 'wx', 0o600);
  try {
    // A process group of its own, so that Ctrl-C in a terminal ends it by `stop()` and not before.
    const options = { detached: true, stdio: ['ignore' as const, log.fd, log.fd] };
    const child = await spawnServerProgram(binaries.postgres, args, folder.account, options);
    child.unref();
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    const signal = (name: NodeJS.Signals): void => {
      if (isRunning()) child.kill(name);
    };
    const pid = child.pid ?? 0;
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (isRunning()) {
      const lock = await readLockFile(folder.clusterDir);
      if (lock?.pid === pid && lock.status === 'ready') return { pid, port: lock.port, isRunning, signal };
      if (Date.now() > deadline) {
        signal('SIGQUIT');
        throw new EmbeddedPostgresError(
          `The embedded PostgreSQL was not ready after ${READY_TIMEOUT_MS / 1000} s.`,
          `Read ${folder.logFile}, and start again.`,
        );
      }
      await sleep(POLL_MS);
    }
  } finally {
    await log.close();
  }
  throw new PostmasterExit(await readFile(folder.logFile, 'utf8'));
}

/**
 * Looks for the server of an owner who was killed. Gives it to this process if it runs, together with whether it was
 * started by the same command; else clears away the lock file it left. Null when no such server runs. A server that
 * somebody else started on the folder is left alone: the next launch then fails on its lock file.
 */
export async function findOrphan(
  folder: DataFolder,
  commandFor: (port: number) => string[],
): Promise<{ postmaster: Postmaster; sameCommand: boolean; isReady(): Promise<boolean> } | null> {
  const lock = await readLockFile(folder.clusterDir);
  if (lock === null) return null;
  const { pid, port } = lock;
  const identity = identifyProcess(pid);
  const command = commandLineOf(pid);
  if (identity === null || !command.includes('postgres')) {
    await removeLockFile(folder);
    return null;
  }
  if (!command.includes(folder.clusterDir) || !command.includes(`cluster_name=${CLUSTER_NAME}`)) return null;

  const isRunning = (): boolean => identifyProcess(pid) === identity;
  const postmaster: Postmaster = {
    pid,
    port,
    isRunning,
    signal: (name) => {
      try {
        if (isRunning()) process.kill(pid, name);
      } catch (err) {
        // It ended between the look and the signal.
        if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err;
      }
    },
  };
  const startedBy = await readFile(join(folder.clusterDir, 'postmaster.opts'), 'utf8').catch(() => '');
  const sameCommand = startedBy.trim() === quoteCommand(commandFor(port));
  const isReady = async (): Promise<boolean> => {
    const now = await readLockFile(folder.clusterDir);
    return now?.pid === pid && now.status === 'ready';
  };
  return { postmaster, sameCommand, isReady };
}

/**
 * Ends the server: fast shutdown, after 10 s immediate shutdown (the next start recovers from the log), 7 s later it is
 * killed. Sessions are cut, what is committed stays.
 */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  postmaster.signal('SIGINT');
  if (await ends(postmaster, FAST_SHUTDOWN_MS)) return;
  postmaster.signal('SIGQUIT');
  if (await ends(postmaster, IMMEDIATE_SHUTDOWN_MS)) return;
  postmaster.signal('SIGKILL');
  await ends(postmaster, IMMEDIATE_SHUTDOWN_MS);
}

/** Like `stopPostmaster`, and leaves the folder fit for another server however the old one ended. */
export async function stopOrphan(folder: DataFolder, postmaster: Postmaster): Promise<void> {
  await stopPostmaster(postmaster);
  if (!postmaster.isRunning()) await removeLockFile(folder);
}

/** Turns the reason of a failed launch into a cause and a remedy. */
export function explainLaunchFault(err: unknown, folder: DataFolder, port: number): unknown {
  if (!(err instanceof PostmasterExit)) return explainFileFault(err, folder.path);
  if (err.isPortTaken()) {
    return new EmbeddedPostgresError(
      `Port ${port} of 127.0.0.1 is taken by another program.`,
      'Choose another port for the embedded PostgreSQL, or stop that program.',
    );
  }
  if (err.output.includes('lock file "postmaster.pid" already exists')) {
    return new EmbeddedPostgresError(
      `Another PostgreSQL server, not started by Portico, runs on ${folder.clusterDir}.`,
      `Stop it, or set DATA_DIR to another folder. Its pid is in ${join(folder.clusterDir, 'postmaster.pid')}.`,
    );
  }
  return explainServerOutput('postgres', err.output, folder.logFile);
}

async function ends(postmaster: Postmaster, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (postmaster.isRunning()) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** PostgreSQL itself takes any live process with the pid in the file, and a zombie, for a server on the folder. */
async function removeLockFile(folder: DataFolder): Promise<void> {
  await rm(join(folder.clusterDir, 'postmaster.pid'), { force: true });
}

async function readLockFile(clusterDir: string): Promise<LockFile | null> {
  const text = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT') return null;
    throw err;
  });
  if (text === null) return null;
  // Line numbers are those of miscadmin.h: LOCK_FILE_LINE_PID, _PORT, _PM_STATUS.
  const lines = text.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3] ?? 0), status: lines[7]?.trim() ?? '' };
}

/** As PostgreSQL writes its own command line to postmaster.opts. */
function quoteCommand([program, ...args]: string[]): string {
  return [program, ...args.map((arg) => `"${arg}"`)].join(' ');
}
