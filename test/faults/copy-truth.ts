import type { Api } from './api';
import { type CopyClient, SYNC, SYNC_PAGE } from './copy-client';
import { COPIED, loadCopy } from './copy-shape';
import { type Copy, copyOf } from './history';

/** What the copies of a person have to hold, and the log that they were kept by. */
export interface CopyTruth {
  readonly reader: string;
  readonly copy: Copy;
  /** The cursors of all changes in order, from where the first of the person's clients began. */
  readonly log: readonly string[];
}

/** Reads by a fresh client of each person what the clients had to make of changes. */
export async function readCopies(clients: readonly CopyClient[], api: Api): Promise<CopyTruth[]> {
  const truths: CopyTruth[] = [];
  for (const [, client] of new Map(clients.map((each) => [each.reader.id, each]))) {
    const copy = copyOf(await loadCopy(api, client.reader));
    truths.push({ reader: client.reader.id, copy, log: await readLog(client, api) });
  }
  return truths;
}

async function readLog({ reader, first }: CopyClient, api: Api): Promise<string[]> {
  const log: string[] = [];
  for (let after = first, more = true; more; ) {
    const { sync } = (await api.insist(reader, SYNC, { after, first: SYNC_PAGE, scopes: COPIED })).viewer;
    log.push(...sync.changes.map(({ cursor }: { cursor: string }) => cursor));
    after = sync.cursor;
    more = sync.hasMore && !sync.resetRequired;
  }
  return log;
}
