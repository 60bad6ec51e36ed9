import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, type Statement, sql } from '../../platform/postgres/sql';
import { conversationIsVisible } from '../visibility';
import { ConversationEntity, type ConversationRow, type MemberRow, type MemberState } from './conversation.entity';

const CONVERSATIONS = mapTable<ConversationRow>(ConversationEntity);

/** A conversation with how its viewer stands in it. */
export type SeenConversation = ConversationRow &
  Pick<MemberRow, 'state' | 'fromSeq' | 'lastReadSeq' | 'muted' | 'lastActivityAt'>;

/** `c` with the viewer's own row in it, `m`. */
const SEEN: Statement = sql`${CONVERSATIONS.columns('c')}, m.state, m.from_seq AS "fromSeq",
  m.last_read_seq AS "lastReadSeq", m.muted, m.last_activity_at AS "lastActivityAt"`;

export async function findVisible(
  executor: Executor,
  viewer: MaybeViewer,
  ids: readonly string[],
): Promise<SeenConversation[]> {
  if (!viewer) return [];
  return executor.rows(sql`
    SELECT ${SEEN} FROM conversations c CROSS JOIN LATERAL (
      SELECT * FROM conversation_members WHERE conversation_id = c.id AND user_id = ${viewer.userId} OFFSET 0
    ) m
    WHERE c.id = ANY(${ids}::uuid[]) AND ${conversationIsVisible('c', viewer)}`);
}

/** The viewer's conversations in which they are in this state, the liveliest first. */
export function pageByViewers(
  executor: Executor,
  viewer: Viewer,
  state: MemberState,
  { limit, after }: PageShape,
): Promise<(SeenConversation & PageRow)[]> {
  const seek = after ? sql`AND (m.last_activity_at, m.conversation_id) < (${after[0]}, ${after[1]})` : empty;
  return executor.rows(sql`
    SELECT ${SEEN}, m.user_id AS "parentId"
    FROM conversation_members m CROSS JOIN LATERAL (
      SELECT * FROM conversations c WHERE c.id = m.conversation_id AND ${conversationIsVisible('c', viewer)} OFFSET 0
    ) c
    WHERE m.user_id = ${viewer.userId} AND m.state = ${state} ${seek}
    ORDER BY m.last_activity_at DESC, m.conversation_id DESC LIMIT ${limit + 1}`);
}

/**
 * The conversation if the viewer may see it, with its members kept as they are until the transaction ends. Read again
 * under the lock: who has waited for it looks at the members of before otherwise.
 */
export async function lockVisible(tx: Transaction, viewer: Viewer, id: string): Promise<SeenConversation | null> {
  const locked = await tx.row(sql`
    SELECT 1 FROM conversations c WHERE c.id = ${id} AND ${conversationIsVisible('c', viewer)} FOR NO KEY UPDATE OF c`);
  return locked ? ((await findVisible(tx, viewer, [id]))[0] ?? null) : null;
}

/** The conversation, whoever may see it, locked until the transaction ends. */
export function lockAny(tx: Transaction, id: string): Promise<ConversationRow | null> {
  return tx.row(sql`SELECT ${CONVERSATIONS.columns('c')} FROM conversations c WHERE c.id = ${id} FOR NO KEY UPDATE`);
}

/** Makes the pair's conversation this one; false when the pair has one already. Who comes second waits for the first. */
export async function claimPair(tx: Transaction, pairKey: string, conversationId: string): Promise<boolean> {
  const claimed = await tx.run(sql`
    INSERT INTO conversation_pairs (pair_key, conversation_id) VALUES (${pairKey}, ${conversationId})
    ON CONFLICT (pair_key) DO NOTHING`);
  return claimed === 1;
}

export async function findOfPair(executor: Executor, pairKey: string): Promise<string | null> {
  const row = await executor.row<{ id: string }>(sql`
    SELECT conversation_id AS id FROM conversation_pairs WHERE pair_key = ${pairKey}`);
  return row?.id ?? null;
}

/** False when the id is taken. */
export async function insert(tx: Transaction, row: ConversationRow): Promise<boolean> {
  return (await tx.run(sql`${CONVERSATIONS.insert(row)} ON CONFLICT (id) DO NOTHING`)) === 1;
}

/** Marks a change of its members or of its title. */
export async function touch(tx: Transaction, id: string, title: string | null, now: string): Promise<number> {
  const row = await tx.row<{ version: number }>(sql`
    UPDATE conversations SET title = ${title}, updated_at = ${now}, version = version + 1 WHERE id = ${id}
    RETURNING version`);
  return row?.version ?? 0;
}

/**
 * Takes the next number. The row stays locked until the transaction ends, so numbers have no holes and become visible
 * in their order.
 */
export async function nextSeq(tx: Transaction, id: string): Promise<number> {
  const row = await tx.row<{ seq: number }>(sql`
    UPDATE conversations SET last_seq = last_seq + 1 WHERE id = ${id} RETURNING last_seq AS seq`);
  if (!row) throw new Error('the conversation did not answer');
  return row.seq;
}

/** The number of the newest message of each, hidden and deleted ones included. */
export async function findLastSeqs(executor: Executor, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await executor.rows<{ id: string; lastSeq: number }>(sql`
    SELECT id, last_seq AS "lastSeq" FROM conversations WHERE id = ANY(${ids}::uuid[])`);
  return new Map(rows.map((row) => [row.id, row.lastSeq]));
}
