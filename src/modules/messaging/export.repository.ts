import type { Viewer } from '../../kernel/viewer';
import type { Stretch } from '../../platform/export/export-source';
import type { Executor } from '../../platform/postgres/database';
import { empty, sql } from '../../platform/postgres/sql';
import { conversationIsVisible } from '../visibility';
import type { ConversationRow, MemberRow } from './conversation.entity';
import type { MessageRow } from './message.entity';

/** A conversation with how its viewer stands in it. */
export type OwnConversation = Pick<ConversationRow, 'id' | 'kind' | 'title' | 'createdAt'> &
  Pick<MemberRow, 'state' | 'muted' | 'joinedAt'>;

/** The conversations that are there for the viewer, in the order of their ids. */
export function pageConversations(
  executor: Executor,
  viewer: Viewer,
  { limit, after }: Stretch,
): Promise<OwnConversation[]> {
  const seek = after ? sql`AND m.conversation_id > ${after[0]}` : empty;
  return executor.rows(sql`
    SELECT c.id, c.kind, c.title, c.created_at AS "createdAt", m.state, m.muted, m.joined_at AS "joinedAt"
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ${viewer.userId} ${seek} AND ${conversationIsVisible('c', viewer)}
    ORDER BY m.conversation_id LIMIT ${limit + 1}`);
}

/** What somebody said and did not delete, without the rest of the conversation. */
export type OwnMessage = Pick<MessageRow, 'id' | 'conversationId' | 'seq' | 'text' | 'sentAt' | 'updatedAt'>;

/** What the viewer said in conversations that are not there for them any more, by conversation. */
export function pageSentElsewhere(
  executor: Executor,
  viewer: Viewer,
  { limit, after }: Stretch,
): Promise<OwnMessage[]> {
  const from = after ? sql`AND v.conversation_id >= ${after[0]}` : empty;
  const seek = after ? sql`AND (m.conversation_id, m.seq) > (${after[0]}, ${after[1]}::integer)` : empty;
  return executor.rows(sql`
    SELECT m.* FROM conversation_members v JOIN conversations c ON c.id = v.conversation_id
    CROSS JOIN LATERAL (
      SELECT m.id, m.conversation_id AS "conversationId", m.seq, m.text, m.sent_at AS "sentAt", m.updated_at AS "updatedAt"
      FROM messages m
      WHERE m.conversation_id = v.conversation_id AND m.sender_id = ${viewer.userId} AND m.deleted_at IS NULL ${seek}
      ORDER BY m.seq LIMIT ${limit + 1}
    ) m
    WHERE v.user_id = ${viewer.userId} ${from} AND NOT ${conversationIsVisible('c', viewer)}
    ORDER BY v.conversation_id, m.seq LIMIT ${limit + 1}`);
}
