/** GraphQL Yoga with a schema by Pothos, and a DataLoader in front of each batch. */
import { createServer } from 'node:http';
import SchemaBuilder from '@pothos/core';
import DataLoader from 'dataloader';
import { createYoga } from 'graphql-yoga';
import { listen, VIEWER_HEADER } from './listening';
import * as rows from './rows';

interface Context {
  readonly viewerId: string;
  readonly loaders: ReturnType<typeof createLoaders>;
}

const builder = new SchemaBuilder<{
  Context: Context;
  Objects: {
    User: rows.UserRow;
    Post: rows.PostRow;
    Comment: rows.CommentRow;
    Counts: rows.CountsRow;
    Posts: { nodes: readonly rows.PostRow[] };
    Comments: { nodes: readonly rows.CommentRow[] };
  };
  DefaultFieldNullability: false;
}>({ defaultFieldNullability: false });

function createLoaders(viewerId: string) {
  return {
    users: new DataLoader(rows.batchUsers),
    likeCounts: new DataLoader(rows.batchLikeCounts),
    commentCounts: new DataLoader(rows.batchCommentCounts),
    liked: new DataLoader((ids: readonly string[]) => rows.batchLiked(viewerId, ids)),
    comments: new DataLoader(
      (keys: readonly { id: string; first: number }[]) =>
        rows.batchComments(
          keys.map((key) => key.id),
          keys[0]?.first ?? 0,
        ),
      { cacheKeyFn: ({ id, first }) => `${id}:${first}` },
    ),
  };
}

async function author(authorId: string, { loaders }: Context): Promise<rows.UserRow> {
  return (await loaders.users.load(authorId)) as rows.UserRow;
}

builder.objectType('Counts', {
  fields: (t) => ({
    followers: t.exposeInt('followers'),
    following: t.exposeInt('following'),
    posts: t.exposeInt('posts'),
  }),
});

builder.objectType('User', {
  fields: (t) => ({
    id: t.exposeID('id'),
    handle: t.exposeString('handle'),
    name: t.exposeString('name'),
    bio: t.exposeString('bio', { nullable: true }),
    counts: t.field({ type: 'Counts', resolve: (user) => rows.findCounts(user.id) }),
    posts: t.field({
      type: 'Posts',
      args: { first: t.arg.int({ required: true }) },
      resolve: async (user, { first }) => ({ nodes: await rows.pagePosts(user.id, first) }),
    }),
  }),
});

builder.objectType('Comment', {
  fields: (t) => ({
    id: t.exposeID('id'),
    text: t.exposeString('text'),
    createdAt: t.string({ resolve: (comment) => comment.createdAt.toISOString() }),
    author: t.field({ type: 'User', resolve: (comment, _args, context) => author(comment.authorId, context) }),
  }),
});

builder.objectType('Comments', {
  fields: (t) => ({ nodes: t.field({ type: ['Comment'], resolve: (page) => page.nodes }) }),
});

builder.objectType('Post', {
  fields: (t) => ({
    id: t.exposeID('id'),
    text: t.exposeString('text'),
    createdAt: t.string({ resolve: (post) => post.createdAt.toISOString() }),
    likeCount: t.int({ resolve: (post, _args, { loaders }) => loaders.likeCounts.load(post.id) }),
    commentCount: t.int({ resolve: (post, _args, { loaders }) => loaders.commentCounts.load(post.id) }),
    viewerHasLiked: t.boolean({ resolve: (post, _args, { loaders }) => loaders.liked.load(post.id) }),
    author: t.field({ type: 'User', resolve: (post, _args, context) => author(post.authorId, context) }),
    comments: t.field({
      type: 'Comments',
      args: { first: t.arg.int({ required: true }) },
      resolve: async (post, { first }, { loaders }) => ({ nodes: await loaders.comments.load({ id: post.id, first }) }),
    }),
  }),
});

builder.objectType('Posts', { fields: (t) => ({ nodes: t.field({ type: ['Post'], resolve: (page) => page.nodes }) }) });

builder.queryType({
  fields: (t) => ({
    post: t.field({
      type: 'Post',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }) => rows.findPost(String(id)),
    }),
    user: t.field({
      type: 'User',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }) => rows.findUser(String(id)),
    }),
    feed: t.field({
      type: 'Posts',
      args: { first: t.arg.int({ required: true }) },
      resolve: async (_root, { first }, { viewerId }) => ({ nodes: await rows.pageFeed(viewerId, first) }),
    }),
  }),
});

const yoga = createYoga({
  schema: builder.toSchema(),
  logging: false,
  graphiql: false,
  landingPage: false,
  context: ({ request }): Context => {
    const viewerId = request.headers.get(VIEWER_HEADER) ?? '';
    return { viewerId, loaders: createLoaders(viewerId) };
  },
});

listen(createServer(yoga));
