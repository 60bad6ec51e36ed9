import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The operating system user under which `initdb` and `postgres` run; spreads into the options of `spawn`.
 * Empty when it is the user of this process: PostgreSQL refuses to run as root, and only root can choose another.
 */
export type ServerAccount = { uid: number; gid: number } | { uid?: undefined; gid?: undefined };

/** The user `nobody` of Linux and the BSDs. A number, because a container image need not have the name. */
const NOBODY_ID = 65_534;

const READ = 4;
const EXECUTE = 1;

export function runsAsRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** For root: the owner of `clusterDir` where that is an ordinary user, else nobody. For an ordinary user: that user. */
export async function chooseServerAccount(clusterDir: string): Promise<ServerAccount> {
  if (!runsAsRoot()) return {};
  const owner = await stat(clusterDir).catch(() => null);
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : { uid: NOBODY_ID, gid: NOBODY_ID };
}

/** Whether the account may enter `folder`. Judged by mode bits, links resolved; access control lists are not seen. */
export async function canEnter(account: ServerAccount, folder: string): Promise<boolean> {
  for (let path = await realpath(folder); ; path = dirname(path)) {
    if (!(await grants(account, path, EXECUTE))) return false;
    if (path === dirname(path)) return true;
  }
}

/** Whether the account may enter the folders above `file`, read it and, if asked, execute it. */
export async function canUse(account: ServerAccount, file: string, mode: 'read' | 'execute'): Promise<boolean> {
  const path = await realpath(file);
  const bits = mode === 'execute' ? READ | EXECUTE : READ;
  return (await grants(account, path, bits)) && (await canEnter(account, dirname(path)));
}

async function grants(account: ServerAccount, path: string, bits: number): Promise<boolean> {
  const uid = account.uid ?? process.geteuid?.();
  const gid = account.gid ?? process.getegid?.();
  const entry = await stat(path);
  const shift = entry.uid === uid ? 6 : entry.gid === gid ? 3 : 0;
  return ((entry.mode >> shift) & bits) === bits;
}
