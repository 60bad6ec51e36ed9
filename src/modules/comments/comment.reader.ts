import type { Accompanied, Companion } from '../../graphql/companions';
import type { Connection, Edge, ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import {
  defineLoader,
  type Found,
  inOrder,
  type LoaderContext,
  type LoaderScope,
  nodesInOrder,
  whenFound,
} from '../../graphql/loader-scope';
import { definePageLoader } from '../../graphql/page-loader';
import type { EntityCopies, Stamp } from '../../platform/cache/entity-copies';
import { authorById, type UserRow, userExtent, userTag } from '../accounts';
import type { PostRow } from '../posts';
import { COMMENT_COUNT_COPIES, THREAD_END_COPIES, THREAD_END_ROWS, type ThreadEnd } from './comment.copies';
import type { CommentRow } from './comment.entity';
import { commentExtent } from './comment.extent';
import type { AuthoredComment, ThreadExtents, ThreadPage, ThreadRow } from './comment.repository';
import * as comments from './comment.repository';
import type { CommentOrder } from './comment.table.repository';
import { threadTag } from './comment.tags';
import type { ThreadState } from './thread-end.repository';
import * as threadEnds from './thread-end.repository';

/** A comment that the viewer may see, on a post that the viewer may see, or null. */
export const commentById = defineLoader<string, CommentRow | null>({
  async batch(context, ids) {
    const { db, viewer, loaders } = context;
    return nodesInOrder(ids, primeAuthors(loaders, await comments.findVisible(db, ids, viewer, extentsOf(context))));
  },
  // Of one that is not shown it is not known where it stands.
  tags: (_id, comment) => comment && [threadTag(comment.postId), userTag(comment.authorId)],
});

const postIdOf = (row: { readonly postId: string }) => row.postId;

/** The count for a viewer from whom anybody is hidden; null for one who is shown that of everybody. */
const ownCommentCountByPostId = defineLoader<string, number | null>({
  async batch({ db, viewer }, postIds) {
    const rows = inOrder(postIds, await comments.findOwnCounts(db, viewer, postIds), postIdOf);
    return rows.map((row) => row?.comments ?? null);
  },
});

/** How many comments of a post the viewer may see. */
export const commentCountByPostId = defineLoader<string, number>({
  async batch({ db, viewer, cache, loaders }, postIds) {
    if (!cache) {
      const rows = inOrder(postIds, await comments.findCounts(db, viewer, postIds), postIdOf);
      return rows.map((row) => row?.comments ?? 0);
    }
    const [shared, own] = await Promise.all([
      cache.getMany(COMMENT_COUNT_COPIES, postIds, (some) => comments.findThreadCounts(db, some)),
      Promise.all(postIds.map((postId) => loaders.load(ownCommentCountByPostId, postId))),
    ]);
    return postIds.map((_, index) => own[index] ?? shared[index]?.comments ?? 0);
  },
  atHand({ cache, loaders }, postId) {
    const own = cache ? loaders.known(ownCommentCountByPostId, postId) : undefined;
    if (own !== null) return own;
    const shared = cache?.peek(COMMENT_COUNT_COPIES, postId);
    return shared === null ? 0 : shared?.comments;
  },
  tags: (postId) => [threadTag(postId)],
});

const ownCommentCountOfPost: Companion<Accompanied<PostRow> & { readonly ownCommentCount: number | null }> = {
  serves: ['Post.commentCount'],
  ...comments.OWN_COMMENT_COUNT_ALONG,
  prime: (loaders, { node, ownCommentCount }) => loaders.prime(ownCommentCountByPostId, node.id, ownCommentCount),
};

/** For `commentCountByPostId`. */
export const commentCountOfPost: Companion<Accompanied<PostRow> & { readonly commentCount: number }> = {
  serves: ['Post.commentCount'],
  ...comments.COMMENT_COUNT_ALONG,
  prime: (loaders, { node, commentCount }) => loaders.prime(commentCountByPostId, node.id, commentCount),
  besideCopies: ownCommentCountOfPost,
};

const threadStateByPostId = defineLoader<string, ThreadState>({
  async batch({ db, viewer }, postIds) {
    const rows = inOrder(postIds, await threadEnds.findThreadStates(db, viewer, postIds), postIdOf);
    return rows.map((row) => row?.thread ?? { version: 0, hidden: null });
  },
});

/** For the copies of a post's comments. */
export const threadStateOfPost: Companion<Accompanied<Stamp> & { readonly thread: ThreadState }> = {
  serves: ['Post.comments'],
  ...threadEnds.THREAD_STATE_ALONG,
  prime: (loaders, { node, thread }) => loaders.prime(threadStateByPostId, node.id, thread),
  onlyBesideCopies: true,
};

const threadPages = definePageLoader<ThreadRow, ThreadPage>(
  (context, postIds, page) =>
    context.cache && isAtEnd(page)
      ? takeEnds(context, context.cache, postIds, page)
      : readThreads(context, postIds, page),
  ({ parentId }, rows) => [threadTag(parentId), ...rows.map(({ node }) => userTag(node.authorId))],
  ({ cache, loaders }, postId, page) => {
    const state = cache && isAtEnd(page) ? loaders.known(threadStateByPostId, postId) : undefined;
    if (!state) return undefined;
    if (state.version === 0) return [];
    const end = cache?.peek(THREAD_END_COPIES[page.order], postId);
    return end?.version === state.version ? pageOfEnd(end, state, page) : undefined;
  },
);

async function readThreads(context: LoaderContext, postIds: readonly string[], page: ThreadPage) {
  const { db, viewer, loaders } = context;
  return primeAuthors(loaders, await comments.pageByPosts(db, viewer, postIds, page, extentsOf(context)));
}

function isAtEnd({ after, limit }: ThreadPage): boolean {
  return after === null && limit < THREAD_END_ROWS;
}

/** The pages that the ends of threads hold; those that look otherwise for the viewer, or by now, are read. */
async function takeEnds(
  context: LoaderContext,
  cache: EntityCopies,
  postIds: readonly string[],
  page: ThreadPage,
): Promise<ThreadRow[]> {
  const { db, loaders } = context;
  const states = await Promise.all(postIds.map((postId) => loaders.load(threadStateByPostId, postId)));
  const stateOf = new Map(postIds.map((postId, index) => [postId, states[index] as ThreadState]));
  const stamps = [...stateOf].flatMap(([id, { version }]) => (version === 0 ? [] : { id, version }));
  const read = (some: readonly string[]) => threadEnds.findThreadEnds(db, page.order, some);
  const ends = await cache.getVersions(THREAD_END_COPIES[page.order], stamps, read, async () => []);
  const unread = new Set(stamps.map(({ id }) => id));
  const rows: ThreadRow[] = [];
  for (const end of ends) {
    const shown = pageOfEnd(end, stateOf.get(end.id) as ThreadState, page);
    if (!shown) continue;
    rows.push(...shown);
    unread.delete(end.id);
  }
  if (unread.size > 0) rows.push(...(await readThreads(context, [...unread], page)));
  return rows;
}

/** Undefined where somebody wrote on it who is hidden from the viewer: others come in their place. */
function pageOfEnd(end: ThreadEnd, { hidden }: ThreadState, { limit }: ThreadPage): ThreadRow[] | undefined {
  const page = end.comments.slice(0, limit + 1);
  if (hidden && page.some(({ authorId }) => hidden.includes(authorId))) return undefined;
  return page.map((node) => ({ node, parentId: end.id }));
}

function extentsOf(context: LoaderContext): ThreadExtents {
  const authors = !context.cache && context.asks('Comment.author') ? userExtent.of(context) : null;
  return { comments: commentExtent.of(context), authors };
}

function primeAuthors<Row extends AuthoredComment>(loaders: LoaderScope, rows: readonly Row[]): readonly Row[] {
  for (const { node, author } of rows) {
    // By the very string that the field asks by: it is looked up without a look at its characters.
    if (author) loaders.prime<string, UserRow | null>(authorById, node.authorId, author);
  }
  return rows;
}

/** The list of a post's comments, and the places in it. */
export class CommentLists {
  constructor(private readonly pages: Pages) {}

  ofPost(
    context: RequestContext,
    postId: string,
    order: CommentOrder,
    page: ForwardPage,
  ): Found<Connection<CommentRow>> {
    const request = this.pages.request(listOf(postId, order), page);
    const shape = { limit: request.limit, after: request.after, order };
    return whenFound(context.loaders.find(threadPages, { parentId: postId, shape }), (rows) => {
      for (const { node } of rows) context.loaders.prime<string, CommentRow | null>(commentById, node.id, node);
      return this.pages.connection(request, rows, {
        position: ({ node }) => [node.seq],
        node: ({ node }) => node,
        // Only this order continues as a subscription.
        ...(order === 'OLDEST' && { origin: [0] }),
      });
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
