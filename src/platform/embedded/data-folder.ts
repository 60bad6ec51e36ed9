import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { claimDataFolder, type DataFolderClaim } from './data-folder-claim';
import { EmbeddedPostgresError, explainFileFault, explainServerOutput } from './embedded-postgres-error';
import type { PostgresBinaries } from './postgres-binaries';
import { canEnter, chooseServerAccount, runsAsRoot, type ServerAccount } from './server-account';
import { runServerProgram } from './server-program';
import { makeOwnFolder, pathHash, sharedTempRoot } from './shared-temp-folder';

/** The superuser whom `initdb` creates. */
export const SUPERUSER = 'portico';

// 256 random bits, so the stretching of weak passwords that SCRAM offers buys nothing here.
const PASSWORD_BYTES = 32;

const CLUSTER = 'cluster';
const UNFINISHED_PREFIX = 'cluster.unfinished-';

/** One data folder, claimed by this process: `cluster/` (PGDATA), `password`, `postgres.log` and `owners/`. */
export interface DataFolder {
  readonly path: string;
  readonly clusterDir: string;
  readonly logFile: string;
  readonly account: ServerAccount;
  readonly claim: DataFolderClaim;
}

/**
 * Creates the folder where needed and claims it. As root, a folder that the server's account cannot enter is replaced by
 * one below /var/tmp whose name follows from the path, and `log` is told. Throws EmbeddedPostgresError when the folder
 * cannot be used or another live process owns it.
 */
export async function openDataFolder(
  dataDir: string,
  log: (event: string, fields: object) => void,
): Promise<DataFolder> {
  const requested = resolve(dataDir);
  try {
    let path = await makeDataFolder(requested);
    let account = await chooseServerAccount(join(path, CLUSTER));
    if (runsAsRoot() && !(await canEnter(account, path))) {
      path = join(await sharedTempRoot(), `portico-postgres-data-${pathHash(requested)}`);
      await makeOwnFolder(path);
      account = await chooseServerAccount(join(path, CLUSTER));
      log('embedded postgres data folder replaced', { requested, used: path, closedToUid: account.uid });
    }
    const claim = await claimDataFolder(path);
    return { path, clusterDir: join(path, CLUSTER), logFile: join(path, 'postgres.log'), account, claim };
  } catch (err) {
    throw explainFileFault(err, requested);
  }
}

async function makeDataFolder(path: string): Promise<string> {
  const created = await makeFolder(path);
  // As root the folder stays root's and the server only passes through it to its cluster.
  if (created) await chmod(path, runsAsRoot() ? 0o711 : 0o700);
  return await realpath(path);
}

/** Not `recursive`: that reports a read-only file system and a full disk as ENOENT. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (err) {
    const code = (err as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT' || path === dirname(path)) throw err;
    await makeFolder(dirname(path));
    await mkdir(path);
    return true;
  }
}

/** The superuser's password. Throws EmbeddedPostgresError when it is missing or may not be read. */
export async function readPassword(folder: DataFolder): Promise<string> {
  const file = passwordFile(folder);
  const text = await readFile(file, 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code !== 'ENOENT') throw explainFileFault(err, file);
    throw new EmbeddedPostgresError(
      `The password of the embedded PostgreSQL is missing: ${file}.`,
      `Restore that file, or remove ${folder.path} to start with an empty database.`,
    );
  });
  return text.trim();
}

/** Readable by the server's account only. */
async function writePassword(folder: DataFolder): Promise<void> {
  const file = passwordFile(folder);
  // Anew each time: a file left by an interrupted start may be empty.
  await rm(file, { force: true });
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
  await give(file, folder.account);
}

/**
 * Makes sure that the folder holds a cluster these binaries can run: UTF-8, code point collation, passwords by SCRAM.
 * `initdb` works in a sibling folder that is renamed when complete, so a cluster that exists is never half-made.
 * Throws EmbeddedPostgresError when `initdb` fails or the cluster was made by another major version.
 */
export async function ensureCluster(folder: DataFolder, binaries: PostgresBinaries, durable: boolean): Promise<void> {
  await requireMajorVersion(folder, binaries);
  if (await isInitialised(folder)) return;
  await requireNoStrangeCluster(folder);
  const unfinished = join(folder.path, `${UNFINISHED_PREFIX}${folder.claim.owner}`);
  try {
    await removeUnfinishedClusters(folder);
    await writePassword(folder);
    await mkdir(unfinished, { mode: 0o700 });
    await give(unfinished, folder.account);
    await initialise(unfinished, folder, binaries, durable);
    await rename(unfinished, folder.clusterDir);
  } catch (err) {
    await removeUnfinishedClusters(folder);
    throw explainFileFault(err, folder.path);
  }
}

async function initialise(
  pgdata: string,
  folder: DataFolder,
  binaries: PostgresBinaries,
  durable: boolean,
): Promise<void> {
  const args = [
    `--pgdata=${pgdata}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile(folder)}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
  const { exitCode, output } = await runServerProgram(binaries.initdb, args, folder.account);
  if (exitCode === 0) return;
  await writeFile(folder.logFile, output);
  throw explainServerOutput('initdb', output, folder.logFile);
}

async function requireMajorVersion(folder: DataFolder, binaries: PostgresBinaries): Promise<void> {
  const found = await readVersion(folder);
  if (found === null || found === binaries.majorVersion) return;
  throw new EmbeddedPostgresError(
    `The data in ${folder.path} was made by PostgreSQL ${found}, the installed one is ${binaries.majorVersion}.`,
    `Remove that folder to start with an empty database, or dump it with PostgreSQL ${found} and restore it.`,
  );
}

async function requireNoStrangeCluster(folder: DataFolder): Promise<void> {
  const contents = await readdir(folder.clusterDir).catch(() => []);
  if (contents.length === 0) return;
  throw new EmbeddedPostgresError(
    `${folder.clusterDir} is not a data folder of PostgreSQL: it has files but no PG_VERSION.`,
    'Remove that folder if its data may go, or choose another data folder.',
  );
}

async function isInitialised(folder: DataFolder): Promise<boolean> {
  return (await readVersion(folder)) !== null;
}

function readVersion(folder: DataFolder): Promise<string | null> {
  return readFile(join(folder.clusterDir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    (err: NodeJS.ErrnoException) => {
      if (err.code === 'ENOENT') return null;
      throw explainFileFault(err, folder.clusterDir);
    },
  );
}

async function removeUnfinishedClusters(folder: DataFolder): Promise<void> {
  for (const name of await readdir(folder.path)) {
    if (!name.startsWith(UNFINISHED_PREFIX)) continue;
    // An `initdb` whose parent was killed may still be writing there; what it leaves goes at a later start.
    await rm(join(folder.path, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function passwordFile(folder: DataFolder): string {
  return join(folder.path, 'password');
}

async function give(path: string, account: ServerAccount): Promise<void> {
  if (account.uid !== undefined) await chown(path, account.uid, account.gid);
}
