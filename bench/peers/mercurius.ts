/** Mercurius on fastify: documents compiled by its JIT, and its own loaders for the batches. */
import fastify from 'fastify';
import mercurius from 'mercurius';
import { VIEWER_HEADER } from './listening';
import * as rows from './rows';

const SCHEMA = `
  type Counts { followers: Int! following: Int! posts: Int! }
  type User { id: ID! handle: String! name: String! bio: String counts: Counts! posts(first: Int!): Posts! }
  type Comment { id: ID! text: String! createdAt: String! author: User! }
  type Comments { nodes: [Comment!]! }
  type Post {
    id: ID! text: String! createdAt: String! author: User!
    likeCount: Int! commentCount: Int! viewerHasLiked: Boolean! comments(first: Int!): Comments!
  }
  type Posts { nodes: [Post!]! }
  type Query { post(id: ID!): Post user(id: ID!): User feed(first: Int!): Posts! }
`;

interface Asked<Row> {
  readonly obj: Row;
  readonly params: { readonly first: number };
}

interface Context {
  readonly viewerId: string;
}

const createdAt = (row: rows.PostRow): string => row.createdAt.toISOString();
/** What is asked twice in one answer is read once all the same, as the statements take a set; the cache costs more. */
const opts = { cache: false };

const RESOLVERS = {
  Query: {
    post: (_root: unknown, { id }: { id: string }) => rows.findPost(id),
    user: (_root: unknown, { id }: { id: string }) => rows.findUser(id),
    feed: async (_root: unknown, { first }: { first: number }, { viewerId }: Context) => ({
      nodes: await rows.pageFeed(viewerId, first),
    }),
  },
  Post: { createdAt },
  Comment: { createdAt },
  User: {
    counts: (user: rows.UserRow) => rows.findCounts(user.id),
    posts: async (user: rows.UserRow, { first }: { first: number }) => ({
      nodes: await rows.pagePosts(user.id, first),
    }),
  },
};

const authors = {
  opts,
  loader: (asked: readonly Asked<rows.PostRow>[]) => rows.batchUsers(asked.map(({ obj }) => obj.authorId)),
};

const idsOf = (asked: readonly Asked<rows.PostRow>[]): string[] => asked.map(({ obj }) => obj.id);

const LOADERS = {
  Post: {
    author: authors,
    likeCount: { opts, loader: (asked: readonly Asked<rows.PostRow>[]) => rows.batchLikeCounts(idsOf(asked)) },
    commentCount: { opts, loader: (asked: readonly Asked<rows.PostRow>[]) => rows.batchCommentCounts(idsOf(asked)) },
    viewerHasLiked: {
      opts,
      loader: (asked: readonly Asked<rows.PostRow>[], { viewerId }: Context) => rows.batchLiked(viewerId, idsOf(asked)),
    },
    comments: {
      opts,
      loader: async (asked: readonly Asked<rows.PostRow>[]) => {
        const lists = await rows.batchComments(idsOf(asked), asked[0]?.params.first ?? 0);
        return lists.map((nodes) => ({ nodes }));
      },
    },
  },
  Comment: { author: authors },
};

async function main(): Promise<void> {
  const app = fastify({ keepAliveTimeout: 60_000 });
  await app.register(mercurius, {
    schema: SCHEMA,
    resolvers: RESOLVERS as never,
    loaders: LOADERS as never,
    jit: 1,
    context: (request) => ({ viewerId: String(request.headers[VIEWER_HEADER]) }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  console.log(JSON.stringify({ url }));
  process.once('SIGTERM', () => process.exit(0));
}

void main();
