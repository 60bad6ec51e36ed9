import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { EmbeddedPostgresError } from './embedded-postgres-error';

const HASH_CHARS = 12;
const WRITABLE_BY_OTHERS = 0o022;

/** A folder that every user can enter and that outlives a reboot where the system has one: /var/tmp, else os.tmpdir(). */
export async function sharedTempRoot(): Promise<string> {
  const persistent = '/var/tmp';
  return access(persistent, constants.W_OK | constants.X_OK).then(
    () => persistent,
    () => tmpdir(),
  );
}

/** A short stable name for a path, safe in a file name. */
export function pathHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, HASH_CHARS);
}

/**
 * Makes `path` a folder of this user that others can enter and not write.
 * Throws EmbeddedPostgresError where another user has put something there: names in a shared folder can be guessed.
 */
export async function makeOwnFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await requireOwnFolder(path);
  await chmod(path, 0o755);
}

/** Throws EmbeddedPostgresError unless `path` is a real folder of this user that no other user can write. */
export async function requireOwnFolder(path: string): Promise<void> {
  const entry = await lstat(path);
  const own = entry.isDirectory() && entry.uid === process.geteuid?.() && (entry.mode & WRITABLE_BY_OTHERS) === 0;
  if (own) return;
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL cannot trust ${path}: another user owns it or may write it.`,
    'Remove that folder.',
  );
}
