import type { Executor } from '../../platform/postgres/database';
import { sql } from '../../platform/postgres/sql';
import { userIsReachable } from '../visibility';
import type { ConversationKind, MemberState } from './conversation.entity';

/** A person for whom a conversation is there. */
export interface PresentMember {
  readonly conversationId: string;
  readonly kind: ConversationKind;
  readonly userId: string;
  readonly state: MemberState;
}

/** Two people in a conversation between whom a block stands, in one row or in two. */
export interface PartedPair {
  readonly conversationId: string;
  readonly one: string;
  readonly other: string;
}

/** Everybody for whom these conversations are there. */
export function findPresentMembers(executor: Executor, conversationIds: readonly string[]): Promise<PresentMember[]> {
  return executor.rows(sql`
    SELECT c.id AS "conversationId", c.kind, m.user_id AS "userId", m.state
    FROM conversations c JOIN conversation_members m ON m.conversation_id = c.id JOIN users u ON u.id = m.user_id
    WHERE c.id = ANY(${conversationIds}::uuid[]) AND m.state IN ('active', 'requested') AND ${userIsReachable('u', null)}`);
}

/**
 * The blocks among all who are or were in these conversations. From the few that each of them made: asking the rule for
 * every two members would be a look-up for each pair.
 */
export function findPartedPairs(executor: Executor, conversationIds: readonly string[]): Promise<PartedPair[]> {
  return executor.rows(sql`
    SELECT m.conversation_id AS "conversationId", b.blocker_id AS one, b.blocked_id AS other
    FROM conversation_members m JOIN blocks b ON b.blocker_id = m.user_id
      JOIN conversation_members o ON o.conversation_id = m.conversation_id AND o.user_id = b.blocked_id
    WHERE m.conversation_id = ANY(${conversationIds}::uuid[])`);
}
