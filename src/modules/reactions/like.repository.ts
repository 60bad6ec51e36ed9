import type { Accompanied, Along } from '../../graphql/companions';
import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import { defineEntity } from '../../platform/cache/entity';
import type { Stretch } from '../../platform/export/export-source';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { empty, identifier, idsAs, type Statement, sql } from '../../platform/postgres/sql';
import { type UserRow, userColumns } from '../accounts';
import { countHidden, hidesAnybody, postIsVisible, userIsListed, type MaybeViewer as Whoever } from '../visibility';

/** A post's likes as one viewer sees them. */
export interface LikeState {
  readonly postId: string;
  readonly likes: number;
  /** Null for an anonymous viewer. */
  readonly viewerHasLiked: boolean | null;
}

/** The part of it that differs by viewer. */
export interface OwnLikes {
  readonly postId: string;
  /** Null where nobody is hidden: then it is the count of everybody. */
  readonly likes: number | null;
  readonly viewerHasLiked: boolean | null;
}

/** How many like a post, hidden from somebody or not. */
export interface LikeCount {
  readonly postId: string;
  readonly likes: number;
}

export const LIKE_COUNT_COPIES = defineEntity<LikeCount>('like-count', 'postId', ['postId', 'likes']);

/** A person who liked a post, with when. */
export type Liker = Accompanied<UserRow> & PageRow & { readonly likedAt: string };

/** The counter without the likes of people who are hidden from the viewer, for the post in a column. */
export function visibleLikes(postId: Statement, viewer: Whoever): Statement {
  return sql`(COALESCE((SELECT c.likes FROM post_like_counters c WHERE c.post_id = ${postId}), 0)
    - ${countHidden(viewer, 'likes', postId)})`;
}

/** Whether the viewer likes the post in a column; null for an anonymous viewer. */
function ownLike(postId: Statement, viewer: MaybeViewer): Statement {
  if (!viewer) return sql`NULL::boolean`;
  return sql`EXISTS (SELECT FROM likes l WHERE l.post_id = ${postId} AND l.user_id = ${viewer.userId})`;
}

/** Brings along with a post what `findStates` finds, as `likeState`. */
export const LIKE_STATE_ALONG = {
  columns(post: string, viewer: MaybeViewer) {
    const id = identifier(`${post}.id`);
    return sql`${id} AS "likeState.postId", ${visibleLikes(id, viewer)} AS "likeState.likes",
      ${ownLike(id, viewer)} AS "likeState.viewerHasLiked"`;
  },
};

/** What the viewer may see of the likes, and the viewer's own. */
export function findStates(executor: Executor, viewer: MaybeViewer, postIds: readonly string[]): Promise<LikeState[]> {
  const id = identifier('p.id');
  return executor.rows(sql`
    SELECT p.id AS "postId", ${visibleLikes(id, viewer)} AS likes, ${ownLike(id, viewer)} AS "viewerHasLiked"
    FROM unnest(${postIds}::uuid[]) AS p(id)`);
}

/** The counters for everybody alike. */
export function findLikeCounts(executor: Executor, postIds: readonly string[]): Promise<LikeCount[]> {
  return executor.rows(sql`
    SELECT post_id AS "postId", likes FROM post_like_counters WHERE post_id = ANY(${postIds}::uuid[])`);
}

/** The count if anybody is hidden from the viewer; null for one who is shown that of everybody. */
function ownCount(postId: Statement, viewer: MaybeViewer): Statement {
  return sql`CASE WHEN ${hidesAnybody(viewer)} THEN ${visibleLikes(postId, viewer)} END`;
}

/** Brings along with a post what `findOwnStates` finds, as `ownLikes`. */
export const OWN_LIKES_ALONG = {
  columns(post: string, viewer: MaybeViewer) {
    const id = identifier(`${post}.id`);
    return sql`${id} AS "ownLikes.postId", ${ownCount(id, viewer)} AS "ownLikes.likes",
      ${ownLike(id, viewer)} AS "ownLikes.viewerHasLiked"`;
  },
};

/** What of the likes differs by viewer. */
export function findOwnStates(
  executor: Executor,
  viewer: MaybeViewer,
  postIds: readonly string[],
): Promise<OwnLikes[]> {
  const id = identifier('p.id');
  return executor.rows(sql`
    SELECT p.id AS "postId", ${ownCount(id, viewer)} AS likes, ${ownLike(id, viewer)} AS "viewerHasLiked"
    FROM unnest(${postIds}::uuid[]) AS p(id)`);
}

/** The same page of the likers of many posts that the viewer has been found to see, newest first. */
export function pageLikers(
  executor: Executor,
  viewer: MaybeViewer,
  postIds: readonly string[],
  { limit, after }: PageShape,
  along: Along,
): Promise<Liker[]> {
  const seek = after ? sql`AND (l.created_at, l.user_id) < (${after[0]}, ${after[1]})` : empty;
  return executor.rows(sql`
    SELECT ${userColumns('l', 'node', along.extent)}, l."likedAt", p.id AS "parentId" ${along.columns('l')}
    FROM ${idsAs('p', postIds)}
    CROSS JOIN LATERAL (
      SELECT u.*, l.created_at AS "likedAt"
      FROM likes l JOIN users u ON u.id = l.user_id
      WHERE l.post_id = p.id AND ${userIsListed('u', viewer)} ${seek}
      ORDER BY l.created_at DESC, l.user_id DESC LIMIT ${limit + 1}
    ) l ${along.joins('l')}`);
}

/** A like with whose post it is of, for a post that the liker may still see. */
export interface OwnLike {
  readonly postId: string;
  readonly likedAt: string;
  /** Null where the post may not be seen any more. */
  readonly author: Pick<UserRow, 'id' | 'handle'> | null;
}

/** All likes of a person, in the order of the posts' ids. */
export function pageOwn(executor: Executor, viewer: Viewer, { limit, after }: Stretch): Promise<OwnLike[]> {
  const seek = after ? sql`AND l.post_id > ${after[0]}` : empty;
  return executor.rows(sql`
    SELECT l.post_id AS "postId", l.created_at AS "likedAt", (
      SELECT json_build_object('id', a.id, 'handle', a.handle) FROM posts p JOIN users a ON a.id = p.author_id
      WHERE p.id = l.post_id AND ${postIsVisible('p', 'a', viewer)}) AS author
    FROM likes l WHERE l.user_id = ${viewer.userId} ${seek} ORDER BY l.post_id LIMIT ${limit + 1}`);
}

/** Removes the next likes of somebody and moves the counters; answers whose they were. Counters are locked in one order. */
export async function eraseNext(tx: Transaction, userId: string, limit: number): Promise<string[]> {
  const erased = await tx.rows<{ postId: string }>(sql`
    DELETE FROM likes WHERE user_id = ${userId} AND post_id IN (
      SELECT post_id FROM likes WHERE user_id = ${userId} LIMIT ${limit})
    RETURNING post_id AS "postId"`);
  const postIds = erased.map(({ postId }) => postId);
  await tx.run(sql`
    SELECT FROM post_like_counters WHERE post_id = ANY(${postIds}::uuid[]) ORDER BY post_id FOR NO KEY UPDATE`);
  await tx.run(sql`UPDATE post_like_counters SET likes = likes - 1 WHERE post_id = ANY(${postIds}::uuid[])`);
  for (const postId of postIds) tx.changed(LIKE_COUNT_COPIES.name, postId);
  return postIds;
}

/** What came of setting a like. */
export interface LikeSet {
  readonly isVisible: boolean;
  readonly hasChanged: boolean;
}

/** Adds or removes a like of a post that the viewer may see, and moves the counter by what has really changed. */
export async function set(
  tx: Transaction,
  postId: string,
  viewer: Viewer,
  liked: boolean,
  now: string,
): Promise<LikeSet> {
  const change = liked
    ? sql`
      INSERT INTO likes (post_id, user_id, created_at) SELECT id, ${viewer.userId}::uuid, ${now}::timestamptz FROM post
      ON CONFLICT (post_id, user_id) DO NOTHING RETURNING post_id`
    : sql`
      DELETE FROM likes WHERE post_id = (SELECT id FROM post) AND user_id = ${viewer.userId} RETURNING post_id`;
  const count = liked
    ? sql`
      INSERT INTO post_like_counters AS c (post_id, likes) SELECT post_id, 1 FROM changed
      ON CONFLICT (post_id) DO UPDATE SET likes = c.likes + 1`
    : sql`
      UPDATE post_like_counters c SET likes = c.likes - 1 FROM changed WHERE c.post_id = changed.post_id`;
  const row = await tx.row<LikeSet>(sql`
    WITH post AS MATERIALIZED (
      SELECT p.id FROM posts p JOIN users a ON a.id = p.author_id
      WHERE p.id = ${postId} AND ${postIsVisible('p', 'a', viewer)}
    ), changed AS (${change}), counted AS (${count})
    SELECT EXISTS (SELECT FROM post) AS "isVisible", EXISTS (SELECT FROM changed) AS "hasChanged"`);
  if (row?.hasChanged) tx.changed(LIKE_COUNT_COPIES.name, postId);
  return row as LikeSet;
}
