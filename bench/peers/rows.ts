/** The rows that the servers with hand-written batches read: prepared statements, one for each kind of thing. */
import { Pool } from 'pg';
import { DATABASE_URL, POOL_MAX } from './listening';

export interface UserRow {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly bio: string | null;
}

export interface PostRow {
  readonly id: string;
  readonly text: string;
  readonly createdAt: Date;
  readonly authorId: string;
}

export interface CommentRow extends PostRow {
  readonly postId: string;
}

export interface CountsRow {
  readonly followers: number;
  readonly following: number;
  readonly posts: number;
}

interface CountRow {
  readonly postId: string;
  readonly n: number;
}

const pool = new Pool({ connectionString: DATABASE_URL, max: POOL_MAX });

const POST = `p.id, p.text, p.created_at AS "createdAt", p.author_id AS "authorId"`;

async function rows<Row>(name: string, text: string, ...values: unknown[]): Promise<Row[]> {
  return (await pool.query({ name, text, values })).rows;
}

export async function findPost(id: string): Promise<PostRow | null> {
  const found = await rows<PostRow>('post', `SELECT ${POST} FROM posts p WHERE p.id = $1 AND p.deleted_at IS NULL`, id);
  return found[0] ?? null;
}

export async function findUser(id: string): Promise<UserRow | null> {
  const found = await rows<UserRow>(
    'user',
    'SELECT id, handle, name, bio FROM users WHERE id = $1 AND deleted_at IS NULL',
    id,
  );
  return found[0] ?? null;
}

export async function findCounts(userId: string): Promise<CountsRow> {
  const [found] = await rows<CountsRow>(
    'counts',
    `SELECT r.followers, r.following, c.public_posts AS posts
     FROM relationship_counters r JOIN author_post_counters c ON c.author_id = r.user_id WHERE r.user_id = $1`,
    userId,
  );
  return found ?? { followers: 0, following: 0, posts: 0 };
}

export function pageFeed(viewerId: string, first: number): Promise<PostRow[]> {
  return rows(
    'feed',
    `SELECT ${POST} FROM (
       SELECT post_id, published_at FROM feed_entries WHERE viewer_id = $1
       ORDER BY published_at DESC, post_id DESC LIMIT $2
     ) e JOIN posts p ON p.id = e.post_id AND p.deleted_at IS NULL ORDER BY e.published_at DESC, e.post_id DESC`,
    viewerId,
    first,
  );
}

export function pagePosts(authorId: string, first: number): Promise<PostRow[]> {
  return rows(
    'posts',
    `SELECT ${POST} FROM posts p WHERE p.author_id = $1 AND p.audience = 'PUBLIC' AND p.deleted_at IS NULL
     ORDER BY p.created_at DESC, p.id DESC LIMIT $2`,
    authorId,
    first,
  );
}

export async function batchUsers(ids: readonly string[]): Promise<(UserRow | null)[]> {
  const found = await rows<UserRow>('users', 'SELECT id, handle, name, bio FROM users WHERE id = ANY($1)', ids);
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export async function batchLikeCounts(postIds: readonly string[]): Promise<number[]> {
  const text = 'SELECT post_id AS "postId", likes AS n FROM post_like_counters WHERE post_id = ANY($1)';
  return inOrder(postIds, await rows<CountRow>('like counts', text, postIds));
}

export async function batchCommentCounts(postIds: readonly string[]): Promise<number[]> {
  const text = 'SELECT post_id AS "postId", comment_count AS n FROM comment_threads WHERE post_id = ANY($1)';
  return inOrder(postIds, await rows<CountRow>('comment counts', text, postIds));
}

export async function batchLiked(viewerId: string, postIds: readonly string[]): Promise<boolean[]> {
  const text = 'SELECT post_id AS "postId", 1 AS n FROM likes WHERE user_id = $1 AND post_id = ANY($2)';
  return inOrder(postIds, await rows<CountRow>('liked', text, viewerId, postIds)).map((n) => n > 0);
}

/** The newest comments of each post: one index range per post. */
export async function batchComments(postIds: readonly string[], first: number): Promise<CommentRow[][]> {
  const found = await rows<CommentRow>(
    'comments',
    `SELECT c.* FROM unnest($1::uuid[]) AS p(id) CROSS JOIN LATERAL (
       SELECT c.id, c.text, c.created_at AS "createdAt", c.author_id AS "authorId", c.post_id AS "postId"
       FROM comments c WHERE c.post_id = p.id AND c.deleted_at IS NULL ORDER BY c.seq DESC LIMIT $2
     ) c`,
    postIds,
    first,
  );
  const byPost = new Map<string, CommentRow[]>(postIds.map((id) => [id, []]));
  for (const row of found) byPost.get(row.postId)?.push(row);
  return postIds.map((id) => byPost.get(id) ?? []);
}

function inOrder(postIds: readonly string[], found: readonly CountRow[]): number[] {
  const byId = new Map(found.map((row) => [row.postId, row.n]));
  return postIds.map((id) => byId.get(id) ?? 0);
}
