import type { Accompanied, Companion } from '../../graphql/companions';
import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader, type PageShape } from '../../graphql/page-loader';
import type { Stamp } from '../../platform/cache/entity-copies';
import { type UserRow, userById, userCompanions, userTag } from '../accounts';
import type { LikeCount, Liker, LikeState, OwnLikes } from './like.repository';
import * as likes from './like.repository';
import { LIKE_COUNT_COPIES } from './like.repository';
import { likesTag } from './like.tags';

const postIdOf = (row: { readonly postId: string }) => row.postId;

/** What of a post's likes differs by viewer: never to be kept for anybody else. */
const ownLikesByPostId = defineLoader<string, OwnLikes | null>({
  async batch({ db, viewer }, postIds) {
    return inOrder(postIds, await likes.findOwnStates(db, viewer, postIds), postIdOf);
  },
});

function stateOf(postId: string, own: OwnLikes | null, shared: LikeCount | null): LikeState {
  return { postId, likes: own?.likes ?? shared?.likes ?? 0, viewerHasLiked: own?.viewerHasLiked ?? null };
}

export const likeStateByPostId = defineLoader<string, LikeState>({
  async batch({ db, viewer, cache, loaders }, postIds) {
    if (!cache) return inOrder(postIds, await likes.findStates(db, viewer, postIds), postIdOf) as LikeState[];
    const [shared, own] = await Promise.all([
      cache.getMany(LIKE_COUNT_COPIES, postIds, (some) => likes.findLikeCounts(db, some)),
      Promise.all(postIds.map((postId) => loaders.load(ownLikesByPostId, postId))),
    ]);
    return postIds.map((postId, index) => stateOf(postId, own[index] ?? null, shared[index] ?? null));
  },
  atHand({ cache, loaders }, postId) {
    const own = cache ? loaders.known(ownLikesByPostId, postId) : undefined;
    if (!own) return undefined;
    const shared = own.likes === null ? cache?.peek(LIKE_COUNT_COPIES, postId) : null;
    return shared === undefined ? undefined : stateOf(postId, own, shared);
  },
  tags: (postId) => [likesTag(postId)],
});

const ownLikesOfPost: Companion<Accompanied<Stamp> & { readonly ownLikes: OwnLikes }> = {
  serves: ['Post.likeCount', 'Post.viewerHasLiked'],
  ...likes.OWN_LIKES_ALONG,
  prime: (loaders, { node, ownLikes }) => loaders.prime<string, OwnLikes | null>(ownLikesByPostId, node.id, ownLikes),
};

/** For `likeStateByPostId`. */
export const likeStateOfPost: Companion<Accompanied<Stamp> & { readonly likeState: LikeState }> = {
  serves: ['Post.likeCount', 'Post.viewerHasLiked'],
  ...likes.LIKE_STATE_ALONG,
  prime: (loaders, { node, likeState }) => loaders.prime(likeStateByPostId, node.id, likeState),
  besideCopies: ownLikesOfPost,
};

const likerPages = definePageLoader<Liker, PageShape>(
  (context, postIds, shape) =>
    userCompanions.read(context, (along) => likes.pageLikers(context.db, context.viewer, postIds, shape, along)),
  ({ parentId }, people) => [likesTag(parentId), ...people.map(({ node }) => userTag(node.id))],
);

/** The people who liked a post that the viewer has been found to see. */
export class LikerLists {
  constructor(private readonly pages: Pages) {}

  async ofPost(context: RequestContext, postId: string, page: ForwardPage) {
    const request = this.pages.request(`likers:${postId}`, page);
    const shape = { limit: request.limit, after: request.after };
    const rows = await context.loaders.load(likerPages, { parentId: postId, shape });
    for (const { node } of rows) context.loaders.prime<string, UserRow | null>(userById, node.id, node);
    return this.pages.connection(request, rows, {
      position: ({ likedAt, node }) => [likedAt, node.id],
      node: ({ node }) => node,
    });
  }
}
