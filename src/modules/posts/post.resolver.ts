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
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { Commands } from '../../graphql/command';
import { PageArgs } from '../../graphql/connection.types';
import type { RequestContext } from '../../graphql/context';
import type { Found } from '../../graphql/loader-scope';
import { readId, readInputId } from '../../graphql/nodes';
import { costOf, versionsOf } from '../../graphql/pipeline/cost';
import { encodeId } from '../../kernel/ids';
import { authorById, UserCountsType, type UserRow, UserType } from '../accounts';
import type { PostRow } from './post.entity';
import { countPosts, type PostLists, postById } from './post.reader';
import { POST_PREFIX, type PostService } from './post.service';
import {
  CreatePostInput,
  CreatePostPayload,
  PostConnectionType,
  PostType,
  UpdatePostInput,
  UpdatePostPayload,
} from './post.types';

@Resolver(() => PostType)
export class PostResolver {
  constructor(
    private readonly posts: PostService,
    private readonly lists: PostLists,
    private readonly commands: Commands,
  ) {}

  @Extensions(costOf({ reads: ['post'], companions: true, copies: versionsOf('post') }))
  @Query(() => PostType, { nullable: true, description: 'A post by id; null when there is none you may see.' })
  post(@Arg('id', () => ID, { description: 'The id of a post.' }) id: string, @Ctx() context: RequestContext) {
    return context.loaders.find(postById, readId(POST_PREFIX, id));
  }

  @FieldResolver(() => ID)
  id(@Root() post: PostRow): string {
    return encodeId(POST_PREFIX, post.id);
  }

  @Extensions(costOf({ reads: ['author'], comesAlong: true, copies: ['author'] }))
  @FieldResolver(() => UserType, { description: 'Who wrote it.' })
  author(@Root() post: PostRow, @Ctx() context: RequestContext) {
    return context.loaders.find(authorById, post.authorId);
  }

  @Authorized()
  @Mutation(() => CreatePostPayload, { description: 'Publishes a post.' })
  createPost(
    @Arg('input', () => CreatePostInput, { description: 'The post.' }) input: CreatePostInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'createPost',
      execute: (tx, viewer) => {
        const id = input.id == null ? null : readInputId(POST_PREFIX, input.id, 'id');
        return this.posts.publish(tx, viewer, { id, text: input.text, audience: input.audience ?? 'PUBLIC' });
      },
      answer: async ({ postId }) => {
        const post = await context.loaders.load(postById, postId);
        return { postEdge: post && this.lists.edge(post) };
      },
    });
  }

  @Authorized()
  @Mutation(() => UpdatePostPayload, { description: 'Edits a post of yours.' })
  updatePost(
    @Arg('input', () => UpdatePostInput, { description: 'The changes.' }) input: UpdatePostInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'updatePost',
      execute: (tx, viewer) => this.posts.edit(tx, viewer, readInputId(POST_PREFIX, input.id, 'id'), input),
      answer: async ({ postId }) => ({ post: await context.loaders.load(postById, postId) }),
    });
  }
}

@Resolver(() => UserType)
export class UserPostsResolver {
  constructor(private readonly lists: PostLists) {}

  @Extensions(costOf({ reads: ['posts'], companions: true }))
  @FieldResolver(() => PostConnectionType, { description: 'What this person wrote and you may see, newest first.' })
  posts(@Root() user: UserRow, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.byAuthor(context, user, page);
  }
}

@Resolver(() => UserCountsType)
export class UserPostCountResolver {
  @Extensions(costOf({ reads: ['postCounts', 'followed', 'standing'], comesAlong: true, copies: ['postCounts'] }))
  @FieldResolver(() => Int, { description: 'How many posts of this person you may see.' })
  posts(@Root() user: UserRow, @Ctx() context: RequestContext): Found<number> {
    return countPosts(context, user);
  }
}
