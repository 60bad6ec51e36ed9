import type { Change } from '../../platform/changelog/change-log';
import type { Erased } from '../../platform/changelog/erased';
import type { Transaction } from '../../platform/postgres/database';
import type { ConversationRow } from './conversation.entity';
import * as conversations from './conversation.repository';
import * as departures from './departure.repository';
import * as members from './member.repository';
import { conversationChanges, membersTopic, messageChanges } from './messaging.changes';

/** Somebody whose account is deleted, and the last conversation that they have left for it. */
export interface Departing {
  readonly userId: string;
  readonly conversationId: string | null;
}

export interface LeftNext extends Erased {
  /** The conversation that is done with; null while there are messages of theirs in it. */
  readonly conversationId: string | null;
}

/**
 * Deletes the next messages of somebody whose account is deleted, and has them leave the conversation once there are
 * none; null when it was the last. The others keep it and what they wrote. A conversation of two that a block hides is
 * left by both, so that it does not come back with the end of the block.
 */
export async function leaveNextConversation(
  tx: Transaction,
  { userId, conversationId: after }: Departing,
  limit: number,
  now: string,
): Promise<LeftNext | null> {
  const id = await departures.findNext(tx, userId, after);
  const conversation = id && (await conversations.lockAny(tx, id));
  if (!conversation) return null;
  const erased = await departures.eraseNext(tx, conversation.id, userId, limit, now);
  const done = erased.length < limit;
  const changes = done ? await leave(tx, conversation, userId, now) : [];
  for (const { viewerId, ...message } of await departures.findReaders(tx, conversation.id, erased)) {
    if (viewerId !== userId) changes.push(...messageChanges(message, [viewerId]));
  }
  return { changes, topics: [membersTopic(conversation.id)], conversationId: done ? conversation.id : null };
}

async function leave(tx: Transaction, conversation: ConversationRow, userId: string, now: string): Promise<Change[]> {
  const { id, kind, title, lastSeq } = conversation;
  const state = (await members.findStates(tx, id, [userId])).get(userId);
  if (state === 'left') return [];
  const blocked = kind === 'direct' ? await departures.findBlocked(tx, id, userId) : [];
  for (const goes of [userId, ...blocked]) await members.leave(tx, id, goes, lastSeq);
  const version = await conversations.touch(tx, id, title, now);
  return conversationChanges({ id, version }, await members.findPresent(tx, id));
}
