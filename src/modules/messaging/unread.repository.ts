import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { Executor } from '../../platform/postgres/database';
import { type Statement, sql } from '../../platform/postgres/sql';
import { conversationIsVisible, userIsListed } from '../visibility';

export interface UnreadCount {
  readonly conversationId: string;
  readonly unread: number;
}

/**
 * How many messages above the read ones are by others, there and not hidden, of the member `m`: all, which the numbers
 * say, without the few that are not. Each of the three is found by an index and counted once: the viewer's own, those of
 * hidden people, and the deleted ones of everybody else. Whoever sends is or was a member.
 */
function unreadOf(viewer: Viewer): Statement {
  // OFFSET 0 keeps the hidden people together: PostgreSQL may else count everybody's messages first.
  const above = sql`conversation_id = m.conversation_id AND seq > m.last_read_seq`;
  return sql`CASE WHEN m.last_received_seq <= m.last_read_seq THEN 0
    ELSE (SELECT last_seq FROM conversations WHERE id = m.conversation_id) - m.last_read_seq
    - (SELECT count(*) FROM messages WHERE ${above} AND sender_id = m.user_id)
    - (SELECT COALESCE(sum(found.n), 0) FROM (
          SELECT u.id FROM conversation_members o JOIN users u ON u.id = o.user_id
          WHERE o.conversation_id = m.conversation_id AND o.user_id <> m.user_id AND NOT ${userIsListed('u', viewer)}
          OFFSET 0
        ) hidden CROSS JOIN LATERAL (SELECT count(*) AS n FROM messages WHERE ${above} AND sender_id = hidden.id) found)
    - (SELECT count(*) FROM messages JOIN users u ON u.id = sender_id
        WHERE ${above} AND messages.deleted_at IS NOT NULL AND sender_id <> m.user_id AND ${userIsListed('u', viewer)})
    END::integer`;
}

/** What is unread in each of these conversations, which the viewer has been found to see. */
export async function findUnreadCounts(
  executor: Executor,
  viewer: MaybeViewer,
  conversationIds: readonly string[],
): Promise<UnreadCount[]> {
  if (!viewer) return [];
  return executor.rows(sql`
    SELECT m.conversation_id AS "conversationId", ${unreadOf(viewer)} AS unread
    FROM conversation_members m
    WHERE m.conversation_id = ANY(${conversationIds}::uuid[]) AND m.user_id = ${viewer.userId}`);
}

/** How many of the viewer's conversations have something unread. Looks at those that received something since. */
export async function countUnreadConversations(executor: Executor, viewer: Viewer): Promise<number> {
  const row = await executor.row<{ unread: number }>(sql`
    SELECT count(*)::integer AS unread
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ${viewer.userId} AND m.state = 'active' AND m.last_received_seq > m.last_read_seq
      AND ${conversationIsVisible('c', viewer)} AND ${unreadOf(viewer)} > 0`);
  return row?.unread ?? 0;
}
