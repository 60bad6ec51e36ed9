import { type ForwardPage, type Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader, type PageRow, type PageShape } from '../../graphql/page-loader';
import { isSelf } from '../../kernel/viewer';
import { CLOSED, type UserRow, userTag } from '../accounts';
import { followedById, standingByUserId } from '../relationships';
import type { PostRow } from './post.entity';
import { countVisible } from './post.policy';
import type { PostCounts } from './post.repository';
import * as posts from './post.repository';
import { POST_COPIES, POST_COUNTS_COPIES } from './post.repository';
import { authorPostsTag, postTag } from './post.tags';

/** A post that the viewer may see, or null. */
export const postById = defineLoader<string, PostRow | null>({
  async batch({ db, viewer, cache }, ids) {
    const visible = (some: readonly string[]) => posts.findVisible(db, some, viewer);
    const read = (some: readonly string[]) => posts.findAny(db, some);
    const rows = cache
      ? await cache.getVersions(POST_COPIES, await posts.findVisibleVersions(db, ids, viewer), read, visible)
      : await visible(ids);
    return inOrder(ids, rows, (post) => post.id);
  },
  tags: (id, post) => [postTag(id), post ? userTag(post.authorId) : CLOSED],
});

const countsByAuthorId = defineLoader<string, PostCounts | null>({
  async batch({ db, cache }, ids) {
    const read = (some: readonly string[]) => posts.findCounts(db, some);
    return cache ? cache.getMany(POST_COUNTS_COPIES, ids, read) : inOrder(ids, await read(ids), (row) => row.authorId);
  },
  tags: (authorId) => [authorPostsTag(authorId)],
});

const pagesByAuthor = definePageLoader<PostRow & PageRow, PageShape>(
  ({ db, viewer }, authorIds, shape) => posts.pageByAuthors(db, viewer, authorIds, shape),
  ({ parentId }, rows) => [authorPostsTag(parentId), userTag(parentId), ...rows.map(({ id }) => postTag(id))],
);

/** How many of a person's posts the viewer may see. */
export async function countPosts({ loaders, viewer }: RequestContext, author: UserRow): Promise<number> {
  const [counts, follows, standing] = await Promise.all([
    loaders.load(countsByAuthorId, author.id),
    loaders.load(followedById, author.id),
    loaders.load(standingByUserId, author.id),
  ]);
  return countVisible(counts, {
    isAuthor: isSelf(viewer, author.id),
    follows,
    isPrivate: author.private,
    blocking: standing?.blocking ?? false,
  });
}

/** The lists of posts. Each row read is put where `postById` finds it. */
export class PostLists {
  constructor(private readonly pages: Pages) {}

  async byAuthor(context: RequestContext, authorId: string, page: ForwardPage) {
    const request = this.pages.request(listByAuthor(authorId), page);
    const shape = { limit: request.limit, after: request.after };
    const rows = await context.loaders.load(pagesByAuthor, { parentId: authorId, shape });
    for (const row of rows) context.loaders.prime<string, PostRow | null>(postById, row.id, row);
    return this.pages.connection(request, rows, { position: positionOf, node: (row) => row });
  }

  /** The edge of a post in its author's list. */
  edge(post: PostRow) {
    return this.pages.edge(listByAuthor(post.authorId), positionOf(post), post);
  }
}

function listByAuthor(authorId: string): string {
  return `posts:${authorId}`;
}

function positionOf(post: PostRow) {
  return [post.createdAt, post.id] as const;
}
