import { dirname } from 'node:path';

/**
 * Why the embedded PostgreSQL cannot run. `message` gives the cause in one sentence, `remedy` what the reader can do
 * about it; both are fit to be printed as they are.
 */
export class EmbeddedPostgresError extends Error {
  readonly code = 'EMBEDDED_POSTGRES';

  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}

/** The way out that is open in every case. Reads as the end of a remedy. */
export const USE_ANOTHER_SERVER = 'set DATABASE_URL to a PostgreSQL server that is already running';

/** Names the cause of a failed file operation on `path`. Faults that are not of the file system come back unchanged. */
export function explainFileFault(err: unknown, path: string): unknown {
  const code = typeof err === 'object' && err !== null && 'code' in err ? err.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(path, err);
    case 'EACCES':
    case 'EPERM':
      return new EmbeddedPostgresError(
        `The embedded PostgreSQL cannot use ${path}: this user may not read or write it.`,
        'Start as the user who owns the folder, remove it if its data may go, or choose another data folder.',
        { cause: err },
      );
    case 'EROFS':
      return new EmbeddedPostgresError(
        `The embedded PostgreSQL cannot use ${path}: its file system is read-only.`,
        `Choose a data folder on a writable file system, or ${USE_ANOTHER_SERVER}.`,
        { cause: err },
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new EmbeddedPostgresError(
        `The embedded PostgreSQL cannot use ${path}: a part of that path is a file, not a folder.`,
        'Choose another data folder.',
        { cause: err },
      );
    case 'ENOENT':
      return new EmbeddedPostgresError(
        `The embedded PostgreSQL cannot use ${path}: something that belongs there is missing (${String(err)}).`,
        'Run `npm install` again; for a data folder, remove it if its data may go, or choose another one.',
        { cause: err },
      );
    default:
      return err;
  }
}

/** Names the cause of a failed `initdb` or `postgres` from what it said; `logFile` is where all of it stands. */
export function explainServerOutput(
  program: 'initdb' | 'postgres',
  output: string,
  logFile: string,
): EmbeddedPostgresError {
  if (/No space left on device|Check free disk space/.test(output)) return diskFull(dirname(logFile));
  if (output.includes('could not look up effective user ID')) {
    return new EmbeddedPostgresError(
      'PostgreSQL refuses to run under a user id that has no name on this system.',
      `Add the user to /etc/passwd, start as another user, or ${USE_ANOTHER_SERVER}.`,
    );
  }
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? 'it gave no reason';
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL did not start (${program}: ${reason.trim()}).`,
    `Read ${logFile} for the whole output; if the data may go, remove the data folder; or ${USE_ANOTHER_SERVER}.`,
  );
}

function diskFull(path: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL cannot use ${path}: the disk is full.`,
    'Free at least 100 MB there, or choose a data folder on another disk.',
    { cause },
  );
}
