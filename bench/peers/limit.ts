/**
 * The limit: one hand-written statement for each read, whose JSON goes out as it comes from PostgreSQL. No GraphQL, no
 * schema, no rule of visibility, no check of who asks: what nothing that does more can be expected to overtake.
 */
import { createServer } from 'node:http';
import { Pool } from 'pg';
import { DATABASE_URL, listen, POOL_MAX, VIEWER_HEADER } from './listening';

const pool = new Pool({ connectionString: DATABASE_URL, max: POOL_MAX });

/** $1 is the viewer; of `posts p`, which has the row of its author as `a` where that is shown. */
const POST_STATE = `
  'id', p.id, 'text', p.text, 'createdAt', p.created_at,
  'likeCount', coalesce((SELECT likes FROM post_like_counters WHERE post_id = p.id), 0),
  'commentCount', coalesce((SELECT comment_count FROM comment_threads WHERE post_id = p.id), 0),
  'viewerHasLiked', EXISTS (SELECT FROM likes WHERE post_id = p.id AND user_id = $1)`;
const AUTHOR = `'author', json_build_object('id', a.id, 'handle', a.handle, 'name', a.name)`;

/** The length of the list is part of the text, so that PostgreSQL plans for it. */
const statements = (first: number): Readonly<Record<string, string>> => ({
  post: `
    SELECT json_build_object(${POST_STATE}, ${AUTHOR})::text AS json
    FROM posts p JOIN users a ON a.id = p.author_id WHERE p.id = $2 AND p.deleted_at IS NULL`,
  feed: `
    SELECT json_build_object('nodes', json_agg(node ORDER BY published_at DESC, post_id DESC))::text AS json FROM (
      SELECT e.published_at, e.post_id, json_build_object(${POST_STATE}, ${AUTHOR}, 'comments', (
        SELECT json_build_object('nodes', coalesce(json_agg(comment ORDER BY seq DESC), '[]')) FROM (
          SELECT c.seq, json_build_object('id', c.id, 'text', c.text, 'createdAt', c.created_at,
            'author', json_build_object('id', w.id, 'handle', w.handle, 'name', w.name)) AS comment
          FROM comments c JOIN users w ON w.id = c.author_id
          WHERE c.post_id = p.id AND c.deleted_at IS NULL ORDER BY c.seq DESC LIMIT 3
        ) newest)) AS node
      FROM (
        SELECT post_id, published_at FROM feed_entries WHERE viewer_id = $1
        ORDER BY published_at DESC, post_id DESC LIMIT ${first}
      ) e JOIN posts p ON p.id = e.post_id AND p.deleted_at IS NULL JOIN users a ON a.id = p.author_id
    ) page`,
  profile: `
    SELECT json_build_object('id', u.id, 'handle', u.handle, 'name', u.name, 'bio', u.bio,
      'counts', json_build_object('followers', r.followers, 'following', r.following, 'posts', c.public_posts),
      'posts', (
        SELECT json_build_object('nodes', coalesce(json_agg(node ORDER BY created_at DESC, id DESC), '[]')) FROM (
          SELECT p.created_at, p.id, json_build_object(${POST_STATE}) AS node FROM posts p
          WHERE p.author_id = u.id AND p.audience = 'PUBLIC' AND p.deleted_at IS NULL
          ORDER BY p.created_at DESC, p.id DESC LIMIT ${first}
        ) newest))::text AS json
    FROM users u JOIN relationship_counters r ON r.user_id = u.id JOIN author_post_counters c ON c.author_id = u.id
    WHERE u.id = $2 AND u.deleted_at IS NULL`,
});

const prepared = new Map<string, { readonly name: string; readonly text: string }>();

function statementFor(read: string, first: string): { readonly name: string; readonly text: string } | null {
  const name = `${read} ${first}`;
  const known = prepared.get(name);
  if (known) return known;
  const text = statements(Number.parseInt(first, 10))[read];
  if (text === undefined) return null;
  const statement = { name, text };
  prepared.set(name, statement);
  return statement;
}

const server = createServer((request, response) => {
  const [, read = '', first = '', id] = (request.url ?? '').split('/');
  const viewer = request.headers[VIEWER_HEADER];
  const statement = statementFor(read, first);
  if (statement === null) {
    response.writeHead(404).end();
    return;
  }
  pool.query({ ...statement, values: read === 'feed' ? [viewer] : [viewer, id] }).then(
    ({ rows }) => {
      const body = Buffer.from(rows[0].json);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    },
    (error) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
listen(server);
