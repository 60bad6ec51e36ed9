import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { Executor } from '../../platform/postgres/database';
import { empty, identifier, raw, type Statement, sql } from '../../platform/postgres/sql';
import { accountIsOpen, countHidden } from '../visibility';
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
  const isMine = (state: FollowState) => sql`COALESCE(mine.state = ${raw(`'${state}'`)}, FALSE)`;
  return sql`${userId} AS ${name('userId')},
    ${isMine('accepted')} AS ${name('following')}, ${isMine('requested')} AS ${name('requested')},
    EXISTS (SELECT FROM follows WHERE follower_id = ${userId} AND followee_id = ${v} AND state = 'accepted') AS ${name('followedBy')},
    EXISTS (SELECT FROM blocks WHERE blocker_id = ${v} AND blocked_id = ${userId}) AS ${name('blocking')},
    EXISTS (SELECT FROM mutes WHERE muter_id = ${v} AND muted_id = ${userId}) AS ${name('muting')}`;
}

/** Joins, as `mine`, the viewer's follow of the person whose id stands in a column, or request to follow. */
function joinMine(userId: Statement, viewer: Viewer): Statement {
  return sql`LEFT JOIN LATERAL (
    SELECT state FROM follows WHERE follower_id = ${viewer.userId} AND followee_id = ${userId} OFFSET 0) mine ON TRUE`;
}

/** Brings along with a person what `findStandings` finds, as `standing`; nothing for an anonymous viewer. */
export const STANDING_ALONG = {
  columns: (user: string, viewer: MaybeViewer) =>
    viewer ? standingColumns(identifier(`${user}.id`), viewer, 'standing.') : sql`NULL AS standing`,
  joins: (user: string, viewer: MaybeViewer) => (viewer ? joinMine(identifier(`${user}.id`), viewer) : empty),
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
    SELECT ${standingColumns(identifier('u.id'), viewer, '')}
    FROM unnest(${userIds}::uuid[]) AS u(id) ${joinMine(identifier('u.id'), viewer)}`);
}

/** Both counters of `c` without the people who are hidden from the viewer. */
function countColumns(viewer: MaybeViewer): Statement {
  const hidden = (owner: string, other: string) =>
    countHidden(
      viewer,
      (id) => sql`SELECT FROM follows
        WHERE ${identifier(owner)} = c.user_id AND ${identifier(other)} = ${id} AND state = 'accepted'`,
    );
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
