import type { Change } from '../../platform/changelog/change-log';
import type { Transaction } from '../../platform/postgres/database';
import { USER_PREFIX } from '../accounts';
import * as departures from './departure.repository';

export { dropCounters as dropRelationshipCounters } from './departure.repository';

/** The next people from whom somebody who has left was parted. */
export interface Parted {
  /** Those of them who followed, with consent. */
  readonly followerIds: readonly string[];
  /** What they learn who keep a copy of that person. */
  readonly changes: readonly Change[];
}

/**
 * Ends follows, requests, blocks and mutes between somebody whose account is deleted and the next others; null when
 * there are none left. Whoever was only blocked or muted is told nothing, as all along.
 */
export async function partFromNext(tx: Transaction, userId: string, limit: number): Promise<Parted | null> {
  const others = await departures.findAcquaintances(tx, userId, limit);
  if (others.length === 0) return null;
  const otherIds = others.map(({ id }) => id);
  await departures.lockCounters(tx, [userId, ...otherIds]);
  const followerIds = await departures.part(tx, userId, otherIds);
  const told = others.filter(({ knows }) => knows);
  const changes = told.map(({ id: viewerId }) => {
    return { viewerId, scope: 'SOCIAL_GRAPH', kind: USER_PREFIX, nodeId: userId, deleted: true };
  });
  return { followerIds, changes };
}
