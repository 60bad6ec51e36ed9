import type { Transaction } from '../../platform/postgres/database';
import { sql } from '../../platform/postgres/sql';

/** The next conversation that somebody is or was in, by id. */
export async function findNext(tx: Transaction, userId: string, after: string | null): Promise<string | null> {
  const row = await tx.row<{ id: string }>(sql`
    SELECT conversation_id AS id FROM conversation_members
    WHERE user_id = ${userId} AND (${after}::uuid IS NULL OR conversation_id > ${after}::uuid)
    ORDER BY conversation_id LIMIT 1`);
  return row?.id ?? null;
}

export interface ErasedMessage {
  readonly id: string;
  readonly seq: number;
  readonly version: number;
}

/** Leaves tombstones of the next messages of somebody in a conversation that is locked. */
export function eraseNext(
  tx: Transaction,
  conversationId: string,
  senderId: string,
  limit: number,
  now: string,
): Promise<ErasedMessage[]> {
  return tx.rows(sql`
    UPDATE messages SET text = '', deleted_at = ${now}, updated_at = ${now}, version = version + 1
    WHERE conversation_id = ${conversationId} AND id IN (
      SELECT id FROM messages
      WHERE conversation_id = ${conversationId} AND sender_id = ${senderId} AND deleted_at IS NULL
      ORDER BY seq LIMIT ${limit})
    RETURNING id, seq, version`);
}

/** Which present members were members when each of these messages was sent. */
export function findReaders(
  tx: Transaction,
  conversationId: string,
  messages: readonly ErasedMessage[],
): Promise<{ viewerId: string; id: string; version: number }[]> {
  return tx.rows(sql`
    SELECT v.user_id AS "viewerId", e.id, e.version
    FROM unnest(${messages.map(({ id }) => id)}::uuid[], ${messages.map(({ seq }) => seq)}::integer[],
        ${messages.map(({ version }) => version)}::integer[]) AS e(id, seq, version)
      JOIN membership_intervals i ON i.conversation_id = ${conversationId}
        AND e.seq > i.from_seq AND (i.until_seq IS NULL OR e.seq <= i.until_seq)
      JOIN conversation_members v ON v.conversation_id = i.conversation_id AND v.user_id = i.user_id
        AND v.state IN ('active', 'requested')`);
}

/** Those in the conversation with whom a block stands, either way. */
export async function findBlocked(tx: Transaction, conversationId: string, userId: string): Promise<string[]> {
  const rows = await tx.rows<{ userId: string }>(sql`
    SELECT m.user_id AS "userId" FROM conversation_members m
    WHERE m.conversation_id = ${conversationId} AND m.state <> 'left' AND EXISTS (
      SELECT FROM blocks b WHERE (b.blocker_id, b.blocked_id) IN ((m.user_id, ${userId}), (${userId}, m.user_id)))`);
  return rows.map((row) => row.userId);
}
