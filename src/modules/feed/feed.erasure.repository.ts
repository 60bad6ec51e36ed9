import type { Transaction } from '../../platform/postgres/database';
import { sql } from '../../platform/postgres/sql';

/** A post that stood in a feed. */
export interface Stood {
  readonly viewerId: string;
  readonly postId: string;
}

/** Of one author in one feed; as many as a block tells of. */
const TOLD_MAX = 500;
/** Of an author whose posts are read at page time. */
const PULLED_POSTS_MAX = 100;

/** Takes the posts of an author out of these feeds; answers the newest of those that stood there, or were read there. */
export function takeOut(tx: Transaction, authorId: string, viewerIds: readonly string[]): Promise<Stood[]> {
  return tx.rows(sql`
    WITH written AS (
      DELETE FROM feed_entries WHERE viewer_id = ANY(${viewerIds}::uuid[]) AND author_id = ${authorId}
      RETURNING viewer_id, post_id
    ), pulled AS (
      SELECT id FROM posts WHERE author_id = ${authorId} AND deleted_at IS NULL AND audience <> 'PRIVATE'
        AND EXISTS (SELECT FROM feed_pull_authors big WHERE big.author_id = ${authorId})
      ORDER BY created_at DESC, id DESC LIMIT ${PULLED_POSTS_MAX}
    ), stood AS (
      SELECT viewer_id, post_id FROM written
      UNION SELECT viewer_id, id FROM unnest(${viewerIds}::uuid[]) AS v(viewer_id), pulled
    )
    SELECT viewer_id AS "viewerId", post_id AS "postId" FROM (
      SELECT *, row_number() OVER (PARTITION BY viewer_id ORDER BY post_id DESC) AS place FROM stood
    ) newest WHERE place <= ${TOLD_MAX}`);
}

/** Removes the next entries of somebody's own feed; false when there are none left. */
export async function emptyNext(tx: Transaction, viewerId: string, limit: number): Promise<boolean> {
  const removed = await tx.run(sql`
    DELETE FROM feed_entries WHERE viewer_id = ${viewerId} AND post_id IN (
      SELECT post_id FROM feed_entries WHERE viewer_id = ${viewerId} LIMIT ${limit})`);
  return removed > 0;
}

/** Their posts are read at page time no more, since there are none. */
export async function unmarkPullAuthor(tx: Transaction, authorId: string): Promise<void> {
  await tx.run(sql`DELETE FROM feed_pull_authors WHERE author_id = ${authorId}`);
}
