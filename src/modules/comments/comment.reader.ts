import type { Connection, Edge, ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import type { CommentRow } from './comment.entity';
import type { CommentCount, CommentOrder, ThreadPage } from './comment.repository';
import * as comments from './comment.repository';

/** A comment that the viewer may see, on a post that the viewer may see, or null. */
export const commentById = defineLoader<string, CommentRow | null>({
  batch: async ({ db, viewer }, ids) =>
    inOrder(ids, await comments.findVisible(db, ids, viewer), (comment) => comment.id),
});

/** How many comments of a post the viewer may see. */
export const commentCountByPostId = defineLoader<string, number>({
  batch: async ({ db, viewer }, postIds) => {
    const rows = inOrder(postIds, await comments.findCounts(db, viewer, postIds), (row: CommentCount) => row.postId);
    return rows.map((row) => row?.comments ?? 0);
  },
});

interface ThreadKey extends ThreadPage {
  readonly postId: string;
}

/** One page of one post's comments, `limit + 1` rows at most. Pages of the same shape come in one statement. */
const threadPage = defineLoader<ThreadKey, readonly CommentRow[]>({
  cacheKey: (key) => `${key.postId}:${shapeOf(key)}`,
  batch: async ({ db, viewer }, keys) => {
    const byShape = new Map<string, ThreadKey[]>();
    for (const key of keys) byShape.set(shapeOf(key), [...(byShape.get(shapeOf(key)) ?? []), key]);
    const rowsByKey = new Map<ThreadKey, CommentRow[]>(keys.map((key) => [key, []]));
    await Promise.all(
      [...byShape.values()].map(async (alike) => {
        const keyByPost = new Map(alike.map((key) => [key.postId, key]));
        const rows = await comments.pageByPosts(db, viewer, [...keyByPost.keys()], alike[0] as ThreadKey);
        for (const row of rows) rowsByKey.get(keyByPost.get(row.postId) as ThreadKey)?.push(row);
      }),
    );
    return keys.map((key) => rowsByKey.get(key) ?? []);
  },
});

function shapeOf({ order, limit, afterSeq }: ThreadPage): string {
  return `${order}:${limit}:${afterSeq}`;
}

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
    const afterSeq = request.after === null ? null : Number(request.after[0]);
    const rows = await context.loaders.load(threadPage, { postId, order, limit: request.limit, afterSeq });
    for (const row of rows) context.loaders.prime<string, CommentRow | null>(commentById, row.id, row);
    return this.pages.connection(request, rows, { position: (row) => [row.seq], node: (row) => row });
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
