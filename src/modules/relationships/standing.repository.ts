import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { Executor } from '../../platform/postgres/database';
import { identifier, raw, type Statement, sql } from '../../platform/postgres/sql';
import { accountIsOpen, hiddenPeople, viewerFollows } from '../visibility';
import type { FollowState } from './relationship.entity';

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

/** How the viewer stands to the person whose id stands in a column, as columns of which the names begin with `under`. */
function standingColumns(userId: Statement, viewer: Viewer, under: string): Statement {
  const v = viewer.userId;
  const name = (property: keyof Standing) => raw(`"${under}${property}"`);
  const mine = (state: FollowState) => sql`EXISTS (
    SELECT FROM follows WHERE follower_id = ${v} AND followee_id = ${userId} AND state = ${raw(`'${state}'`)})`;
  return sql`${userId} AS ${name('userId')},
    ${mine('accepted')} AS ${name('following')}, ${mine('requested')} AS ${name('requested')},
    EXISTS (SELECT FROM follows WHERE follower_id = ${userId} AND followee_id = ${v} AND state = 'accepted') AS ${name('followedBy')},
    EXISTS (SELECT FROM blocks WHERE blocker_id = ${v} AND blocked_id = ${userId}) AS ${name('blocking')},
    EXISTS (SELECT FROM mutes WHERE muter_id = ${v} AND muted_id = ${userId}) AS ${name('muting')}`;
}

/** Brings along with a person what `findStandings` finds, as `standing`; nothing for an anonymous viewer. */
export const STANDING_ALONG = {
  columns: (user: string, viewer: MaybeViewer) =>
    viewer ? standingColumns(identifier(`${user}.id`), viewer, 'standing.') : sql`NULL AS standing`,
};

/** Brings along with a person whether `findFollowed` would find them, as `followed`. */
export const FOLLOWED_ALONG = {
  columns: (user: string, viewer: MaybeViewer) => sql`${viewerFollows(user, viewer)} AS followed`,
};

/** Brings along with a person what `findCounts` finds, as `relationshipCounts`, its numbers null where that finds nothing. */
export const COUNTS_ALONG = {
  columns: () => sql`tie.followers AS "relationshipCounts.followers", tie.following AS "relationshipCounts.following"`,
  joins: (user: string, viewer: MaybeViewer) => sql`LEFT JOIN LATERAL (
    SELECT ${countColumns(viewer)} FROM relationship_counters c
    WHERE c.user_id = ${identifier(`${user}.id`)} AND ${accountIsOpen(user, viewer)} OFFSET 0) tie ON TRUE`,
};

export function findStandings(executor: Executor, viewer: Viewer, userIds: readonly string[]): Promise<Standing[]> {
  return executor.rows(sql`
    SELECT ${standingColumns(identifier('u.id'), viewer, '')} FROM unnest(${userIds}::uuid[]) AS u(id)`);
}

/** Both counters of `c` without the people who are hidden from the viewer. */
function countColumns(viewer: MaybeViewer): Statement {
  // One look-up per hidden person: as a condition on the follows, PostgreSQL reads all of a much followed account.
  const hidden = (owner: string, other: string) => sql`(
    SELECT COALESCE(sum(found.n), 0)::bigint FROM ${hiddenPeople(viewer)} AS hidden (id) CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM follows
      WHERE ${identifier(owner)} = c.user_id AND ${identifier(other)} = hidden.id AND state = 'accepted') found)`;
  return sql`c.followers - ${hidden('followee_id', 'follower_id')} AS followers,
    c.following - ${hidden('follower_id', 'followee_id')} AS following`;
}

/** Counters without the people who are hidden from the viewer; none of an account whose lists are closed to them. */
export function findCounts(
  executor: Executor,
  viewer: MaybeViewer,
  userIds: readonly string[],
): Promise<RelationshipCounts[]> {
  return executor.rows(sql`
    SELECT c.user_id AS "userId", ${countColumns(viewer)} FROM relationship_counters c JOIN users u ON u.id = c.user_id
    WHERE c.user_id = ANY(${userIds}::uuid[]) AND ${accountIsOpen('u', viewer)}`);
}

/** Those of the given people whose content is open to the viewer as to an accepted follower. */
export async function findFollowed(executor: Executor, viewer: MaybeViewer, userIds: readonly string[]) {
  const rows = await executor.rows<{ id: string }>(sql`
    SELECT u.id FROM users u WHERE u.id = ANY(${userIds}::uuid[]) AND ${viewerFollows('u', viewer)}`);
  return new Set(rows.map((row) => row.id));
}
