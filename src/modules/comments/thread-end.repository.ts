import type { MaybeViewer } from '../../kernel/viewer';
import type { Executor } from '../../platform/postgres/database';
import type { Nullable } from '../../platform/postgres/mapping';
import { identifier, type Statement, sql } from '../../platform/postgres/sql';
import { commentIsVisible, hiddenFrom } from '../visibility';
import { THREAD_END_ROWS, type ThreadEnd } from './comment.copies';
import type { CommentRow } from './comment.entity';
import { COMMENTS, type CommentOrder, DIRECTION } from './comment.table.repository';

/** By which it is known whether copies are right for a viewer. */
export interface ThreadState {
  /** 0 where nobody ever wrote. */
  readonly version: number;
  /** Whose comments the viewer is not shown; null for nobody. */
  readonly hidden: readonly string[] | null;
}

/**
 * Grows by one with every change of a thread: with a new comment, the last number given and the comments counted by one
 * each; with a deleted one, of which the number is never given again, the latter is one less.
 */
function versionOf(thread: string): Statement {
  const t = (column: string) => identifier(`${thread}.${column}`);
  return sql`2 * ${t('last_seq')} - ${t('comment_count')} + ${t('edit_count')}`;
}

/** Brings along with a post what `findThreadStates` finds, as `thread`. */
export const THREAD_STATE_ALONG = {
  columns(post: string, viewer: MaybeViewer): Statement {
    const postId = identifier(`${post}.id`);
    const version = sql`(SELECT ${versionOf('t')} FROM comment_threads t WHERE t.post_id = ${postId})`;
    return sql`COALESCE(${version}, 0) AS "thread.version", ${hiddenFrom(viewer)} AS "thread.hidden"`;
  },
};

export function findThreadStates(
  executor: Executor,
  viewer: MaybeViewer,
  postIds: readonly string[],
): Promise<{ readonly postId: string; readonly thread: ThreadState }[]> {
  return executor.rows(sql`
    SELECT p.id AS "postId", ${THREAD_STATE_ALONG.columns('p', viewer)} FROM unnest(${postIds}::uuid[]) AS p(id)`);
}

/** The ends of those of the threads that are there. */
export async function findThreadEnds(
  executor: Executor,
  order: CommentOrder,
  postIds: readonly string[],
): Promise<ThreadEnd[]> {
  const rows = await executor.rows<{ id: string; version: number; node: Nullable<CommentRow> }>(sql`
    SELECT t.post_id AS id, ${versionOf('t')} AS version, c.* FROM comment_threads t
    LEFT JOIN LATERAL (
      SELECT ${COMMENTS.columns('c', 'node')} FROM comments c JOIN users w ON w.id = c.author_id
      WHERE c.post_id = t.post_id AND ${commentIsVisible('c', 'w', null)}
      ORDER BY c.seq ${DIRECTION[order].order} LIMIT ${THREAD_END_ROWS}
    ) c ON TRUE
    WHERE t.post_id = ANY(${postIds}::uuid[])`);
  const ends = new Map<string, ThreadEnd & { readonly comments: CommentRow[] }>();
  for (const { id, version, node } of rows) {
    const end = ends.get(id) ?? { id, version, comments: [] };
    ends.set(id, end);
    if (node.id !== null) end.comments.push(node as CommentRow);
  }
  return [...ends.values()];
}
