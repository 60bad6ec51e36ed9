import type { Transaction } from '../../platform/postgres/database';
import { sql } from '../../platform/postgres/sql';
import { THREAD_COPIES } from './comment.copies';

export interface ErasedComment {
  readonly id: string;
  readonly postId: string;
  readonly version: number;
  /** Null when their account is deleted as well. */
  readonly postAuthorId: string | null;
}

/**
 * Leaves tombstones of the next comments of somebody, and counts them no more. Locks as whoever deletes one of them
 * does: the comment, then its thread; threads in one order.
 */
export async function eraseNext(
  tx: Transaction,
  authorId: string,
  limit: number,
  now: string,
): Promise<ErasedComment[]> {
  const erased = await tx.rows<ErasedComment>(sql`
    UPDATE comments c SET text = '', deleted_at = ${now}, updated_at = ${now}, version = c.version + 1
    FROM (
      SELECT post_id, id FROM comments WHERE author_id = ${authorId} AND deleted_at IS NULL
      LIMIT ${limit} FOR NO KEY UPDATE
    ) next JOIN posts p ON p.id = next.post_id LEFT JOIN users a ON a.id = p.author_id AND a.deleted_at IS NULL
    WHERE c.post_id = next.post_id AND c.id = next.id
    RETURNING c.id, c.post_id AS "postId", c.version, a.id AS "postAuthorId"`);
  const postIds = erased.map(({ postId }) => postId);
  await tx.run(sql`
    SELECT FROM comment_threads WHERE post_id = ANY(${postIds}::uuid[]) ORDER BY post_id FOR NO KEY UPDATE`);
  await tx.run(sql`
    UPDATE comment_threads t SET comment_count = t.comment_count - fewer.n
    FROM (SELECT post_id, count(*)::integer AS n FROM unnest(${postIds}::uuid[]) AS e(post_id) GROUP BY post_id) fewer
    WHERE t.post_id = fewer.post_id`);
  for (const postId of postIds) for (const name of THREAD_COPIES) tx.changed(name, postId);
  return erased;
}
