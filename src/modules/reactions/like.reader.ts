import type { Companion } from '../../graphql/companions';
import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader, type PageShape } from '../../graphql/page-loader';
import { type UserRow, userById, userCompanions, userTag } from '../accounts';
import type { Liker, LikeState } from './like.repository';
import * as likes from './like.repository';
import { LIKE_COUNT_COPIES } from './like.repository';
import { likesTag } from './like.tags';

export const likeStateByPostId = defineLoader<string, LikeState>({
  async batch({ db, viewer, cache }, postIds) {
    const postIdOf = (row: { postId: string }) => row.postId;
    if (!cache) return inOrder(postIds, await likes.findStates(db, viewer, postIds), postIdOf) as LikeState[];
    const [shared, own] = await Promise.all([
      cache.getMany(LIKE_COUNT_COPIES, postIds, (some) => likes.findLikeCounts(db, some)),
      likes.findOwnStates(db, viewer, postIds),
    ]);
    const ownStates = inOrder(postIds, own, postIdOf);
    return postIds.map((postId, index) => ({
      postId,
      likes: ownStates[index]?.likes ?? shared[index]?.likes ?? 0,
      viewerHasLiked: ownStates[index]?.viewerHasLiked ?? null,
    }));
  },
  tags: (postId) => [likesTag(postId)],
});

/** For `likeStateByPostId`. */
export const likeStateOfPost: Companion<{ readonly likeState: LikeState }> = {
  serves: ['Post.likeCount', 'Post.viewerHasLiked'],
  ...likes.LIKE_STATE_ALONG,
  prime: (loaders, { likeState }) => loaders.prime(likeStateByPostId, likeState.postId, likeState),
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
