import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { StreamPlace } from '../../platform/changelog/change-log';
import { takeSeq } from '../../platform/changelog/sequence';
import type { Stretch } from '../../platform/export/export-source';
import type { Executor, Transaction } from '../../platform/postgres/database';
import type { Extent } from '../../platform/postgres/mapping';
import { empty, identifier, idsAs, isOneOf, type Statement, sql } from '../../platform/postgres/sql';
import { type UserRow, userColumns } from '../accounts';
import { commentIsVisible, countHidden, hidesAnybody, postIsVisible, type MaybeViewer as Whoever } from '../visibility';
import { type CommentCount, THREAD_COPIES, THREAD_END_COPIES } from './comment.copies';
import type { CommentRow } from './comment.entity';
import { COMMENTS, type CommentOrder, DIRECTION } from './comment.table.repository';

const THREAD = {
  table: identifier('comment_threads'),
  key: identifier('post_id'),
  last: identifier('last_seq'),
  count: identifier('comment_count'),
};

/** The first of an advisory lock's two numbers: the ids of comments. */
const COMMENT_ID_LOCK = 1;

/** A page of a post's comments; the position is a seq. */
export interface ThreadPage extends PageShape {
  readonly order: CommentOrder;
}

/** A comment, with the row of its author where that was asked for. */
export interface AuthoredComment {
  readonly node: CommentRow;
  readonly author?: UserRow;
}

export type ThreadRow = AuthoredComment & PageRow;

/** How much is read of comments, and of their authors; null where nobody asks for these. */
export interface ThreadExtents {
  readonly comments: Extent;
  readonly authors: Extent | null;
}

/** A comment as `node`, and the row of its author where that is asked for, each under its alias. */
function authoredColumns(comment: string, author: string, { comments, authors }: ThreadExtents): Statement {
  const node = COMMENTS.columns(comment, 'node', comments);
  return authors ? sql`${node}, ${userColumns(author, 'author', authors)}` : node;
}

export function findVisible(
  executor: Executor,
  ids: readonly string[],
  viewer: MaybeViewer,
  extents: ThreadExtents,
): Promise<AuthoredComment[]> {
  return executor.rows(sql`
    SELECT ${authoredColumns('c', 'w', extents)} FROM comments c JOIN users w ON w.id = c.author_id
      JOIN posts p ON p.id = c.post_id JOIN users a ON a.id = p.author_id
    WHERE ${isOneOf('c.id', ids)} AND ${commentIsVisible('c', 'w', viewer)} AND ${postIsVisible('p', 'a', viewer)}`);
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
  extents: ThreadExtents,
): Promise<ThreadRow[]> {
  const direction = DIRECTION[order];
  const seek = after ? sql`AND c.seq ${direction.beyond} ${after[0]}` : empty;
  return executor.rows(sql`
    SELECT c.* FROM ${idsAs('p', postIds)}
    CROSS JOIN LATERAL (
      SELECT ${authoredColumns('c', 'w', extents)}, p.id AS "parentId" FROM comments c JOIN users w ON w.id = c.author_id
      WHERE c.post_id = p.id AND ${commentIsVisible('c', 'w', viewer)} ${seek}
      ORDER BY c.seq ${direction.order} LIMIT ${limit + 1}
    ) c`);
}

/** Brings along with a post what `findCounts` finds, as `commentCount`. */
export const COMMENT_COUNT_ALONG = {
  columns: (post: string, viewer: MaybeViewer) =>
    sql`${visibleComments(identifier(`${post}.id`), viewer)} AS "commentCount"`,
};

/** The thread's counter without the comments of people who are hidden from the viewer, for the post in a column. */
export function visibleComments(postId: Statement, viewer: Whoever): Statement {
  return sql`(COALESCE((SELECT t.comment_count FROM comment_threads t WHERE t.post_id = ${postId}), 0)
    - ${countHidden(viewer, 'comments', postId)})`;
}

/** The counters of threads, for everybody alike. */
export function findThreadCounts(executor: Executor, postIds: readonly string[]): Promise<CommentCount[]> {
  return executor.rows(sql`
    SELECT post_id AS "postId", comment_count AS comments FROM comment_threads WHERE post_id = ANY(${postIds}::uuid[])`);
}

/** The count if anybody is hidden from the viewer; null for one who is shown that of everybody. */
function ownCount(postId: Statement, viewer: MaybeViewer): Statement {
  return sql`CASE WHEN ${hidesAnybody(viewer)} THEN ${visibleComments(postId, viewer)} END`;
}

/** Brings along with a post what `findOwnCounts` finds, as `ownCommentCount`. */
export const OWN_COMMENT_COUNT_ALONG = {
  columns: (post: string, viewer: MaybeViewer) =>
    sql`${ownCount(identifier(`${post}.id`), viewer)} AS "ownCommentCount"`,
};

/** What of the counts differs by viewer. */
export function findOwnCounts(
  executor: Executor,
  viewer: MaybeViewer,
  postIds: readonly string[],
): Promise<{ postId: string; comments: number | null }[]> {
  return executor.rows(sql`
    SELECT p.id AS "postId", ${ownCount(identifier('p.id'), viewer)} AS comments FROM unnest(${postIds}::uuid[]) AS p(id)`);
}

export function findCounts(
  executor: Executor,
  viewer: MaybeViewer,
  postIds: readonly string[],
): Promise<CommentCount[]> {
  return executor.rows(sql`
    SELECT p.id AS "postId", ${visibleComments(identifier('p.id'), viewer)} AS comments
    FROM unnest(${postIds}::uuid[]) AS p(id)`);
}

/** Posts of each of two people, and comments of the other under them, that are looked at. */
const BETWEEN_POSTS_MAX = 500;
const BETWEEN_COMMENTS_MAX = 500;

/** What two people wrote under each other's newest posts, hidden or not: for telling of blocks, never for showing. */
export async function findBetween(executor: Executor, one: string, other: string): Promise<string[]> {
  // OFFSET 0 keeps the comments a look-up per post: else PostgreSQL may read all that the two ever wrote.
  const rows = await executor.rows<{ id: string }>(sql`
    SELECT c.id FROM unnest(${[one, other]}::uuid[], ${[other, one]}::uuid[]) AS pair(author_id, writer_id)
    CROSS JOIN LATERAL (
      SELECT c.id FROM (
        SELECT id FROM posts WHERE author_id = pair.author_id AND deleted_at IS NULL
        ORDER BY created_at DESC, id DESC LIMIT ${BETWEEN_POSTS_MAX}
      ) p CROSS JOIN LATERAL (
        SELECT id FROM comments
        WHERE post_id = p.id AND author_id = pair.writer_id AND deleted_at IS NULL OFFSET 0
      ) c
      LIMIT ${BETWEEN_COMMENTS_MAX}
    ) c`);
  return rows.map((row) => row.id);
}

/** All that a person wrote and did not delete, wherever that is, in the order of the posts' ids. */
export function pageOwn(executor: Executor, userId: string, { limit, after }: Stretch): Promise<CommentRow[]> {
  const seek = after ? sql`AND (c.post_id, c.id) > (${after[0]}, ${after[1]})` : empty;
  return executor.rows(sql`
    SELECT ${COMMENTS.columns('c')} FROM comments c WHERE c.author_id = ${userId} AND c.deleted_at IS NULL ${seek}
    ORDER BY c.post_id, c.id LIMIT ${limit + 1}`);
}

/** The number of the newest comment of each post that ever had one, deleted and hidden ones included. */
export async function findLastSeqs(executor: Executor, postIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await executor.rows<{ postId: string; lastSeq: number }>(sql`
    SELECT post_id AS "postId", last_seq AS "lastSeq" FROM comment_threads WHERE post_id = ANY(${postIds}::uuid[])`);
  return new Map(rows.map((row) => [row.postId, row.lastSeq]));
}

/** What was written behind each place, deleted and hidden comments included: for following, never for showing. */
export function readThreads(executor: Executor, places: readonly StreamPlace[], limit: number): Promise<CommentRow[]> {
  return executor.rows(sql`
    SELECT c.* FROM unnest(
      ${places.map((each) => each.streamId)}::uuid[], ${places.map((each) => each.after)}::integer[]) AS p(id, after)
    CROSS JOIN LATERAL (
      SELECT ${COMMENTS.columns('c')} FROM comments c
      WHERE c.post_id = p.id AND c.seq > p.after ORDER BY c.seq LIMIT ${limit}
    ) c`);
}

/** May this viewer, or anybody when there is none, see this post? */
export interface SightQuestion {
  readonly viewerId: string | null;
  readonly postId: string;
}

/** Answers many such questions at once, in their order. */
export async function findSight(executor: Executor, questions: readonly SightQuestion[]): Promise<boolean[]> {
  const rows = await executor.rows<{ place: number }>(sql`
    SELECT asked.place
    FROM unnest(${questions.map((each) => each.viewerId)}::uuid[], ${questions.map((each) => each.postId)}::uuid[])
      WITH ORDINALITY AS asked(viewer_id, post_id, place)
    JOIN posts p ON p.id = asked.post_id JOIN users a ON a.id = p.author_id
    WHERE ${postIsVisible('p', 'a', { userId: identifier('asked.viewer_id') })}`);
  const open = new Set(rows.map((row) => row.place));
  return questions.map((_, index) => open.has(index + 1));
}

/** May this viewer, or anybody when there is none, be shown this comment? */
export interface AdmissionQuestion {
  readonly viewerId: string | null;
  readonly commentId: string;
}

export interface Admission {
  readonly postIsOpen: boolean;
  readonly isShown: boolean;
  /** Of the comment now. */
  readonly version: number;
}

/** Answers many such questions at once, in their order. */
export async function findAdmissions(
  executor: Executor,
  questions: readonly AdmissionQuestion[],
): Promise<Admission[]> {
  const viewer = { userId: identifier('asked.viewer_id') };
  const rows = await executor.rows<Admission & { place: number }>(sql`
    SELECT asked.place, COALESCE(${postIsVisible('p', 'a', viewer)}, FALSE) AS "postIsOpen",
      COALESCE(${commentIsVisible('c', 'w', viewer)}, FALSE) AS "isShown", c.version
    FROM unnest(${questions.map((each) => each.viewerId)}::uuid[], ${questions.map((each) => each.commentId)}::uuid[])
      WITH ORDINALITY AS asked(viewer_id, comment_id, place)
    JOIN comments c ON c.id = asked.comment_id JOIN users w ON w.id = c.author_id
    JOIN posts p ON p.id = c.post_id JOIN users a ON a.id = p.author_id`);
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return questions.map((_, index) => byPlace.get(index + 1) ?? { postIsOpen: false, isShown: false, version: 0 });
}

/**
 * Makes sure that an id that an app made is nobody's yet, and stays so until the transaction ends. The primary key
 * cannot, because it begins with the post.
 */
export async function reserveId(tx: Transaction, id: string): Promise<boolean> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(${COMMENT_ID_LOCK}::integer, hashtext(${id}))`);
  return (await tx.row(sql`SELECT 1 FROM comments WHERE id = ${id}`)) === null;
}

/**
 * Writes a comment under the next number of its thread, and counts it: one statement, since writers under one post queue
 * behind the thread's row until the transaction ends.
 */
export function append(tx: Transaction, row: Omit<CommentRow, 'seq'>): void {
  const comment = { ...row, seq: sql`(SELECT seq FROM thread)` };
  tx.send(sql`WITH thread AS (${takeSeq(THREAD, row.postId)}) ${COMMENTS.insert(comment)}`);
  for (const name of THREAD_COPIES) tx.changed(name, row.postId);
}

/** Counts one comment less. */
export async function uncount(tx: Transaction, postId: string): Promise<void> {
  await tx.run(sql`
    UPDATE comment_threads SET comment_count = comment_count - 1 WHERE post_id = ${postId}`);
  for (const name of THREAD_COPIES) tx.changed(name, postId);
}

export async function updateText(tx: Transaction, row: CommentRow, text: string, now: string): Promise<void> {
  await tx.run(sql`
    WITH thread AS (UPDATE comment_threads SET edit_count = edit_count + 1 WHERE post_id = ${row.postId})
    UPDATE comments SET text = ${text}, updated_at = ${now}, version = version + 1
    WHERE post_id = ${row.postId} AND id = ${row.id}`);
  for (const { name } of Object.values(THREAD_END_COPIES)) tx.changed(name, row.postId);
}

/** Leaves a tombstone without the text: its seq and id are never given again. */
export async function markDeleted(tx: Transaction, row: CommentRow, now: string): Promise<void> {
  await tx.run(sql`
    UPDATE comments SET text = '', deleted_at = ${now}, updated_at = ${now}, version = version + 1
    WHERE post_id = ${row.postId} AND id = ${row.id}`);
}
