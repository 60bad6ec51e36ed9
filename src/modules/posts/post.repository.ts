import { type Accompanied, ALONE, type Along, nodeStamp } from '../../graphql/companions';
import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { MaybeViewer } from '../../kernel/viewer';
import { defineEntity } from '../../platform/cache/entity';
import type { Stamp } from '../../platform/cache/entity-copies';
import type { Stretch } from '../../platform/export/export-source';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { type Extent, mapTable } from '../../platform/postgres/mapping';
import { empty, identifier, isOneOf, type Statement, sql } from '../../platform/postgres/sql';
import { joinPerson, userColumns, userExtent } from '../accounts';
import { knowingHidden, postIsVisible } from '../visibility';
import { type Audience, PostEntity, type PostRow } from './post.entity';
import { postExtent } from './post.extent';

const POSTS = mapTable<PostRow>(PostEntity, postExtent.inWholeOnly);

/** Copies of whole rows; whoever changes a row says so to its transaction. */
export const POST_COPIES = defineEntity<PostRow>('post', 'id', POSTS.properties);

export interface PostCounts {
  readonly authorId: string;
  readonly publicPosts: number;
  readonly followerPosts: number;
  readonly privatePosts: number;
}

/** Copies of the counters, which differ by viewer only in which of them are added up. */
export const POST_COUNTS_COPIES = defineEntity<PostCounts>('post-counts', 'authorId', [
  'authorId',
  'publicPosts',
  'followerPosts',
  'privatePosts',
]);

const COUNTER_OF_AUDIENCE: Record<Audience, Statement> = {
  PUBLIC: identifier('public_posts'),
  FOLLOWERS: identifier('follower_posts'),
  PRIVATE: identifier('private_posts'),
};

/** Selects a post row under an alias of `posts`, as the object `under` of the row when given. */
export function postColumns(alias: string, under?: string, extent?: Extent): Statement {
  return POSTS.columns(alias, under, extent);
}

/** Brings the author's row along with a post, as `author`. */
export const AUTHOR_ALONG = {
  joinedAs: 'author',
  extent: userExtent,
  columns: (_post: string, _viewer: MaybeViewer, extent: Extent) => userColumns('author', 'author', extent),
  joins: (post: string) => joinPerson('author', `${post}.author_id`),
};

/** Brings along what `countPosts` counts, as `postCounts`; its properties are null where nothing was ever counted. */
export const POST_COUNTS_ALONG = {
  columns: () => sql`tally.public_posts AS "postCounts.publicPosts", tally.follower_posts AS "postCounts.followerPosts",
    tally.private_posts AS "postCounts.privatePosts", tally.author_id AS "postCounts.authorId"`,
  joins: (user: string) => sql`LEFT JOIN LATERAL (
    SELECT * FROM author_post_counters WHERE author_id = ${identifier(`${user}.id`)} OFFSET 0) tally ON TRUE`,
};

export function findVisible(
  executor: Executor,
  ids: readonly string[],
  viewer: MaybeViewer,
  along: Along = ALONE,
): Promise<Accompanied<PostRow>[]> {
  return executor.rows(selectVisible(postColumns('p', 'node', along.extent), ids, viewer, along));
}

function selectVisible(columns: Statement, ids: readonly string[], viewer: MaybeViewer, along: Along): Statement {
  return knowingHidden(
    viewer,
    ids.length === 1 ? 'one' : 'many',
    (known) => sql`
    SELECT ${columns} ${along.columns('p', known)}
    FROM posts p JOIN users author ON author.id = p.author_id ${along.joins('p', known, 'author')}
    WHERE ${isOneOf('p.id', ids)} AND ${postIsVisible('p', 'author', known)}`,
  );
}

/** Those that the viewer may see, in their present versions. */
export function findVisibleVersions(
  executor: Executor,
  ids: readonly string[],
  viewer: MaybeViewer,
  along: Along,
): Promise<Accompanied<Stamp>[]> {
  return executor.rows(selectVisible(nodeStamp('p'), ids, viewer, along));
}

/** Whoever may see them: for posts that have been found visible already. */
export function findAny(executor: Executor, ids: readonly string[]): Promise<PostRow[]> {
  return executor.rows(sql`SELECT ${postColumns('p')} FROM posts p WHERE p.id = ANY(${ids}::uuid[])`);
}

/** The post if the viewer may see it, locked until the transaction ends. */
export function lockVisible(tx: Transaction, id: string, viewer: MaybeViewer): Promise<PostRow | null> {
  return tx.row(sql`
    SELECT ${postColumns('p')} FROM posts p JOIN users a ON a.id = p.author_id
    WHERE p.id = ${id} AND ${postIsVisible('p', 'a', viewer)} FOR NO KEY UPDATE OF p`);
}

export async function isVisible(executor: Executor, viewer: MaybeViewer, id: string): Promise<boolean> {
  const row = await executor.row(sql`
    SELECT 1 FROM posts p JOIN users a ON a.id = p.author_id WHERE p.id = ${id} AND ${postIsVisible('p', 'a', viewer)}`);
  return row !== null;
}

/** The post as it is, whoever may see it: for tasks. Null when it is deleted. */
export function findLive(executor: Executor, id: string): Promise<PostRow | null> {
  return executor.row(sql`SELECT ${postColumns('p')} FROM posts p WHERE p.id = ${id} AND p.deleted_at IS NULL`);
}

/**
 * The same page of the posts of many authors, newest first: one index range per author. What the viewer may see of an
 * author is asked once per audience: asked per post, PostgreSQL takes it for so rare that it reads and sorts all posts.
 */
export function pageByAuthors(
  executor: Executor,
  viewer: MaybeViewer,
  authorIds: readonly string[],
  { limit, after }: PageShape,
  along: Along,
): Promise<(Accompanied<PostRow> & PageRow)[]> {
  const seek = after ? sql`AND (p.created_at, p.id) < (${after[0]}, ${after[1]})` : empty;
  return executor.rows(
    knowingHidden(
      viewer,
      'many',
      (known) => sql`
    SELECT ${postColumns('p', 'node', along.extent)}, a.id AS "parentId" ${along.columns('p', known)} FROM users a
    CROSS JOIN LATERAL (
      SELECT array_agg(kind.audience) AS audiences
      FROM (VALUES ('PUBLIC', NULL::timestamptz), ('FOLLOWERS', NULL), ('PRIVATE', NULL)) kind (audience, deleted_at)
      WHERE ${postIsVisible('kind', 'a', known)}
    ) shown
    CROSS JOIN LATERAL (
      SELECT p.* FROM posts p
      WHERE p.author_id = a.id AND p.deleted_at IS NULL AND p.audience = ANY(shown.audiences) ${seek}
      ORDER BY p.created_at DESC, p.id DESC LIMIT ${limit + 1}
    ) p ${along.joins('p', known)}
    WHERE ${isOneOf('a.id', authorIds)}`,
    ),
  );
}

/** All that a person wrote and did not delete, oldest first. */
export function pageOwn(executor: Executor, userId: string, { limit, after }: Stretch): Promise<PostRow[]> {
  const seek = after ? sql`AND (p.created_at, p.id) > (${after[0]}, ${after[1]})` : empty;
  return executor.rows(sql`
    SELECT ${postColumns('p')} FROM posts p WHERE p.author_id = ${userId} AND p.deleted_at IS NULL ${seek}
    ORDER BY p.created_at, p.id LIMIT ${limit + 1}`);
}

/** False when the id is taken. */
export async function insert(tx: Transaction, row: PostRow): Promise<boolean> {
  tx.changed(POST_COPIES.name, row.id);
  return (await tx.run(sql`${POSTS.insert(row)} ON CONFLICT (id) DO NOTHING`)) === 1;
}

export async function update(
  tx: Transaction,
  row: Pick<PostRow, 'id' | 'text' | 'audience' | 'updatedAt'>,
): Promise<void> {
  await tx.run(sql`
    UPDATE posts SET text = ${row.text}, audience = ${row.audience}, updated_at = ${row.updatedAt}, version = version + 1
    WHERE id = ${row.id}`);
  tx.changed(POST_COPIES.name, row.id);
}

/** Leaves a tombstone without the text, so that the id is never given again. */
export async function markDeleted(tx: Transaction, id: string, now: string): Promise<void> {
  await tx.run(sql`
    UPDATE posts SET text = '', deleted_at = ${now}, updated_at = ${now}, version = version + 1 WHERE id = ${id}`);
  tx.changed(POST_COPIES.name, id);
}

/** Leaves tombstones of the next posts of somebody; false when there are none left. */
export async function eraseNext(tx: Transaction, authorId: string, limit: number, now: string): Promise<boolean> {
  const erased = await tx.rows<{ id: string; audience: Audience }>(sql`
    UPDATE posts SET text = '', deleted_at = ${now}, updated_at = ${now}, version = version + 1
    WHERE id IN (
      SELECT id FROM posts WHERE author_id = ${authorId} AND deleted_at IS NULL
      ORDER BY created_at, id LIMIT ${limit} FOR NO KEY UPDATE)
    RETURNING id, audience`);
  for (const { id } of erased) tx.changed(POST_COPIES.name, id);
  tx.changed(POST_COUNTS_COPIES.name, authorId);
  const of = (audience: Audience) => erased.filter((each) => each.audience === audience).length;
  await tx.run(sql`
    UPDATE author_post_counters SET public_posts = public_posts - ${of('PUBLIC')}::integer,
      follower_posts = follower_posts - ${of('FOLLOWERS')}::integer, private_posts = private_posts - ${of('PRIVATE')}::integer
    WHERE author_id = ${authorId}`);
  return erased.length > 0;
}

/** Of somebody who has no posts any more. */
export async function dropCounters(tx: Transaction, authorId: string): Promise<void> {
  await tx.run(sql`DELETE FROM author_post_counters WHERE author_id = ${authorId}`);
  tx.changed(POST_COUNTS_COPIES.name, authorId);
}

export async function count(tx: Transaction, authorId: string, audience: Audience, by: 1 | -1): Promise<void> {
  const counter = COUNTER_OF_AUDIENCE[audience];
  tx.changed(POST_COUNTS_COPIES.name, authorId);
  await tx.run(
    by === 1
      ? sql`INSERT INTO author_post_counters AS c (author_id, ${counter}) VALUES (${authorId}, 1)
          ON CONFLICT (author_id) DO UPDATE SET ${counter} = c.${counter} + 1`
      : sql`UPDATE author_post_counters SET ${counter} = ${counter} - 1 WHERE author_id = ${authorId}`,
  );
}

export function findCounts(executor: Executor, authorIds: readonly string[]): Promise<PostCounts[]> {
  return executor.rows(sql`
    SELECT author_id AS "authorId", public_posts AS "publicPosts", follower_posts AS "followerPosts",
      private_posts AS "privatePosts"
    FROM author_post_counters WHERE author_id = ANY(${authorIds}::uuid[])`);
}
