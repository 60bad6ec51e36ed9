/**
 * PostGraphile 5: the API is generated from the tables. What they do not say, their relations, stands in smart tags; the
 * state of the viewer is a computed column, a function in SQL (PEERS_SQL in compare/cases.ts).
 *
 * As it comes ("default"), the viewer is a setting of a transaction around each request, which the function reads. With
 * PEER_SETTINGS=best there is no transaction: the viewer is part of the statement, and lists are plain ones.
 */
import { createServer } from 'node:http';
import pg from 'pg';
import { postgraphile } from 'postgraphile';
import { TYPES } from 'postgraphile/@dataplan/pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import { context, operationPlan } from 'postgraphile/grafast';
import { grafserv } from 'postgraphile/grafserv/node';
import { sql } from 'postgraphile/pg-sql2';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { extendSchema, gql, jsonPgSmartTags } from 'postgraphile/utils';

const POOL_MAX = 10;
const BEST = process.env.PEER_SETTINGS === 'best';

const toUser = (column, reverse = '') => `(${column}) references users (id)${reverse}`;
const toPost = '(post_id) references posts (id)';
const tags = (foreignKey) => ({ tags: { foreignKey } });

const SmartTags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      posts: tags(toUser('author_id')),
      comments: tags([toPost, toUser('author_id')]),
      likes: tags([toPost, toUser('user_id')]),
      feed_entries: tags([toPost, toUser('viewer_id')]),
      post_like_counters: tags(toPost),
      comment_threads: tags(toPost),
      relationship_counters: tags(toUser('user_id')),
      author_post_counters: tags(toUser('author_id')),
    },
    // Not offered by themselves, because no index begins with them; there is one behind the author or the post.
    attribute: {
      'posts.created_at': { tags: { behavior: '+attribute:orderBy' } },
      'posts.audience': { tags: { behavior: '+attribute:filterBy' } },
      'posts.deleted_at': { tags: { behavior: '+attribute:filterBy' } },
      'comments.deleted_at': { tags: { behavior: '+attribute:filterBy' } },
    },
  },
});

const ViewerState = extendSchema({
  typeDefs: gql`
    extend type Post {
      viewerHasLiked: Boolean!
    }
  `,
  objects: {
    Post: {
      plans: {
        viewerHasLiked($post) {
          // Taken at the root, or the statement of the post, which is nearer to it, could not depend on it.
          const $viewerId = operationPlan().withRootLayerPlan(() => context().get('viewerId'));
          const viewer = $post.getClassStep().placeholder($viewerId, TYPES.uuid);
          const id = sql`${$post.getClassStep().alias}.id`;
          return $post.select(
            sql`EXISTS (SELECT FROM public.likes WHERE post_id = ${id} AND user_id = ${viewer})`,
            TYPES.boolean,
          );
        },
      },
    },
  },
});

const viewerOf = (requestContext) => requestContext.node?.req.headers['x-viewer'];
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: POOL_MAX });

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: BEST ? [SmartTags, ViewerState] : [SmartTags],
  pgServices: [makePgService({ pool, schemas: BEST ? ['public'] : ['public', 'peers'] })],
  schema: BEST ? { defaultBehavior: '+list' } : {},
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, websockets: false },
  grafast: {
    explain: false,
    context: (requestContext) => {
      const viewerId = viewerOf(requestContext);
      return BEST ? { viewerId } : { pgSettings: { 'jwt.claims.user_id': viewerId } };
    },
  },
};

const instance = postgraphile(preset);
if (process.argv.includes('--print-schema')) {
  const { printSchema } = await import('postgraphile/graphql');
  console.log(printSchema((await instance.getSchemaResult()).schema));
  process.exit(0);
}
const server = createServer();
server.keepAliveTimeout = 60_000;
await instance.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })));
process.once('SIGTERM', () => process.exit(0));
