import type { Connection, Edge, ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader } from '../../graphql/page-loader';
import { userTag } from '../accounts';
import type { CommentRow } from './comment.entity';
import type { CommentOrder, ThreadPage, ThreadRow } from './comment.repository';
import * as comments from './comment.repository';
import { COMMENT_COUNT_COPIES } from './comment.repository';
import { threadTag } from './comment.tags';

/** A comment that the viewer may see, on a post that the viewer may see, or null. */
export const commentById = defineLoader<string, CommentRow | null>({
  batch: async ({ db, viewer }, ids) =>
    inOrder(ids, await comments.findVisible(db, ids, viewer), (comment) => comment.id),
  // Of one that is not shown it is not known where it stands.
  tags: (_id, comment) => comment && [threadTag(comment.postId), userTag(comment.authorId)],
});

/** How many comments of a post the viewer may see. */
export const commentCountByPostId = defineLoader<string, number>({
  async batch({ db, viewer, cache }, postIds) {
    const postIdOf = (row: { postId: string }) => row.postId;
    if (!cache) {
      const rows = inOrder(postIds, await comments.findCounts(db, viewer, postIds), postIdOf);
      return rows.map((row) => row?.comments ?? 0);
    }
    const [shared, own] = await Promise.all([
      cache.getMany(COMMENT_COUNT_COPIES, postIds, (some) => comments.findThreadCounts(db, some)),
      comments.findOwnCounts(db, viewer, postIds),
    ]);
    const ownCounts = inOrder(postIds, own, postIdOf);
    return postIds.map((_, index) => ownCounts[index]?.comments ?? shared[index]?.comments ?? 0);
  },
  tags: (postId) => [threadTag(postId)],
});

const threadPages = definePageLoader<ThreadRow, ThreadPage>(
  ({ db, viewer }, postIds, page) => comments.pageByPosts(db, viewer, postIds, page),
  ({ parentId }, rows) => [threadTag(parentId), ...rows.map(({ authorId }) => userTag(authorId))],
);

/** The list of a post's comments, and the places in it. */
export class CommentLists {
  constructor(private readonly pages: Pages) {}

  async ofPost(
    context: RequestContext,
    postId: string,
    order: CommentOrder,
    page: ForwardPage,
  ): Promise<Connection<CommentRow>> {
    const request = this.pages.request(listOf(postId, order), page);
    const shape = { limit: request.limit, after: request.after, order };
    const rows = await context.loaders.load(threadPages, { parentId: postId, shape });
    for (const row of rows) context.loaders.prime<string, CommentRow | null>(commentById, row.id, row);
    return this.pages.connection(request, rows, {
      position: (row) => [row.seq],
      node: (row) => row,
      // Only this order continues as a subscription.
      ...(order === 'OLDEST' && { origin: [0] }),
    });
  }

  /** The edge of a comment in its post's list, oldest first. */
  edge(comment: CommentRow): Edge<CommentRow> {
    return this.pages.edge(listOf(comment.postId, 'OLDEST'), [comment.seq], comment);
  }

  /** The seq in a cursor of the post's list, oldest first. @throws BadInput for any other cursor. */
  seqOf(postId: string, cursor: string): number {
    return Number(this.pages.position(listOf(postId, 'OLDEST'), cursor)[0]);
  }
}

function listOf(postId: string, order: CommentOrder): string {
  return `comments:${postId}:${order}`;
}
