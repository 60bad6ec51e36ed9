import type { Pool } from 'pg';
import { encodeId, newId } from '../src/kernel/ids';
import type { Viewer } from '../src/kernel/viewer';

/** What the worst documents are about. */
export interface LargestWorld {
  readonly viewer: Viewer;
  /** The ids of 100 posts that the viewer may see. */
  readonly postIds: readonly string[];
  readonly userIds: readonly string[];
}

const PEOPLE = 110;
const AUTHORS = 40;
const POSTS_PER_AUTHOR = 105;
/** Posts that have a full page of comments and of likes. */
const BUSY_POSTS = 101;
/** Everywhere the longest text that the API takes, of the character that takes most bytes. */
const LONGEST = "repeat('🦊', %)";

/**
 * The largest legal data around one viewer: everybody follows everybody, every list that a document can ask for has a
 * full page of 100 and more, every text is as long as it may be, and no two rows are the same.
 */
export async function fillLargestWorld(pool: Pool): Promise<LargestWorld> {
  const people = Array.from({ length: PEOPLE }, newId);
  const authors = people.slice(0, AUTHORS);
  const posts = authors.flatMap(() => Array.from({ length: POSTS_PER_AUTHOR }, newId));
  const busy = posts.slice(-BUSY_POSTS);
  const comments = busy.flatMap(() => people.slice(0, BUSY_POSTS).map(newId));
  const sessionId = newId();
  const viewerId = people.at(-1) as string;
  const long = (characters: number) => LONGEST.replace('%', String(characters));
  const run = (text: string, values: unknown[]) => pool.query(text, values);

  await run(
    `INSERT INTO users (id, name, handle, bio, created_at, updated_at)
     SELECT id, ${long(60)}, rpad('person_' || n || '_', 30, 'x'), ${long(300)}, now(), now()
     FROM unnest($1::uuid[]) WITH ORDINALITY AS u(id, n)`,
    [people],
  );
  await run('INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($1, $2, now(), now())', [
    sessionId,
    viewerId,
  ]);
  await run(
    `INSERT INTO follows (follower_id, followee_id, state, created_at)
     SELECT a, b, 'accepted', now() - n * interval '1 second'
     FROM unnest($1::uuid[]) a, unnest($1::uuid[]) WITH ORDINALITY AS o(b, n) WHERE a <> b`,
    [people],
  );
  await run('INSERT INTO relationship_counters SELECT u, $2, $2 FROM unnest($1::uuid[]) u', [people, PEOPLE - 1]);
  await run(
    `WITH fresh AS (
       INSERT INTO posts (id, author_id, text, audience, created_at, updated_at)
       SELECT id, ($2::uuid[])[(n - 1) / ${POSTS_PER_AUTHOR} + 1], ${long(5_000)}, 'PUBLIC', now() + n * interval '1 millisecond', now()
       FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, n) RETURNING id, author_id, created_at
     )
     INSERT INTO feed_entries (viewer_id, post_id, author_id, published_at)
     SELECT $3, id, author_id, created_at FROM fresh`,
    [posts, authors, viewerId],
  );
  await run('INSERT INTO author_post_counters SELECT a, $2, 0, 0 FROM unnest($1::uuid[]) a', [
    authors,
    POSTS_PER_AUTHOR,
  ]);
  await run(
    `INSERT INTO comments (post_id, id, seq, author_id, text, created_at, updated_at)
     SELECT ($1::uuid[])[(n - 1) / ${BUSY_POSTS} + 1], id, (n - 1) % ${BUSY_POSTS} + 1, ($3::uuid[])[(n - 1) % ${BUSY_POSTS} + 1],
       ${long(2_000)}, now(), now()
     FROM unnest($2::uuid[]) WITH ORDINALITY AS c(id, n)`,
    [busy, comments, people],
  );
  await run(`INSERT INTO comment_threads SELECT p, ${BUSY_POSTS}, ${BUSY_POSTS} FROM unnest($1::uuid[]) p`, [busy]);
  await run(
    `INSERT INTO likes SELECT p, u, now() - n * interval '1 second'
     FROM unnest($1::uuid[]) p, unnest($2::uuid[]) WITH ORDINALITY AS o(u, n)`,
    [busy, people],
  );
  await run(`INSERT INTO post_like_counters SELECT p, ${PEOPLE} FROM unnest($1::uuid[]) p`, [busy]);
  await run('ANALYZE', []);
  return {
    viewer: { userId: viewerId, sessionId },
    postIds: busy.slice(0, 100).map((id) => encodeId('post', id)),
    userIds: people.slice(0, 100).map((id) => encodeId('user', id)),
  };
}
