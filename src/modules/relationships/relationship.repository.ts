import type { PageRequest } from '../../graphql/connection';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { empty, identifier, type Statement, sql } from '../../platform/postgres/sql';
import { type UserRow, userColumns } from '../accounts';
import { accountIsOpen, hiddenPeople, userIsListed, userIsReachable, viewerFollows } from '../visibility';
import type { FollowState } from './relationship.entity';
import type { Blocks } from './relationship.policy';

/** How one person stands to another, seen from the first. */
export interface Standing {
  readonly userId: string;
  readonly following: boolean;
  readonly followedBy: boolean;
  readonly requested: boolean;
  readonly blocking: boolean;
  readonly muting: boolean;
}

export interface RelationshipCounts {
  readonly userId: string;
  readonly followers: number;
  readonly following: number;
}

/** A person in a list, with when they came into it. */
export type ListedUser = UserRow & { readonly listedAt: string };

/** How two people stand right now, for a transaction that has locked the pair. */
export interface Pair extends Blocks {
  readonly followState: FollowState | null;
  readonly otherIsPrivate: boolean;
}

/**
 * Locks the counters of two people, in one order for everybody, so that whatever happens between any two people
 * happens one after the other and never deadlocks.
 */
export async function lockPair(tx: Transaction, one: string, other: string): Promise<void> {
  const [first, second] = [one, other].sort();
  await tx.run(sql`
    INSERT INTO relationship_counters (user_id) VALUES (${first}), (${second}) ON CONFLICT (user_id) DO NOTHING`);
  await tx.run(sql`
    SELECT FROM relationship_counters WHERE user_id IN (${first}, ${second}) ORDER BY user_id FOR UPDATE`);
}

export function findPair(tx: Transaction, viewerId: string, otherId: string): Promise<Pair | null> {
  return tx.row(sql`
    SELECT u.private AS "otherIsPrivate",
      (SELECT state FROM follows WHERE follower_id = ${viewerId} AND followee_id = u.id) AS "followState",
      EXISTS (SELECT FROM blocks WHERE blocker_id = ${viewerId} AND blocked_id = u.id) AS blocking,
      EXISTS (SELECT FROM blocks WHERE blocker_id = u.id AND blocked_id = ${viewerId}) AS "blockedBy"
    FROM users u WHERE u.id = ${otherId} AND u.deleted_at IS NULL`);
}

export async function isReachable(executor: Executor, viewer: Viewer, userId: string): Promise<boolean> {
  const row = await executor.row(sql`
    SELECT 1 FROM users u WHERE u.id = ${userId} AND ${userIsReachable('u', viewer)}`);
  return row !== null;
}

export async function insertFollow(
  tx: Transaction,
  follow: { followerId: string; followeeId: string; state: FollowState; now: string },
): Promise<void> {
  await tx.run(sql`
    INSERT INTO follows (follower_id, followee_id, state, created_at)
    VALUES (${follow.followerId}, ${follow.followeeId}, ${follow.state}, ${follow.now})`);
  if (follow.state === 'accepted') await countFollow(tx, follow.followerId, follow.followeeId, 1);
}

/** Turns a request into a follow; false when there is no request. */
export async function acceptFollow(
  tx: Transaction,
  followerId: string,
  followeeId: string,
  now: string,
): Promise<boolean> {
  const accepted = await tx.run(sql`
    UPDATE follows SET state = 'accepted', created_at = ${now}
    WHERE follower_id = ${followerId} AND followee_id = ${followeeId} AND state = 'requested'`);
  if (accepted === 1) await countFollow(tx, followerId, followeeId, 1);
  return accepted === 1;
}

/** Removes a follow or a request; false when there is none. */
export async function deleteFollow(tx: Transaction, followerId: string, followeeId: string): Promise<boolean> {
  const gone = await tx.row<{ state: FollowState }>(sql`
    DELETE FROM follows WHERE follower_id = ${followerId} AND followee_id = ${followeeId} RETURNING state`);
  if (gone?.state === 'accepted') await countFollow(tx, followerId, followeeId, -1);
  return gone !== null;
}

async function countFollow(tx: Transaction, followerId: string, followeeId: string, by: 1 | -1): Promise<void> {
  await tx.run(sql`
    UPDATE relationship_counters SET
      following = following + CASE WHEN user_id = ${followerId} THEN ${by}::integer ELSE 0 END,
      followers = followers + CASE WHEN user_id = ${followeeId} THEN ${by}::integer ELSE 0 END
    WHERE user_id IN (${followerId}, ${followeeId})`);
}

export async function setBlock(tx: Transaction, viewerId: string, otherId: string, blocking: boolean, now: string) {
  await tx.run(
    blocking
      ? sql`INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (${viewerId}, ${otherId}, ${now})
          ON CONFLICT (blocker_id, blocked_id) DO NOTHING`
      : sql`DELETE FROM blocks WHERE blocker_id = ${viewerId} AND blocked_id = ${otherId}`,
  );
}

export async function setMute(tx: Transaction, viewerId: string, otherId: string, muting: boolean, now: string) {
  await tx.run(
    muting
      ? sql`INSERT INTO mutes (muter_id, muted_id, created_at) VALUES (${viewerId}, ${otherId}, ${now})
          ON CONFLICT (muter_id, muted_id) DO NOTHING`
      : sql`DELETE FROM mutes WHERE muter_id = ${viewerId} AND muted_id = ${otherId}`,
  );
}

export function findStandings(executor: Executor, viewer: Viewer, userIds: readonly string[]): Promise<Standing[]> {
  const v = viewer.userId;
  return executor.rows(sql`
    SELECT u.id AS "userId",
      COALESCE(mine.state = 'accepted', FALSE) AS following,
      COALESCE(mine.state = 'requested', FALSE) AS requested,
      EXISTS (SELECT FROM follows WHERE follower_id = u.id AND followee_id = ${v} AND state = 'accepted') AS "followedBy",
      EXISTS (SELECT FROM blocks WHERE blocker_id = ${v} AND blocked_id = u.id) AS blocking,
      EXISTS (SELECT FROM mutes WHERE muter_id = ${v} AND muted_id = u.id) AS muting
    FROM unnest(${userIds}::uuid[]) AS u(id)
    LEFT JOIN follows mine ON mine.follower_id = ${v} AND mine.followee_id = u.id`);
}

/** Counters without the people whom a block hides from the viewer. */
export function findCounts(
  executor: Executor,
  viewer: MaybeViewer,
  userIds: readonly string[],
): Promise<RelationshipCounts[]> {
  const hidden = hiddenPeople(viewer);
  const hiddenFollowers = hidden
    ? sql`(SELECT count(*) FROM follows WHERE followee_id = c.user_id AND state = 'accepted' AND follower_id IN ${hidden})`
    : sql`0`;
  const hiddenFollowing = hidden
    ? sql`(SELECT count(*) FROM follows WHERE follower_id = c.user_id AND state = 'accepted' AND followee_id IN ${hidden})`
    : sql`0`;
  return executor.rows(sql`
    SELECT c.user_id AS "userId", c.followers - ${hiddenFollowers} AS followers, c.following - ${hiddenFollowing} AS following
    FROM relationship_counters c WHERE c.user_id = ANY(${userIds}::uuid[])`);
}

/** All accepted followers, hidden or not: for deciding how to deliver, never for showing. */
export async function countFollowers(executor: Executor, userId: string): Promise<number> {
  const row = await executor.row<{ followers: number }>(sql`
    SELECT followers FROM relationship_counters WHERE user_id = ${userId}`);
  return row?.followers ?? 0;
}

/** Those of the given people whose content is open to the viewer as to an accepted follower. */
export async function findFollowed(executor: Executor, viewer: MaybeViewer, userIds: readonly string[]) {
  const rows = await executor.rows<{ id: string }>(sql`
    SELECT u.id FROM users u WHERE u.id = ANY(${userIds}::uuid[]) AND ${viewerFollows('u', viewer)}`);
  return new Set(rows.map((row) => row.id));
}

/** Newest first. Empty when the list belongs to a private account that is not open to the viewer. */
export function pageFollowers(executor: Executor, viewer: MaybeViewer, ownerId: string, page: PageRequest) {
  return pageFollows(executor, viewer, page, { owner: 'followee_id', ownerId, listed: 'follower_id' });
}

/** Newest first. Empty when the list belongs to a private account that is not open to the viewer. */
export function pageFollowing(executor: Executor, viewer: MaybeViewer, ownerId: string, page: PageRequest) {
  return pageFollows(executor, viewer, page, { owner: 'follower_id', ownerId, listed: 'followee_id' });
}

function pageFollows(
  executor: Executor,
  viewer: MaybeViewer,
  page: PageRequest,
  side: { owner: string; ownerId: string; listed: string },
): Promise<ListedUser[]> {
  return pagePeople(executor, page, {
    table: 'follows',
    listed: side.listed,
    where: sql`x.${identifier(side.owner)} = ${side.ownerId} AND x.state = 'accepted' AND ${userIsListed('u', viewer)}
      AND EXISTS (SELECT FROM users o WHERE o.id = ${side.ownerId}
        AND ${userIsReachable('o', viewer)} AND ${accountIsOpen('o', viewer)})`,
  });
}

/** People who wait for the viewer's answer, newest first. */
export function pageRequests(executor: Executor, viewer: Viewer, page: PageRequest): Promise<ListedUser[]> {
  return pagePeople(executor, page, {
    table: 'follows',
    listed: 'follower_id',
    where: sql`x.followee_id = ${viewer.userId} AND x.state = 'requested' AND ${userIsListed('u', viewer)}`,
  });
}

export function pageBlocks(executor: Executor, viewer: Viewer, page: PageRequest): Promise<ListedUser[]> {
  return pagePeople(executor, page, {
    table: 'blocks',
    listed: 'blocked_id',
    where: sql`x.blocker_id = ${viewer.userId} AND ${userIsReachable('u', viewer)}`,
  });
}

export function pageMutes(executor: Executor, viewer: Viewer, page: PageRequest): Promise<ListedUser[]> {
  return pagePeople(executor, page, {
    table: 'mutes',
    listed: 'muted_id',
    where: sql`x.muter_id = ${viewer.userId} AND ${userIsListed('u', viewer)}`,
  });
}

function pagePeople(
  executor: Executor,
  { limit, after }: PageRequest,
  list: { table: string; listed: string; where: Statement },
): Promise<ListedUser[]> {
  const listed = sql`x.${identifier(list.listed)}`;
  const seek = after ? sql`AND (x.created_at, ${listed}) < (${after[0]}, ${after[1]})` : empty;
  return executor.rows(sql`
    SELECT ${userColumns('u')}, x.created_at AS "listedAt"
    FROM ${identifier(list.table)} x JOIN users u ON u.id = ${listed}
    WHERE ${list.where} ${seek}
    ORDER BY x.created_at DESC, ${listed} DESC LIMIT ${limit + 1}`);
}

/** The next people whose request waits, oldest first. */
export async function findRequesters(executor: Executor, userId: string, limit: number): Promise<string[]> {
  const rows = await executor.rows<{ followerId: string }>(sql`
    SELECT follower_id AS "followerId" FROM follows
    WHERE followee_id = ${userId} AND state = 'requested' ORDER BY created_at, follower_id LIMIT ${limit}`);
  return rows.map((row) => row.followerId);
}
