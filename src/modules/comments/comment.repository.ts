import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import { takeSeq } from '../../platform/changelog/sequence';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, identifier, raw, type Statement, sql } from '../../platform/postgres/sql';
import { commentIsVisible, hiddenPeople, postIsVisible } from '../visibility';
import { CommentEntity, type CommentRow } from './comment.entity';

const COMMENTS = mapTable<CommentRow>(CommentEntity);
const THREAD = { table: identifier('comment_threads'), key: identifier('post_id'), last: identifier('last_seq') };

/** The first of an advisory lock's two numbers: the ids of comments. */
const COMMENT_ID_LOCK = 1;

export type CommentOrder = 'OLDEST' | 'NEWEST';

const DIRECTION: Record<CommentOrder, { readonly order: Statement; readonly beyond: Statement }> = {
  OLDEST: { order: raw('ASC'), beyond: raw('>') },
  NEWEST: { order: raw('DESC'), beyond: raw('<') },
};

/** A page of a post's comments; the position is a seq. */
export interface ThreadPage extends PageShape {
  readonly order: CommentOrder;
}

export type ThreadRow = CommentRow & PageRow;

export interface CommentCount {
  readonly postId: string;
  readonly comments: number;
}

export function findVisible(executor: Executor, ids: readonly string[], viewer: MaybeViewer): Promise<CommentRow[]> {
  return executor.rows(sql`
    SELECT ${COMMENTS.columns('c')} FROM comments c JOIN users w ON w.id = c.author_id
      JOIN posts p ON p.id = c.post_id JOIN users a ON a.id = p.author_id
    WHERE c.id = ANY(${ids}::uuid[]) AND ${commentIsVisible('c', 'w', viewer)} AND ${postIsVisible('p', 'a', viewer)}`);
}

/** The comment if the viewer may see it, with its post's author, locked until the transaction ends. */
export function lockVisible(
  tx: Transaction,
  id: string,
  viewer: Viewer,
): Promise<(CommentRow & { postAuthorId: string }) | null> {
  return tx.row(sql`
    SELECT ${COMMENTS.columns('c')}, p.author_id AS "postAuthorId"
    FROM comments c JOIN users w ON w.id = c.author_id
      JOIN posts p ON p.id = c.post_id JOIN users a ON a.id = p.author_id
    WHERE c.id = ${id} AND ${commentIsVisible('c', 'w', viewer)} AND ${postIsVisible('p', 'a', viewer)}
    FOR NO KEY UPDATE OF c`);
}

/** The same page of the comments of many posts that the viewer has been found to see: one index range per post. */
export function pageByPosts(
  executor: Executor,
  viewer: MaybeViewer,
  postIds: readonly string[],
  { limit, after, order }: ThreadPage,
): Promise<ThreadRow[]> {
  const direction = DIRECTION[order];
  const seek = after ? sql`AND c.seq ${direction.beyond} ${after[0]}` : empty;
  return executor.rows(sql`
    SELECT c.* FROM unnest(${postIds}::uuid[]) AS p(id)
    CROSS JOIN LATERAL (
      SELECT ${COMMENTS.columns('c')}, p.id AS "parentId" FROM comments c JOIN users w ON w.id = c.author_id
      WHERE c.post_id = p.id AND ${commentIsVisible('c', 'w', viewer)} ${seek}
      ORDER BY c.seq ${direction.order} LIMIT ${limit + 1}
    ) c`);
}

/** The thread's counters without the comments of people whom a block hides from the viewer. */
export function findCounts(
  executor: Executor,
  viewer: MaybeViewer,
  postIds: readonly string[],
): Promise<CommentCount[]> {
  const people = hiddenPeople(viewer);
  // One look-up per hidden person: as a condition on the comments, PostgreSQL may read all of a long thread.
  const hidden = people
    ? sql`(SELECT COALESCE(sum(found.n), 0)::bigint FROM ${people} AS hidden (id) CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM comments c
        WHERE c.post_id = t.post_id AND c.author_id = hidden.id AND c.deleted_at IS NULL) found)`
    : sql`0`;
  return executor.rows(sql`
    SELECT t.post_id AS "postId", t.comment_count - ${hidden} AS comments
    FROM comment_threads t WHERE t.post_id = ANY(${postIds}::uuid[])`);
}

/** The number of the newest comment, deleted and hidden ones included; 0 when there never was one. */
export async function findLastSeq(executor: Executor, postId: string): Promise<number> {
  const row = await executor.row<{ lastSeq: number }>(sql`
    SELECT last_seq AS "lastSeq" FROM comment_threads WHERE post_id = ${postId}`);
  return row?.lastSeq ?? 0;
}

/**
 * Makes sure that an id that an app made is nobody's yet, and stays so until the transaction ends. The primary key
 * cannot, because it begins with the post.
 */
export async function reserveId(tx: Transaction, id: string): Promise<boolean> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(${COMMENT_ID_LOCK}::integer, hashtext(${id}))`);
  return (await tx.row(sql`SELECT 1 FROM comments WHERE id = ${id}`)) === null;
}

export function nextSeq(tx: Transaction, postId: string): Promise<number> {
  return takeSeq(tx, THREAD, postId);
}

export async function insert(tx: Transaction, row: CommentRow): Promise<void> {
  await tx.run(COMMENTS.insert(row));
}

export async function count(tx: Transaction, postId: string, by: 1 | -1): Promise<void> {
  await tx.run(sql`
    UPDATE comment_threads SET comment_count = comment_count + ${by}::integer WHERE post_id = ${postId}`);
}

export async function updateText(tx: Transaction, row: CommentRow, text: string, now: string): Promise<void> {
  await tx.run(sql`
    UPDATE comments SET text = ${text}, updated_at = ${now}, version = version + 1
    WHERE post_id = ${row.postId} AND id = ${row.id}`);
}

/** Leaves a tombstone without the text: its seq and id are never given again. */
export async function markDeleted(tx: Transaction, row: CommentRow, now: string): Promise<void> {
  await tx.run(sql`
    UPDATE comments SET text = '', deleted_at = ${now}, updated_at = ${now}, version = version + 1
    WHERE post_id = ${row.postId} AND id = ${row.id}`);
}
