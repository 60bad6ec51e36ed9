import { type Accompanied, ALONE, type Along } from '../../graphql/companions';
import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { AudiencePage } from '../../platform/changelog/audience';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { empty, identifier, isOneOf, type Statement, sql } from '../../platform/postgres/sql';
import { type UserRow, userColumns } from '../accounts';
import { accountIsOpen, userIsListed, userIsReachable } from '../visibility';
import type { FollowState } from './relationship.entity';
import type { Blocks } from './relationship.policy';

/** A person in a list, with when they came into it. */
export type ListedUser = Accompanied<UserRow> & PageRow & { readonly listedAt: string };

/** How two people stand right now, for a transaction that has locked the pair. */
export interface Pair extends Blocks {
  readonly followState: FollowState | null;
  readonly otherIsPrivate: boolean;
  readonly mutedBy: boolean;
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

/**
 * Keeps the other's account as private or as open as it is until the transaction ends: whoever opens it waits, and then
 * finds the request that was made of it.
 */
export function findPair(tx: Transaction, viewerId: string, otherId: string): Promise<Pair | null> {
  return tx.row(sql`
    SELECT u.private AS "otherIsPrivate",
      (SELECT state FROM follows WHERE follower_id = ${viewerId} AND followee_id = u.id) AS "followState",
      EXISTS (SELECT FROM blocks WHERE blocker_id = ${viewerId} AND blocked_id = u.id) AS blocking,
      EXISTS (SELECT FROM blocks WHERE blocker_id = u.id AND blocked_id = ${viewerId}) AS "blockedBy",
      EXISTS (SELECT FROM mutes WHERE muter_id = u.id AND muted_id = ${viewerId}) AS "mutedBy"
    FROM users u WHERE u.id = ${otherId} AND u.deleted_at IS NULL FOR SHARE OF u`);
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

/** Removes a follow or a request; answers which, or null when there is neither. */
export async function deleteFollow(
  tx: Transaction,
  followerId: string,
  followeeId: string,
): Promise<FollowState | null> {
  const gone = await tx.row<{ state: FollowState }>(sql`
    DELETE FROM follows WHERE follower_id = ${followerId} AND followee_id = ${followeeId} RETURNING state`);
  if (gone?.state === 'accepted') await countFollow(tx, followerId, followeeId, -1);
  return gone?.state ?? null;
}

async function countFollow(tx: Transaction, followerId: string, followeeId: string, by: 1 | -1): Promise<void> {
  await tx.run(sql`
    UPDATE relationship_counters SET
      following = following + CASE WHEN user_id = ${followerId} THEN ${by}::integer ELSE 0 END,
      followers = followers + CASE WHEN user_id = ${followeeId} THEN ${by}::integer ELSE 0 END
    WHERE user_id IN (${followerId}, ${followeeId})`);
}

/** False when it was so already. */
export async function setBlock(tx: Transaction, viewerId: string, otherId: string, blocking: boolean, now: string) {
  const changed = await tx.run(
    blocking
      ? sql`INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (${viewerId}, ${otherId}, ${now})
          ON CONFLICT (blocker_id, blocked_id) DO NOTHING`
      : sql`DELETE FROM blocks WHERE blocker_id = ${viewerId} AND blocked_id = ${otherId}`,
  );
  return changed === 1;
}

/** False when it was so already. */
export async function setMute(tx: Transaction, viewerId: string, otherId: string, muting: boolean, now: string) {
  const changed = await tx.run(
    muting
      ? sql`INSERT INTO mutes (muter_id, muted_id, created_at) VALUES (${viewerId}, ${otherId}, ${now})
          ON CONFLICT (muter_id, muted_id) DO NOTHING`
      : sql`DELETE FROM mutes WHERE muter_id = ${viewerId} AND muted_id = ${otherId}`,
  );
  return changed === 1;
}

/** All accepted followers, hidden or not: for deciding how to deliver, never for showing. */
export async function countFollowers(executor: Executor, userId: string): Promise<number> {
  const row = await executor.row<{ followers: number }>(sql`
    SELECT followers FROM relationship_counters WHERE user_id = ${userId}`);
  return row?.followers ?? 0;
}

/** Accepted followers in the order in which they came, hidden or not: for delivering, never for showing. */
export async function pageFollowers(
  executor: Executor,
  userId: string,
  after: string | null,
  limit: number,
): Promise<AudiencePage> {
  const [since, id] = after?.split('/') ?? [];
  const seek = after === null ? empty : sql`AND (created_at, follower_id) > (${since}, ${id})`;
  const rows = await executor.rows<{ id: string; place: string }>(sql`
    SELECT follower_id AS id, created_at::text || '/' || follower_id AS place FROM follows
    WHERE followee_id = ${userId} AND state = 'accepted' ${seek} ORDER BY created_at, follower_id LIMIT ${limit}`);
  return { viewerIds: rows.map((row) => row.id), next: rows[limit - 1]?.place ?? null };
}

/** The lists of people that a person has. Those of a private account are for those to whom it is open. */
export type PeopleList = 'followers' | 'following' | 'requests' | 'asked' | 'blocks' | 'mutes';

interface ListSource {
  readonly table: Statement;
  /** Whose list it is. */
  readonly owner: Statement;
  /** Who stands in it. */
  readonly listed: Statement;
  /** Which rows of the table belong to it. */
  readonly entries: Statement;
  /** Which people are shown, `u`. */
  readonly shown: (viewer: MaybeViewer) => Statement;
  /** Whose list is open to the viewer, `o`. */
  readonly open: (viewer: MaybeViewer) => Statement;
}

const everybodys = () => sql`TRUE`;
const followsWhere = (state: FollowState, owner: string, listed: string, open: ListSource['open']): ListSource => ({
  table: identifier('follows'),
  owner: identifier(owner),
  listed: identifier(listed),
  entries: sql`x.state = ${state}`,
  shown: (viewer) => userIsListed('u', viewer),
  open,
});
const openAccounts: ListSource['open'] = (viewer) =>
  sql`${userIsReachable('o', viewer)} AND ${accountIsOpen('o', viewer)}`;

const LISTS: Record<PeopleList, ListSource> = {
  followers: followsWhere('accepted', 'followee_id', 'follower_id', openAccounts),
  following: followsWhere('accepted', 'follower_id', 'followee_id', openAccounts),
  requests: followsWhere('requested', 'followee_id', 'follower_id', everybodys),
  asked: followsWhere('requested', 'follower_id', 'followee_id', everybodys),
  blocks: {
    table: identifier('blocks'),
    owner: identifier('blocker_id'),
    listed: identifier('blocked_id'),
    entries: sql`TRUE`,
    shown: (viewer) => userIsReachable('u', viewer),
    open: everybodys,
  },
  mutes: {
    table: identifier('mutes'),
    owner: identifier('muter_id'),
    listed: identifier('muted_id'),
    entries: sql`TRUE`,
    shown: (viewer) => userIsListed('u', viewer),
    open: everybodys,
  },
};

/**
 * The same page of one kind of list of many people, newest first: one index range per owner. Requests, asked or to be
 * answered, blocks and mutes are for their owner's eyes; whoever calls this has made sure of that.
 */
export function pagePeople(
  executor: Executor,
  viewer: MaybeViewer,
  list: PeopleList,
  ownerIds: readonly string[],
  { limit, after }: PageShape,
  along: Along = ALONE,
): Promise<ListedUser[]> {
  const { table, owner, listed, entries, shown, open } = LISTS[list];
  const seek = after ? sql`AND (x.created_at, x.${listed}) < (${after[0]}, ${after[1]})` : empty;
  // A limit that the planner cannot see: of a list that it takes for no longer than a page, it reads all and sorts.
  // OFFSET 0 keeps the person a look-up per entry: as a join, PostgreSQL reads and sorts the whole list for one page.
  return executor.rows(sql`
    SELECT ${userColumns('x', 'node', along.extent)}, x."listedAt", o.id AS "parentId" ${along.columns('x')} FROM users o
    CROSS JOIN LATERAL (
      SELECT u.*, x.created_at AS "listedAt"
      FROM ${table} x CROSS JOIN LATERAL (
        SELECT u.* FROM users u WHERE u.id = x.${listed} AND ${shown(viewer)} OFFSET 0
      ) u
      WHERE x.${owner} = o.id AND ${entries} ${seek}
      ORDER BY x.created_at DESC, x.${listed} DESC LIMIT (SELECT ${limit + 1}::integer)
    ) x ${along.joins('x')}
    WHERE ${isOneOf('o.id', ownerIds)} AND ${open(viewer)}`);
}

/** The next people whose request waits, oldest first. */
export async function findRequesters(executor: Executor, userId: string, limit: number): Promise<string[]> {
  const rows = await executor.rows<{ followerId: string }>(sql`
    SELECT follower_id AS "followerId" FROM follows
    WHERE followee_id = ${userId} AND state = 'requested' ORDER BY created_at, follower_id LIMIT ${limit}`);
  return rows.map((row) => row.followerId);
}
