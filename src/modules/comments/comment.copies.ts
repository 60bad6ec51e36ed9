import { defineEntity, type Entity } from '../../platform/cache/entity';
import type { CommentRow } from './comment.entity';
import { COMMENTS, type CommentOrder } from './comment.table.repository';

export interface CommentCount {
  readonly postId: string;
  readonly comments: number;
}

/** Copies of a thread's counter, with the comments that a block hides from somebody. */
export const COMMENT_COUNT_COPIES = defineEntity<CommentCount>('comment-count', 'postId', ['postId', 'comments']);

/** The first page of a thread in one order, for whoever is shown what everybody wrote. */
export interface ThreadEnd {
  readonly id: string;
  /** Of the thread. */
  readonly version: number;
  readonly comments: readonly CommentRow[];
}

/** How many comments there are in a `ThreadEnd`, unless the thread has fewer. */
export const THREAD_END_ROWS = 6;

const COMMENT_COPIES = defineEntity<CommentRow>('comment', 'id', COMMENTS.properties);

function threadEnds(name: string) {
  return defineEntity<ThreadEnd>(name, 'id', ['id', 'version', 'comments'], { comments: COMMENT_COPIES });
}

/** Copies of both ends of threads. */
export const THREAD_END_COPIES: Record<CommentOrder, Entity<ThreadEnd>> = {
  OLDEST: threadEnds('oldest-comments'),
  NEWEST: threadEnds('newest-comments'),
};

/** All copies that a change of a thread makes old. */
export const THREAD_COPIES = [COMMENT_COUNT_COPIES, ...Object.values(THREAD_END_COPIES)].map(({ name }) => name);
