import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { Executor } from '../../platform/postgres/database';
import type { Extent } from '../../platform/postgres/mapping';
import { definePart, partOf } from '../../platform/postgres/row-reader';
import { empty, identifier, raw, type Statement, sql } from '../../platform/postgres/sql';
import { accountIsOpen, countHidden, viewerBlocks } from '../visibility';
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

/** The kind of a standing that says no more than whether the viewer follows the person and blocks them. */
const PART = 'standing';
definePart(PART, ['userId', 'following', 'blocking'], ['followedBy', 'requested', 'muting']);

/** How the viewer stands to a person under an alias with the column `id`, as columns of which the names begin with `under`. */
function standingColumns(user: string, viewer: Viewer, under: string, extent: Extent): Statement {
  const v = viewer.userId;
  const userId = identifier(`${user}.id`);
  const name = (property: keyof Standing) => {
    const path = `${under}${property}`;
    return raw(`"${extent === 'part' ? partOf(PART, path) : path}"`);
  };
  const isMine = (state: FollowState) => sql`COALESCE(mine.state = ${raw(`'${state}'`)}, FALSE)`;
  const part = sql`${userId} AS ${name('userId')}, ${isMine('accepted')} AS ${name('following')},
    ${viewerBlocks(user, viewer)} AS ${name('blocking')}`;
  if (extent === 'part') return part;
  return sql`${part}, ${isMine('requested')} AS ${name('requested')},
    EXISTS (SELECT FROM follows WHERE follower_id = ${userId} AND followee_id = ${v} AND state = 'accepted') AS ${name('followedBy')},
    EXISTS (SELECT FROM mutes WHERE muter_id = ${v} AND muted_id = ${userId}) AS ${name('muting')}`;
}

/** Joins, as `mine`, the viewer's follow of the person under an alias, or request to follow. */
function joinMine(user: string, viewer: Viewer): Statement {
  return sql`LEFT JOIN LATERAL (
    SELECT state FROM follows
    WHERE follower_id = ${viewer.userId} AND followee_id = ${identifier(`${user}.id`)} OFFSET 0) mine ON TRUE`;
}

/** Brings along with a person what `findStandings` finds, as `standing`; nothing for an anonymous viewer. */
export const STANDING_ALONG = {
  columns: (user: string, viewer: MaybeViewer, extent: Extent) =>
    viewer ? standingColumns(user, viewer, 'standing.', extent) : sql`NULL AS standing`,
  joins: (user: string, viewer: MaybeViewer) => (viewer ? joinMine(user, viewer) : empty),
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
    SELECT ${standingColumns('u', viewer, '', 'whole')}
    FROM unnest(${userIds}::uuid[]) AS u(id) ${joinMine('u', viewer)}`);
}

/** Both counters of `c` without the people who are hidden from the viewer. */
function countColumns(viewer: MaybeViewer): Statement {
  const owner = identifier('c.user_id');
  return sql`c.followers - ${countHidden(viewer, 'followers', owner)} AS followers,
    c.following - ${countHidden(viewer, 'followed', owner)} AS following`;
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
