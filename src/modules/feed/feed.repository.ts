import { type Accompanied, type Along, nodeStamp } from '../../graphql/companions';
import type { PageShape } from '../../graphql/page-loader';
import type { Viewer } from '../../kernel/viewer';
import type { Stamp } from '../../platform/cache/entity-copies';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { empty, identifier, type Statement, sql, unplanned } from '../../platform/postgres/sql';
import { joinCarried, joinPerson, userColumns } from '../accounts';
import { type PostRow, postColumns } from '../posts';
import { followedPostIsVisible, knowingHidden, ownPostIsVisible, postIsVisible } from '../visibility';

/**
 * The home feed, newest first: the viewer's own posts, the entries written for the viewer, and the posts of followed
 * authors whose posts are not written to feeds. Each source brings a full page, so that the merged page is full; no
 * two bring the same post: nobody follows themselves, and what is written is not pulled as well.
 */
export function pageHome(
  executor: Executor,
  viewer: Viewer,
  page: PageShape,
  along: Along,
): Promise<Accompanied<PostRow>[]> {
  return readHome(executor, viewer, page, postColumns('p', 'node', along.extent), along);
}

/** The same page, of which each post is only named. */
export function pageHomeVersions(
  executor: Executor,
  viewer: Viewer,
  page: PageShape,
  along: Along,
): Promise<Accompanied<Stamp>[]> {
  return readHome(executor, viewer, page, nodeStamp('p'), along);
}

function readHome<Node>(
  executor: Executor,
  viewer: Viewer,
  { limit, after }: PageShape,
  columns: Statement,
  along: Along,
): Promise<Accompanied<Node>[]> {
  const v = unplanned(viewer.userId, 'uuid');
  const take = unplanned(limit + 1, 'integer');
  const behind = (time: string, id: string): Statement =>
    after ? sql`AND (${identifier(time)}, ${identifier(id)}) < (${after[0]}, ${after[1]})` : empty;
  // Each source brings rows with the author's among them: what decides whether a post is shown is not read again.
  const authors = along.joinedExtent('author');
  const row = authors ? sql`p.*, ${userColumns('a', 'author', authors)}` : sql`p.*`;
  const own = sql`
    SELECT ${row} FROM posts p JOIN users a ON a.id = p.author_id
    WHERE p.author_id = ${v} AND ${ownPostIsVisible('p', 'a')} ${behind('p.created_at', 'p.id')}
    ORDER BY p.created_at DESC, p.id DESC LIMIT ${take}`;
  // OFFSET 0 keeps the post a look-up per entry: as a join, PostgreSQL reads whole feeds and all posts of followed people.
  const written = (known: Viewer) => sql`
    SELECT shown.* FROM feed_entries e CROSS JOIN LATERAL (
        SELECT ${row} FROM posts p JOIN users a ON a.id = p.author_id
        WHERE p.id = e.post_id AND ${followedPostIsVisible('p', 'a', known)} OFFSET 0
      ) shown
    WHERE e.viewer_id = ${v} AND ${isFollowed(viewer, 'e.author_id')} ${behind('e.published_at', 'e.post_id')}
    ORDER BY e.published_at DESC, e.post_id DESC LIMIT ${take}`;
  const pulled = (known: Viewer) => sql`
    SELECT ${row} FROM feed_pull_authors big ${joinPerson('a', 'big.author_id')}
      CROSS JOIN LATERAL (
        SELECT p.* FROM posts p
        WHERE p.author_id = a.id AND p.deleted_at IS NULL AND p.audience <> 'PRIVATE' ${behind('p.created_at', 'p.id')}
        ORDER BY p.created_at DESC, p.id DESC LIMIT ${take}
      ) p
    WHERE big.author_id IN (SELECT followee_id FROM follows WHERE follower_id = ${viewer.userId} AND state = 'accepted')
      AND ${isWanted(viewer, 'a.id')} AND ${followedPostIsVisible('p', 'a', known)}
      AND NOT EXISTS (SELECT FROM feed_entries w WHERE w.viewer_id = ${viewer.userId} AND w.post_id = p.id OFFSET 0)
    ORDER BY p.created_at DESC, p.id DESC LIMIT ${take}`;
  return executor.rows(
    knowingHidden(
      viewer,
      'many',
      (known) => sql`
    SELECT ${columns} ${along.columns('p', known)} FROM (
      SELECT * FROM ((${own}) UNION ALL (${written(known)}) UNION ALL (${pulled(known)})) AS candidates
      ORDER BY created_at DESC, id DESC LIMIT ${take}
    ) p ${authors ? joinCarried('author', 'p', authors) : empty} ${along.joins('p', known, 'author')}
    ORDER BY p.created_at DESC, p.id DESC`,
    ),
  );
}

/** Those of the given posts that stand in the viewer's home feed. */
export function findInHome(executor: Executor, viewer: Viewer, postIds: readonly string[]): Promise<PostRow[]> {
  const v = viewer.userId;
  return executor.rows(sql`
    SELECT ${postColumns('p')} FROM posts p JOIN users a ON a.id = p.author_id
    WHERE p.id = ANY(${postIds}::uuid[]) AND ${postIsVisible('p', 'a', viewer)} AND (
      a.id = ${v}
      OR ${isFollowed(viewer, 'a.id')} AND (
        EXISTS (SELECT FROM feed_entries e WHERE e.viewer_id = ${v} AND e.post_id = p.id)
        OR EXISTS (SELECT FROM feed_pull_authors big WHERE big.author_id = a.id)))`);
}

/**
 * The viewer follows the person whose id stands in a column, with consent, and wants to read them. Whether they mute
 * anybody at all is asked once, and most do not: by the first of them, because for EXISTS PostgreSQL may read all mutes.
 */
function isFollowed(viewer: Viewer, column: string): Statement {
  return sql`EXISTS (
      SELECT FROM follows f
      WHERE f.follower_id = ${viewer.userId} AND f.followee_id = ${identifier(column)} AND f.state = 'accepted' OFFSET 0)
    AND ((SELECT muted_id FROM mutes WHERE muter_id = ${viewer.userId} ORDER BY muted_id LIMIT 1) IS NULL
      OR ${isWanted(viewer, column)})`;
}

/** OFFSET 0 keeps each person a look-up: as a join, PostgreSQL may read all who mute somebody, as above all who follow them. */
function isWanted(viewer: Viewer, column: string): Statement {
  return sql`NOT EXISTS (
    SELECT FROM mutes m WHERE m.muter_id = ${viewer.userId} AND m.muted_id = ${identifier(column)} OFFSET 0)`;
}

/** Writes a post to feeds; those that have it already keep their entry. */
export async function writeToFeeds(tx: Transaction, post: PostRow, viewerIds: readonly string[]): Promise<void> {
  await tx.run(sql`
    INSERT INTO feed_entries (viewer_id, post_id, author_id, published_at)
    SELECT viewer_id, ${post.id}, ${post.authorId}, ${post.createdAt} FROM unnest(${viewerIds}::uuid[]) AS v(viewer_id)
    ON CONFLICT (viewer_id, post_id) DO NOTHING`);
}

/** Writes an author's newest posts to one feed. */
export async function writeRecent(
  executor: Executor,
  viewerId: string,
  authorId: string,
  limit: number,
): Promise<void> {
  await executor.run(sql`
    INSERT INTO feed_entries (viewer_id, post_id, author_id, published_at)
    SELECT ${viewerId}, p.id, p.author_id, p.created_at FROM posts p
    WHERE p.author_id = ${authorId} AND p.deleted_at IS NULL AND p.audience <> 'PRIVATE'
    ORDER BY p.created_at DESC, p.id DESC LIMIT ${limit}
    ON CONFLICT (viewer_id, post_id) DO NOTHING`);
}

const ENTRIES_LOOKED_AT = 1_000;
const STANDING_MAX = 500;
/** Of an author whose posts are read at page time. */
const PULLED_POSTS_MAX = 100;

/**
 * The newest posts of one author that stand in one feed, or stood there: whether the viewer follows, blocks or mutes the
 * author is not asked. Looks among the newest entries of the feed, where deleted posts are found too, and among the
 * author's newest posts.
 */
export async function findStanding(executor: Executor, viewerId: string, authorId: string): Promise<string[]> {
  const rows = await executor.rows<{ id: string }>(sql`
    WITH entry AS (
      SELECT post_id, author_id FROM feed_entries WHERE viewer_id = ${viewerId}
      ORDER BY published_at DESC, post_id DESC LIMIT ${ENTRIES_LOOKED_AT}
    ), post AS (
      SELECT id, audience, row_number() OVER (ORDER BY created_at DESC, id DESC) AS place FROM posts
      WHERE author_id = ${authorId} AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ${STANDING_MAX}
    )
    SELECT post_id AS id FROM entry WHERE author_id = ${authorId}
    UNION SELECT id FROM post
    WHERE EXISTS (SELECT FROM feed_entries WHERE viewer_id = ${viewerId} AND post_id = post.id)
      OR audience <> 'PRIVATE' AND place <= ${PULLED_POSTS_MAX}
        AND EXISTS (SELECT FROM feed_pull_authors WHERE author_id = ${authorId})
    ORDER BY id DESC LIMIT ${STANDING_MAX}`);
  return rows.map((row) => row.id);
}

export async function markPullAuthor(executor: Executor, authorId: string, now: string): Promise<void> {
  await executor.run(sql`
    INSERT INTO feed_pull_authors (author_id, since) VALUES (${authorId}, ${now}) ON CONFLICT (author_id) DO NOTHING`);
}

export async function isPullAuthor(executor: Executor, authorId: string): Promise<boolean> {
  return (await executor.row(sql`SELECT 1 FROM feed_pull_authors WHERE author_id = ${authorId}`)) !== null;
}
