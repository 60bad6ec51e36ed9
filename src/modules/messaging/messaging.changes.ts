import type { Change } from '../../platform/changelog/change-log';
import type { Topic } from '../../platform/redis/doorbell';

export const CONVERSATION_PREFIX = 'conversation';
export const MESSAGE_PREFIX = 'message';

/** The part of a viewer's copy that conversations and messages belong to. */
const SCOPE = 'MESSAGES';

/** What rings when a conversation has a new message. */
export function messagesTopic(conversationId: string): Topic {
  return `messages:${conversationId}`;
}

/** What rings when somebody has come into a conversation, or left it. */
export function membersTopic(conversationId: string): Topic {
  return `members:${conversationId}`;
}

/** What carries who is typing. */
export function typingTopic(conversationId: string): Topic {
  return `typing:${conversationId}`;
}

/** That a conversation has changed for these people, or has come or gone. */
export function conversationChanges(
  conversation: { readonly id: string; readonly version: number },
  userIds: readonly string[],
): Change[] {
  const { id: nodeId, version } = conversation;
  return userIds.map((viewerId) => ({ viewerId, scope: SCOPE, kind: CONVERSATION_PREFIX, nodeId, version }));
}

/** That a message is new to these people, or has changed; a deleted one stays as a tombstone. */
export function messageChanges(
  message: { readonly id: string; readonly version: number },
  userIds: readonly string[],
): Change[] {
  const { id: nodeId, version } = message;
  return userIds.map((viewerId) => ({ viewerId, scope: SCOPE, kind: MESSAGE_PREFIX, nodeId, version }));
}
