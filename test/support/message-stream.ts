import type { Person, TestApp } from './app';
import { type EventStream, followEvents, type Transport } from './event-stream';

/** An event of `messageAdded`, as far as tests look at it. */
export interface Added {
  readonly cursor: string;
  readonly node: {
    readonly id: string;
    readonly seq: number;
    readonly text: string;
    readonly sender: { readonly name: string };
    readonly conversation: { readonly unreadCount: number };
  };
}

export type MessageStream = EventStream<Added>;

export const MESSAGE_ADDED = `subscription Added($conversationId: ID!, $after: String) {
  messageAdded(conversationId: $conversationId, after: $after) {
    cursor node { id seq text sender { name } conversation { unreadCount } }
  }
}`;

/** Follows a conversation's messages with the client library of a transport, over a connection of its own. */
export function followMessages(
  app: TestApp,
  transport: Transport,
  as: Person | null,
  conversationId: string,
  after: string | null = null,
): MessageStream {
  return followEvents(app, transport, as, { query: MESSAGE_ADDED, variables: { conversationId, after } });
}

/** An event of `typing`. */
export interface Typing {
  readonly user: { readonly handle: string };
  readonly until: string;
}

/** Follows who is typing in a conversation. */
export function followTyping(
  app: TestApp,
  transport: Transport,
  as: Person | null,
  conversationId: string,
): EventStream<Typing> {
  const query = `subscription Typing($conversationId: ID!) {
    typing(conversationId: $conversationId) { user { handle } until }
  }`;
  return followEvents(app, transport, as, { query, variables: { conversationId } });
}
