import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { empty, identifier, sql } from '../../platform/postgres/sql';
import { type UserRow, userColumns } from '../accounts';
import { userIsListed, userIsReachable, viewerFollows } from '../visibility';
import type { MemberState } from './conversation.entity';

/** Somebody whom the viewer wants to talk to. */
export interface Candidate {
  readonly id: string;
  readonly blocking: boolean;
  /** They follow the viewer, so they are not asked whether they want to be talked to. */
  readonly followsViewer: boolean;
}

/** Those of the given people whose profile the viewer may open; nobody deletes their accounts until the transaction ends. */
export function findCandidates(tx: Transaction, viewer: Viewer, ids: readonly string[]): Promise<Candidate[]> {
  return tx.rows(sql`
    SELECT u.id, NOT ${userIsListed('u', viewer)} AS blocking,
      ${viewerFollows('me', { userId: identifier('u.id') })} AS "followsViewer"
    FROM users u JOIN users me ON me.id = ${viewer.userId}
    WHERE u.id = ANY(${ids}::uuid[]) AND ${userIsReachable('u', viewer)} FOR KEY SHARE OF u`);
}

/** In which state each of the given people is, of those who ever were in the conversation. */
export async function findStates(
  executor: Executor,
  conversationId: string,
  userIds: readonly string[],
): Promise<Map<string, MemberState>> {
  const rows = await executor.rows<{ userId: string; state: MemberState }>(sql`
    SELECT user_id AS "userId", state FROM conversation_members
    WHERE conversation_id = ${conversationId} AND user_id = ANY(${userIds}::uuid[])`);
  return new Map(rows.map((row) => [row.userId, row.state]));
}

/** Everybody for whom the conversation is there. */
export async function findPresent(executor: Executor, conversationId: string): Promise<string[]> {
  const rows = await executor.rows<{ userId: string }>(sql`
    SELECT user_id AS "userId" FROM conversation_members
    WHERE conversation_id = ${conversationId} AND state IN ('active', 'requested')`);
  return rows.map((row) => row.userId);
}

/** How many are in it for the others: a request that was declined looks like one that waits. */
export async function countMembers(executor: Executor, conversationId: string): Promise<number> {
  const row = await executor.row<{ members: number }>(sql`
    SELECT count(*)::integer AS members FROM conversation_members
    WHERE conversation_id = ${conversationId} AND state <> 'left'`);
  return row?.members ?? 0;
}

export interface Joining {
  readonly conversationId: string;
  /** They read what comes behind this number. */
  readonly fromSeq: number;
  readonly now: string;
  readonly members: readonly { readonly userId: string; readonly state: MemberState }[];
}

/** Begins a membership of each, also of those who have left before; what they could read then they can read again. */
export async function join(tx: Transaction, { conversationId, fromSeq, now, members }: Joining): Promise<void> {
  await tx.run(sql`
    WITH joining AS (
      INSERT INTO conversation_members AS m (conversation_id, user_id, state, from_seq, last_read_seq,
        last_received_seq, joined_at, last_activity_at)
      SELECT ${conversationId}::uuid, j.user_id, j.state, seq.start, seq.start, seq.start, ${now}::timestamptz, ${now}::timestamptz
      FROM unnest(${members.map((each) => each.userId)}::uuid[], ${members.map((each) => each.state)}::text[]) AS j(user_id, state),
        (VALUES (${fromSeq}::integer)) AS seq(start)
      ON CONFLICT (conversation_id, user_id) DO UPDATE SET state = EXCLUDED.state, from_seq = EXCLUDED.from_seq,
        last_read_seq = EXCLUDED.last_read_seq, last_received_seq = EXCLUDED.last_received_seq,
        joined_at = EXCLUDED.joined_at, last_activity_at = EXCLUDED.last_activity_at
      RETURNING conversation_id, user_id, from_seq
    )
    INSERT INTO membership_intervals (conversation_id, user_id, from_seq)
    SELECT conversation_id, user_id, from_seq FROM joining
    ON CONFLICT (conversation_id, user_id, from_seq) DO UPDATE SET until_seq = NULL`);
}

/** Ends a membership at the present number, under the lock of the conversation. */
export async function leave(tx: Transaction, conversationId: string, userId: string, lastSeq: number): Promise<void> {
  await setState(tx, conversationId, userId, 'left');
  await tx.run(sql`
    UPDATE membership_intervals SET until_seq = ${lastSeq}::integer
    WHERE conversation_id = ${conversationId} AND user_id = ${userId} AND until_seq IS NULL`);
}

export async function setState(tx: Transaction, conversationId: string, userId: string, state: MemberState) {
  await tx.run(sql`
    UPDATE conversation_members SET state = ${state}
    WHERE conversation_id = ${conversationId} AND user_id = ${userId}`);
}

export async function setMuted(tx: Transaction, conversationId: string, userId: string, muted: boolean): Promise<void> {
  await tx.run(sql`
    UPDATE conversation_members SET muted = ${muted}
    WHERE conversation_id = ${conversationId} AND user_id = ${userId}`);
}

/** Moves the read position forward; false when it stands there or beyond already. */
export async function markRead(tx: Transaction, conversationId: string, userId: string, seq: number): Promise<boolean> {
  const moved = await tx.run(sql`
    UPDATE conversation_members SET last_read_seq = ${seq}::integer
    WHERE conversation_id = ${conversationId} AND user_id = ${userId} AND last_read_seq < ${seq}::integer`);
  return moved === 1;
}

/** Whom a message reaches. */
export interface Receiver {
  readonly userId: string;
  readonly state: MemberState;
  /** It may be shown to them. */
  readonly reads: boolean;
}

/**
 * Tells every member's row of a new message: their conversation has become lively and has something unread, the
 * sender's own is read where nothing before it was not, and a request that its recipient answers is accepted by that.
 */
export function receive(
  tx: Transaction,
  message: { conversationId: string; seq: number; senderId: string; sentAt: string },
): Promise<Receiver[]> {
  const { conversationId, seq, senderId, sentAt } = message;
  const listed = userIsListed('s', { userId: identifier('m.user_id') });
  return tx.rows(sql`
    UPDATE conversation_members m SET
      state = CASE WHEN m.user_id = s.id AND m.state = 'requested' THEN 'active' ELSE m.state END,
      last_received_seq = CASE WHEN m.user_id = s.id THEN m.last_received_seq ELSE ${seq}::integer END,
      last_read_seq = CASE WHEN m.user_id = s.id AND m.last_read_seq = ${seq}::integer - 1 THEN ${seq}::integer ELSE m.last_read_seq END,
      last_activity_at = CASE WHEN ${listed} THEN GREATEST(m.last_activity_at, ${sentAt}::timestamptz) ELSE m.last_activity_at END
    FROM users s
    WHERE s.id = ${senderId} AND m.conversation_id = ${conversationId} AND m.state <> 'left'
    RETURNING m.user_id AS "userId", m.state, m.state IN ('active', 'requested') AND ${listed} AS reads`);
}

/**
 * Those who have left a conversation and may come back, each with whether they follow this person; nobody deletes their
 * accounts until the transaction ends.
 */
export function findLeft(
  tx: Transaction,
  conversationId: string,
  followeeId: string,
): Promise<{ userId: string; follows: boolean }[]> {
  return tx.rows(sql`
    SELECT m.user_id AS "userId", ${viewerFollows('f', { userId: identifier('m.user_id') })} AS follows
    FROM conversation_members m JOIN users f ON f.id = ${followeeId} JOIN users u ON u.id = m.user_id
    WHERE m.conversation_id = ${conversationId} AND m.state = 'left' AND u.deleted_at IS NULL FOR KEY SHARE OF u`);
}

/** A person in a conversation, with when they joined. */
export type Participant = UserRow & PageRow & { readonly joinedAt: string };

/**
 * The same page of the people in many conversations that the viewer has been found to see, first come, first shown.
 * Whoever declined stands there as if they had not answered, and the two of a pair always do.
 */
export function pageParticipants(
  executor: Executor,
  viewer: MaybeViewer,
  conversationIds: readonly string[],
  { limit, after }: PageShape,
): Promise<Participant[]> {
  const seek = after ? sql`AND (m.joined_at, m.user_id) > (${after[0]}, ${after[1]})` : empty;
  return executor.rows(sql`
    SELECT p.* FROM conversations c CROSS JOIN LATERAL (
      SELECT ${userColumns('u')}, m.joined_at AS "joinedAt", c.id AS "parentId"
      FROM conversation_members m JOIN users u ON u.id = m.user_id
      WHERE m.conversation_id = c.id AND (c.kind = 'direct' OR m.state <> 'left') AND ${userIsListed('u', viewer)} ${seek}
      ORDER BY m.joined_at, m.user_id LIMIT ${limit + 1}
    ) p
    WHERE c.id = ANY(${conversationIds}::uuid[])`);
}
