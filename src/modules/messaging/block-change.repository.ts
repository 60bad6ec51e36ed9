import type { Executor } from '../../platform/postgres/database';
import { planEachTime, sql } from '../../platform/postgres/sql';
import type { ConversationKind } from './conversation.entity';

/** A conversation that somebody is in with another person who is or was in it. */
export interface SharedConversation {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly version: number;
}

/** The next conversations that are there for the reader, and that the other is or was in, by id. */
export function findShared(
  executor: Executor,
  pair: { readerId: string; otherId: string },
  after: string | null,
  limit: number,
): Promise<SharedConversation[]> {
  // Which of the two is in fewer conversations is to be begun with, and only their ids tell.
  const shared = sql`
    SELECT c.id, c.kind, c.version
    FROM conversation_members r
      JOIN conversation_members o ON o.conversation_id = r.conversation_id AND o.user_id = ${pair.otherId}
      JOIN conversations c ON c.id = r.conversation_id
    WHERE r.user_id = ${pair.readerId} AND r.state IN ('active', 'requested')
      AND (${after}::uuid IS NULL OR c.id > ${after}::uuid)
    ORDER BY c.id LIMIT ${limit}`;
  return executor.rows(planEachTime(shared));
}

/** What the other wrote there while the reader was a member, whether a block hides it or not. */
export function findSentTo(
  executor: Executor,
  pair: { readerId: string; otherId: string },
  conversationId: string,
  limit: number,
): Promise<{ id: string; version: number }[]> {
  return executor.rows(sql`
    SELECT m.id, m.version FROM membership_intervals i
      JOIN messages m ON m.conversation_id = i.conversation_id AND m.sender_id = ${pair.otherId}
        AND m.seq > i.from_seq AND (i.until_seq IS NULL OR m.seq <= i.until_seq)
    WHERE i.conversation_id = ${conversationId} AND i.user_id = ${pair.readerId} ORDER BY m.seq LIMIT ${limit}`);
}
