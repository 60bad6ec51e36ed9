import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { identifyProcess } from './process-identity';

export interface DataFolderClaim {
  /** Names the claiming process, see `identifyProcess`. */
  readonly owner: string;
  release(): void;
}

const ATTEMPTS = 5;
const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = 100;

/**
 * Makes this process the only owner of `dataDir` until it releases the claim or ends, however it ends.
 * Throws EmbeddedPostgresError while another live process, or this one, owns it.
 *
 * Each claimant puts down an empty file that carries its identity as name, then looks for others. A dead claimant's file
 * can therefore be removed at any time without hitting a live one; of two that come at once, both may step back, never
 * both go on.
 */
export async function claimDataFolder(dataDir: string): Promise<DataFolderClaim> {
  const owner = identifyProcess(process.pid) ?? String(process.pid);
  const owners = join(dataDir, 'owners');
  const own = join(owners, owner);
  await mkdir(owners, { recursive: true });

  for (let attempt = 1; ; attempt++) {
    await writeFile(own, '', { flag: 'wx' }).catch((err: NodeJS.ErrnoException) => {
      throw err.code === 'EEXIST' ? inUse(dataDir, `this process (${process.pid})`) : err;
    });
    const rival = await findLiveClaimant(owners, owner);
    if (rival === null) return { owner, release: () => rmSync(own, { force: true }) };
    await rm(own, { force: true });
    if (attempt === ATTEMPTS) throw inUse(dataDir, `process ${Number.parseInt(rival, 10)}`);
    await sleep(randomInt(PAUSE_MIN_MS, PAUSE_MAX_MS));
  }
}

async function findLiveClaimant(owners: string, self: string): Promise<string | null> {
  for (const claimant of await readdir(owners)) {
    if (claimant === self) continue;
    if (identifyProcess(Number.parseInt(claimant, 10)) === claimant) return claimant;
    await rm(join(owners, claimant), { force: true });
  }
  return null;
}

function inUse(dataDir: string, owner: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${dataDir} already belongs to ${owner}.`,
    'Stop that process first, or set DATA_DIR to another folder for this one.',
  );
}
