import { Arg, Args, Authorized, Ctx, Extensions, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import { PageArgs } from '../../graphql/connection.types';
import type { RequestContext } from '../../graphql/context';
import { type Found, whenFound } from '../../graphql/loader-scope';
import { readInputId } from '../../graphql/nodes';
import { costOf } from '../../graphql/pipeline/cost';
import { UserConnectionType } from '../accounts';
import { POST_PREFIX, type PostRow, PostType, postById } from '../posts';
import { type LikerLists, likeStateByPostId } from './like.reader';
import type { LikeService } from './like.service';
import { SetPostLikedInput, SetPostLikedPayload } from './like.types';

@Resolver(() => PostType)
export class PostLikesResolver {
  constructor(
    private readonly likes: LikeService,
    private readonly lists: LikerLists,
    private readonly commands: Commands,
  ) {}

  @Extensions(costOf({ reads: ['likeState'], comesAlong: true, copies: ['likeCount'] }))
  @FieldResolver(() => Int, { description: 'How many people like it whom you may see.' })
  likeCount(@Root() post: PostRow, @Ctx() context: RequestContext): Found<number> {
    return whenFound(context.loaders.find(likeStateByPostId, post.id), ({ likes }) => likes);
  }

  @Extensions(costOf({ reads: ['likeState'], comesAlong: true, copies: ['likeCount'] }))
  @FieldResolver(() => Boolean, { nullable: true, description: 'You like it; null for an anonymous request.' })
  viewerHasLiked(@Root() post: PostRow, @Ctx() context: RequestContext): Found<boolean | null> {
    return whenFound(context.loaders.find(likeStateByPostId, post.id), (state) => state.viewerHasLiked);
  }

  @Extensions(costOf({ reads: ['likers'], companions: true }))
  @FieldResolver(() => UserConnectionType, { description: 'Who likes it, newest first.' })
  likedBy(@Root() post: PostRow, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.ofPost(context, post.id, page);
  }

  @Authorized()
  @Mutation(() => SetPostLikedPayload, { description: 'Likes a post or takes the like back.' })
  setPostLiked(
    @Arg('input', () => SetPostLikedInput, { description: 'The post and whether you like it.' })
    input: SetPostLikedInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'setPostLiked',
      execute: (tx, viewer) =>
        this.likes.setPostLiked(tx, viewer, readInputId(POST_PREFIX, input.postId, 'postId'), input.liked),
      answer: async ({ postId }) => ({ post: await context.loaders.load(postById, postId) }),
    });
  }
}
