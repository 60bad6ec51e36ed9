import {
  Arg,
  Args,
  Authorized,
  Ctx,
  Extensions,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { Commands } from '../../graphql/command';
import type { Edge } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import type { Found } from '../../graphql/loader-scope';
import { readInputId } from '../../graphql/nodes';
import { costOf, versionsOf } from '../../graphql/pipeline/cost';
import { ATTACHED_SOURCE } from '../../graphql/schema';
import { SAME_FOR_ALL } from '../../graphql/sharing';
import { encodeId } from '../../kernel/ids';
import { authorById, UserType } from '../accounts';
import { POST_PREFIX, type PostRow, PostType, postById } from '../posts';
import type { Admissions } from './comment.admission';
import type { CommentRow } from './comment.entity';
import { type CommentLists, commentById, commentCountByPostId } from './comment.reader';
import { COMMENT_PREFIX, type CommentService } from './comment.service';
import {
  AddCommentInput,
  AddCommentPayload,
  CommentConnectionType,
  CommentEdgeType,
  CommentPageArgs,
  CommentType,
  UpdateCommentInput,
  UpdateCommentPayload,
} from './comment.types';

@Resolver(() => CommentType)
export class CommentResolver {
  constructor(
    private readonly comments: CommentService,
    private readonly lists: CommentLists,
    private readonly commands: Commands,
    private readonly admissions: Admissions,
  ) {}

  @FieldResolver(() => ID)
  id(@Root() comment: CommentRow): string {
    return encodeId(COMMENT_PREFIX, comment.id);
  }

  @Extensions(costOf({ reads: ['post'], companions: true, copies: versionsOf('post') }))
  @FieldResolver(() => PostType, { description: 'The post that it stands under.' })
  post(@Root() comment: CommentRow, @Ctx() context: RequestContext) {
    return context.loaders.find(postById, comment.postId);
  }

  @Extensions(SAME_FOR_ALL)
  @Extensions(costOf({ reads: ['author'], comesAlong: true, copies: ['author'] }))
  @FieldResolver(() => UserType, { description: 'Who wrote it.' })
  author(@Root() comment: CommentRow, @Ctx() context: RequestContext) {
    return context.loaders.find(authorById, comment.authorId);
  }

  @Authorized()
  @Mutation(() => AddCommentPayload, { description: 'Writes under a post.' })
  addComment(
    @Arg('input', () => AddCommentInput, { description: 'The comment.' }) input: AddCommentInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'addComment',
      execute: (tx, viewer) => {
        const id = input.id == null ? null : readInputId(COMMENT_PREFIX, input.id, 'id');
        const postId = readInputId(POST_PREFIX, input.postId, 'postId');
        return this.comments.add(tx, viewer, { id, postId, text: input.text });
      },
      answer: async ({ commentId, postId }) => {
        const comment = await context.loaders.load(commentById, commentId);
        // Read only where it is asked for.
        const post = () => context.loaders.load(postById, postId);
        return { commentEdge: comment && this.lists.edge(comment), post };
      },
    });
  }

  @Authorized()
  @Mutation(() => UpdateCommentPayload, { description: 'Edits a comment of yours.' })
  updateComment(
    @Arg('input', () => UpdateCommentInput, { description: 'The new text.' }) input: UpdateCommentInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'updateComment',
      execute: (tx, viewer) => this.comments.edit(tx, viewer, readInputId(COMMENT_PREFIX, input.id, 'id'), input),
      answer: async ({ commentId }) => ({ comment: await context.loaders.load(commentById, commentId) }),
    });
  }

  @Extensions(SAME_FOR_ALL)
  @Subscription(() => CommentEdgeType, {
    subscribe: ATTACHED_SOURCE,
    description:
      'Comments on one post behind `after`, then each new one, in order; without `after`, from now on. The cursors are those of Post.comments(order: OLDEST): after a lost connection, subscribe again with the last one received.',
  })
  async commentAdded(
    @Root() added: CommentRow,
    @Ctx() context: RequestContext,
    @Arg('postId', () => ID, { description: 'The post to watch.' }) _postId: string,
    @Arg('after', () => String, { nullable: true, description: 'Continue behind this cursor.' }) _after?: string,
  ): Promise<Edge<CommentRow> | null> {
    const comment = this.admissions.isCurrent(added) ? added : await context.loaders.load(commentById, added.id);
    return comment && this.lists.edge(comment);
  }
}

@Resolver(() => PostType)
export class PostCommentsResolver {
  constructor(private readonly lists: CommentLists) {}

  @Extensions(costOf({ reads: ['commentCount'], comesAlong: true, copies: ['threadCount'] }))
  @FieldResolver(() => Int, { description: 'How many comments you may see.' })
  commentCount(@Root() post: PostRow, @Ctx() context: RequestContext): Found<number> {
    return context.loaders.find(commentCountByPostId, post.id);
  }

  @Extensions(costOf({ reads: ['comments'], companions: true, copies: ['threadState', 'threadEnd'] }))
  @FieldResolver(() => CommentConnectionType, { description: 'What people wrote under it.' })
  comments(@Root() post: PostRow, @Args(() => CommentPageArgs) page: CommentPageArgs, @Ctx() context: RequestContext) {
    return this.lists.ofPost(context, post.id, page.order ?? 'OLDEST', page);
  }
}
