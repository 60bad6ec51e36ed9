import type { Erased } from '../../platform/changelog/erased';
import type { Transaction } from '../../platform/postgres/database';
import { engagementTopic } from '../posts';
import * as comments from './comment.erasure.repository';
import { COMMENT_PREFIX } from './comment.service';

/** Deletes the next comments of somebody whose account is deleted; those whose posts they are under learn of it. */
export async function eraseNextComments(
  tx: Transaction,
  authorId: string,
  limit: number,
  now: string,
): Promise<Erased | null> {
  const erased = await comments.eraseNext(tx, authorId, limit, now);
  if (erased.length === 0) return null;
  const changes = erased.flatMap(({ id: nodeId, version, postAuthorId: viewerId }) => {
    return viewerId === null ? [] : { viewerId, scope: 'FEED', kind: COMMENT_PREFIX, nodeId, version, deleted: true };
  });
  return { changes, topics: [...new Set(erased.map(({ postId }) => engagementTopic(postId)))] };
}
