/**
 * The textbook: what tutorials of these parts show. Apollo Server on express, a schema of classes by type-graphql,
 * TypeORM entities with their relations, and a DataLoader for each of them.
 */
import 'reflect-metadata';
import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import DataLoader from 'dataloader';
import express from 'express';
import {
  Arg,
  buildSchema,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { DataSource, In, IsNull } from 'typeorm';
import { newId } from './ids';
import { DATABASE_URL, listen, POOL_MAX, VIEWER_HEADER } from './listening';
import {
  Comment,
  FeedEntry,
  Like,
  LikeCounter,
  Post,
  PostCounter,
  RelationshipCounter,
  Thread,
  User,
} from './textbook-entities';

@ObjectType()
class Counts {
  @Field(() => Int) followers!: number;
  @Field(() => Int) following!: number;
  @Field(() => Int) posts!: number;
}

@ObjectType()
class PostConnection {
  @Field(() => [Post]) nodes!: Post[];
}

@ObjectType()
class CommentConnection {
  @Field(() => [Comment]) nodes!: Comment[];
}

const ENTITIES = [User, Post, Comment, Like, FeedEntry, LikeCounter, Thread, RelationshipCounter, PostCounter];
const source = new DataSource({ type: 'postgres', url: DATABASE_URL, entities: ENTITIES, extra: { max: POOL_MAX } });

function byKey<Row>(keys: readonly string[], rows: readonly Row[], keyOf: (row: Row) => string): (Row | null)[] {
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => found.get(key) ?? null);
}

function createLoaders(viewerId: string) {
  const users = source.getRepository(User);
  return {
    users: new DataLoader<string, User | null>(async (ids) =>
      byKey(ids, await users.findBy({ id: In([...ids]) }), (row) => row.id),
    ),
    likeCounts: new DataLoader<string, LikeCounter | null>(async (ids) =>
      byKey(ids, await source.getRepository(LikeCounter).findBy({ postId: In([...ids]) }), (row) => row.postId),
    ),
    threads: new DataLoader<string, Thread | null>(async (ids) =>
      byKey(ids, await source.getRepository(Thread).findBy({ postId: In([...ids]) }), (row) => row.postId),
    ),
    liked: new DataLoader<string, Like | null>(async (ids) =>
      byKey(
        ids,
        await source.getRepository(Like).findBy({ postId: In([...ids]), userId: viewerId }),
        (row) => row.postId,
      ),
    ),
    // The newest few of each post in one statement: a numbering over all of them.
    comments: new DataLoader<{ postId: string; first: number }, Comment[], string>(
      async (keys) => {
        const first = keys[0]?.first ?? 0;
        const numbered = source
          .createQueryBuilder()
          .select('c.id', 'id')
          .addSelect('row_number() OVER (PARTITION BY c.post_id ORDER BY c.seq DESC)', 'place')
          .from(Comment, 'c')
          .where('c.post_id IN (:...ids) AND c.deleted_at IS NULL', { ids: keys.map((key) => key.postId) });
        const rows = await source
          .getRepository(Comment)
          .createQueryBuilder('comment')
          .innerJoin(`(${numbered.getQuery()})`, 'numbered', 'numbered.id = comment.id AND numbered.place <= :first', {
            first,
          })
          .where('comment.post_id IN (:...ids)')
          .setParameters(numbered.getParameters())
          .orderBy('comment.seq', 'DESC')
          .getMany();
        return keys.map((key) => rows.filter((row) => row.postId === key.postId));
      },
      { cacheKeyFn: (key) => `${key.postId}:${key.first}` },
    ),
  };
}

interface Context {
  readonly viewerId: string;
  readonly loaders: ReturnType<typeof createLoaders>;
}

@Resolver(() => Post)
class PostResolver {
  @Query(() => Post, { nullable: true })
  post(@Arg('id', () => ID) id: string): Promise<Post | null> {
    return source.getRepository(Post).findOneBy({ id, deletedAt: IsNull() });
  }

  @Query(() => PostConnection)
  async feed(@Arg('first', () => Int) first: number, @Ctx() context: Context): Promise<PostConnection> {
    const entries = await source.getRepository(FeedEntry).find({
      where: { viewerId: context.viewerId, post: { deletedAt: IsNull() } },
      relations: { post: true },
      order: { publishedAt: 'DESC', postId: 'DESC' },
      take: first,
    });
    return { nodes: entries.map((entry) => entry.post) };
  }

  @FieldResolver(() => User)
  author(@Root() post: Post, @Ctx() { loaders }: Context): Promise<User | null> {
    return loaders.users.load(post.authorId);
  }

  @FieldResolver(() => Int)
  async likeCount(@Root() post: Post, @Ctx() { loaders }: Context): Promise<number> {
    return (await loaders.likeCounts.load(post.id))?.likes ?? 0;
  }

  @FieldResolver(() => Int)
  async commentCount(@Root() post: Post, @Ctx() { loaders }: Context): Promise<number> {
    return (await loaders.threads.load(post.id))?.commentCount ?? 0;
  }

  @FieldResolver(() => Boolean)
  async viewerHasLiked(@Root() post: Post, @Ctx() { loaders }: Context): Promise<boolean> {
    return (await loaders.liked.load(post.id)) !== null;
  }

  @FieldResolver(() => CommentConnection)
  async comments(
    @Root() post: Post,
    @Arg('first', () => Int) first: number,
    @Ctx() { loaders }: Context,
  ): Promise<CommentConnection> {
    return { nodes: await loaders.comments.load({ postId: post.id, first }) };
  }
}

@Resolver(() => Comment)
class CommentResolver {
  @FieldResolver(() => User)
  author(@Root() comment: Comment, @Ctx() { loaders }: Context): Promise<User | null> {
    return loaders.users.load(comment.authorId);
  }

  @Mutation(() => Comment)
  addComment(
    @Arg('postId', () => ID) postId: string,
    @Arg('text', () => String) text: string,
    @Ctx() { viewerId }: Context,
  ): Promise<Comment> {
    return source.transaction(async (manager) => {
      const post = await manager.findOneByOrFail(Post, { id: postId, deletedAt: IsNull() });
      const thread = await manager.findOneOrFail(Thread, {
        where: { postId: post.id },
        lock: { mode: 'pessimistic_write' },
      });
      thread.lastSeq += 1;
      thread.commentCount += 1;
      await manager.save(thread);
      const now = new Date();
      const place = { id: newId(), postId: post.id, seq: thread.lastSeq, deletedAt: null };
      return manager.save(
        manager.create(Comment, { ...place, text, authorId: viewerId, createdAt: now, updatedAt: now }),
      );
    });
  }

  @Mutation(() => Post)
  setPostLiked(
    @Arg('postId', () => ID) postId: string,
    @Arg('liked', () => Boolean) liked: boolean,
    @Ctx() { viewerId: userId }: Context,
  ): Promise<Post> {
    return source.transaction(async (manager) => {
      const post = await manager.findOneByOrFail(Post, { id: postId, deletedAt: IsNull() });
      const like = await manager.findOneBy(Like, { postId, userId });
      if (liked && !like) {
        await manager.save(manager.create(Like, { postId, userId, createdAt: new Date() }));
        await manager.increment(LikeCounter, { postId }, 'likes', 1);
      } else if (!liked && like) {
        await manager.remove(like);
        await manager.decrement(LikeCounter, { postId }, 'likes', 1);
      }
      return post;
    });
  }
}

@Resolver(() => User)
class UserResolver {
  @Query(() => User, { nullable: true })
  user(@Arg('id', () => ID) id: string): Promise<User | null> {
    return source.getRepository(User).findOneBy({ id, deletedAt: IsNull() });
  }

  @FieldResolver(() => Counts)
  async counts(@Root() user: User): Promise<Counts> {
    const [relations, posts] = await Promise.all([
      source.getRepository(RelationshipCounter).findOneByOrFail({ userId: user.id }),
      source.getRepository(PostCounter).findOneByOrFail({ authorId: user.id }),
    ]);
    return { followers: relations.followers, following: relations.following, posts: posts.publicPosts };
  }

  @FieldResolver(() => PostConnection)
  async posts(@Root() user: User, @Arg('first', () => Int) first: number): Promise<PostConnection> {
    const nodes = await source.getRepository(Post).find({
      where: { authorId: user.id, audience: 'PUBLIC', deletedAt: IsNull() },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: first,
    });
    return { nodes };
  }
}

async function main(): Promise<void> {
  await source.initialize();
  const schema = await buildSchema({ resolvers: [PostResolver, CommentResolver, UserResolver] });
  const apollo = new ApolloServer<Context>({ schema });
  await apollo.start();
  const app = express();
  const context = async ({ req }: { req: express.Request }): Promise<Context> => {
    const viewerId = String(req.headers[VIEWER_HEADER]);
    return { viewerId, loaders: createLoaders(viewerId) };
  };
  app.use('/graphql', express.json(), expressMiddleware(apollo, { context }));
  listen(createServer(app));
}

void main();
