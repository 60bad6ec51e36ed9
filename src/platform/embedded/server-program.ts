import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from './embedded-postgres-error';
import type { ServerAccount } from './server-account';

/** Starts a program of PostgreSQL under `account`. Throws EmbeddedPostgresError when the system refuses to run it. */
export async function spawnServerProgram(
  file: string,
  args: string[],
  account: ServerAccount,
  options: SpawnOptions,
): Promise<ChildProcess> {
  // spawn throws some faults and emits others.
  try {
    const child = spawn(file, args, {
      ...options,
      ...account,
      // The working folder of this process may be closed to the account.
      cwd: '/',
      // Nothing else: PGPORT, PGDATA, TZ and LC_ALL of a developer's shell must not count.
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    });
    await once(child, 'spawn');
    return child;
  } catch (err) {
    throw explainSpawnFault(err as NodeJS.ErrnoException, file, account);
  }
}

/** Runs a program of PostgreSQL to its end; `output` is what it wrote to stdout and stderr. */
export async function runServerProgram(
  file: string,
  args: string[],
  account: ServerAccount,
): Promise<{ exitCode: number | null; output: string }> {
  const child = await spawnServerProgram(file, args, account, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return await new Promise((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

function explainSpawnFault(err: NodeJS.ErrnoException, file: string, account: ServerAccount): EmbeddedPostgresError {
  const remedy = `Install PostgreSQL 15 or newer and ${USE_ANOTHER_SERVER}.`;
  switch (err.code) {
    // The file is there, its program loader is not: the binaries are linked against glibc.
    case 'ENOENT':
      return new EmbeddedPostgresError('The embedded PostgreSQL does not run on a system without glibc.', remedy, {
        cause: err,
      });
    case 'EPERM':
      return new EmbeddedPostgresError(
        `PostgreSQL refuses to run as root, and root may not become user ${account.uid} here.`,
        `Start as an ordinary user, or ${USE_ANOTHER_SERVER}.`,
        { cause: err },
      );
    default:
      return new EmbeddedPostgresError(`The system refuses to run ${file} (${err.code ?? err.message}).`, remedy, {
        cause: err,
      });
  }
}
