import type { Companion } from '../../graphql/companions';
import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader, type PageShape } from '../../graphql/page-loader';
import { type UserRow, userById, userCompanions } from '../accounts';
import type { Liker, LikeState } from './like.repository';
import * as likes from './like.repository';

export const likeStateByPostId = defineLoader<string, LikeState>({
  batch: async ({ db, viewer }, postIds) => {
    const states = inOrder(postIds, await likes.findStates(db, viewer, postIds), (state) => state.postId);
    return states as LikeState[];
  },
});

/** For `likeStateByPostId`. */
export const likeStateOfPost: Companion<{ readonly likeState: LikeState }> = {
  serves: ['Post.likeCount', 'Post.viewerHasLiked'],
  ...likes.LIKE_STATE_ALONG,
  prime: (loaders, { likeState }) => loaders.prime(likeStateByPostId, likeState.postId, likeState),
};

const likerPages = definePageLoader<Liker, PageShape>((context, postIds, shape) =>
  userCompanions.read(context, (along) => likes.pageLikers(context.db, context.viewer, postIds, shape, along)),
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
