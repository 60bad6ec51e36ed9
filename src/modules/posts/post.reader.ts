import { type Accompanied, type Companion, Companions } from '../../graphql/companions';
import type { Connection, ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import {
  defineLoader,
  type Found,
  inOrder,
  type LoaderContext,
  nodesInOrder,
  nodesOf,
  whenAllFound,
  whenFound,
} from '../../graphql/loader-scope';
import { definePageLoader, type PageRow, type PageShape } from '../../graphql/page-loader';
import { isSelf } from '../../kernel/viewer';
import type { EntityCopies, Stamp } from '../../platform/cache/entity-copies';
import type { Nullable } from '../../platform/postgres/mapping';
import { authorById, CLOSED, type UserRow, userTag } from '../accounts';
import { standingByUserId } from '../relationships';
import type { PostRow } from './post.entity';
import { postExtent } from './post.extent';
import { countVisible } from './post.policy';
import type { PostCounts } from './post.repository';
import * as posts from './post.repository';
import { POST_COPIES, POST_COUNTS_COPIES } from './post.repository';
import { authorPostsTag, postTag } from './post.tags';

/** What comes along with posts. */
export const postCompanions = new Companions<PostRow>(postExtent);

/** The author's row, for `authorById`. */
export const authorOfPost: Companion<Accompanied<PostRow> & { readonly author: UserRow }> = {
  serves: ['Post.author'],
  ...posts.AUTHOR_ALONG,
  // By the very string that the field asks by: it is looked up without a look at its characters.
  prime: (loaders, { node, author }) => loaders.prime<string, UserRow | null>(authorById, node.authorId, author),
  besideCopies: null,
};

/** A post that the viewer may see, or null. */
export const postById = defineLoader<string, PostRow | null>({
  async batch(context, ids) {
    const { db, viewer, cache } = context;
    if (!cache) {
      const rows = await postCompanions.read(context, (along) => posts.findVisible(db, ids, viewer, along));
      return nodesInOrder(ids, rows);
    }
    const stamps = await postCompanions.read(context, (along) => posts.findVisibleVersions(db, ids, viewer, along));
    return inOrder(ids, await takeCopies(context, cache, nodesOf(stamps)), (post) => post.id);
  },
  tags: (id, post) => [postTag(id), post ? userTag(post.authorId) : CLOSED],
});

/** The posts that a statement has just found visible, in the versions that it found; those deleted since are left out. */
export function takeCopies(
  { db, viewer }: LoaderContext,
  cache: EntityCopies,
  stamps: readonly Stamp[],
): Promise<readonly PostRow[]> {
  const visible = async (some: readonly string[]) => nodesOf(await posts.findVisible(db, some, viewer));
  return cache.getVersions(POST_COPIES, stamps, (some) => posts.findAny(db, some), visible);
}

const countsByAuthorId = defineLoader<string, PostCounts | null>({
  async batch({ db, cache }, ids) {
    const read = (some: readonly string[]) => posts.findCounts(db, some);
    return cache ? cache.getMany(POST_COUNTS_COPIES, ids, read) : inOrder(ids, await read(ids), (row) => row.authorId);
  },
  atHand: ({ cache }, authorId) => cache?.peek(POST_COUNTS_COPIES, authorId),
  tags: (authorId) => [authorPostsTag(authorId)],
});

/** How many posts of each audience a person has, for `countPosts`. */
export const postCountsOfUser: Companion<Accompanied<UserRow> & { readonly postCounts: Nullable<PostCounts> }> = {
  serves: ['UserCounts.posts'],
  ...posts.POST_COUNTS_ALONG,
  prime(loaders, { node, postCounts }) {
    const counts = postCounts.authorId === null ? null : (postCounts as PostCounts);
    loaders.prime(countsByAuthorId, node.id, counts);
  },
  besideCopies: null,
};

const pagesByAuthor = definePageLoader<Accompanied<PostRow> & PageRow, PageShape>(
  (context, authorIds, shape) =>
    postCompanions.read(
      context,
      (along) => posts.pageByAuthors(context.db, context.viewer, authorIds, shape, along),
      authorOfPost,
    ),
  ({ parentId }, rows) => [authorPostsTag(parentId), userTag(parentId), ...rows.map(({ node }) => postTag(node.id))],
);

/** How many of a person's posts the viewer may see. */
export function countPosts({ loaders, viewer }: RequestContext, author: UserRow): Found<number> {
  const found = [loaders.find(countsByAuthorId, author.id), loaders.find(standingByUserId, author.id)] as const;
  return whenAllFound(found, ([counts, standing]) =>
    countVisible(counts, {
      isAuthor: isSelf(viewer, author.id),
      follows: standing?.following ?? false,
      isPrivate: author.private,
      blocking: standing?.blocking ?? false,
    }),
  );
}

/** The lists of posts. Each row read is put where `postById` finds it. */
export class PostLists {
  constructor(private readonly pages: Pages) {}

  byAuthor({ loaders }: RequestContext, author: UserRow, page: ForwardPage): Found<Connection<PostRow>> {
    const request = this.pages.request(listByAuthor(author.id), page);
    const shape = { limit: request.limit, after: request.after };
    return whenFound(loaders.find(pagesByAuthor, { parentId: author.id, shape }), (rows) => {
      loaders.prime<string, UserRow | null>(authorById, author.id, author);
      for (const { node } of rows) loaders.prime<string, PostRow | null>(postById, node.id, node);
      return this.pages.connection(request, rows, {
        position: ({ node }) => positionOf(node),
        node: ({ node }) => node,
      });
    });
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
