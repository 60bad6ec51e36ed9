import type { Erased } from '../../platform/changelog/erased';
import type { Transaction } from '../../platform/postgres/database';
import { engagementTopic } from '../posts';
import * as likes from './like.repository';

/** Takes back the next likes of somebody whose account is deleted. */
export async function eraseNextLikes(tx: Transaction, userId: string, limit: number): Promise<Erased | null> {
  const postIds = await likes.eraseNext(tx, userId, limit);
  return postIds.length === 0 ? null : { changes: [], topics: postIds.map(engagementTopic) };
}
