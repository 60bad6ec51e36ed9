import type { Connection, Edge, Pages, TwoWayPage } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader } from '../../graphql/page-loader';
import type { MessageRow } from './message.entity';
import type { ListedMessage, MessageWindow } from './message.repository';
import * as messages from './message.repository';

/** A message that the viewer may see, in a conversation that the viewer may see, or null. */
export const messageById = defineLoader<string, MessageRow | null>({
  batch: async ({ db, viewer }, ids) => inOrder(ids, await messages.findVisible(db, ids, viewer), (row) => row.id),
});

/** The newest message in a conversation that the viewer has read, or null. */
export const lastReadByConversationId = defineLoader<string, MessageRow | null>({
  batch: async ({ db, viewer }, ids) =>
    inOrder(ids, await messages.findLastRead(db, viewer, ids), (row) => row.conversationId),
});

const messagePages = definePageLoader<ListedMessage, MessageWindow>(({ db, viewer }, ids, window) =>
  messages.pageByConversations(db, viewer, ids, window),
);

/** Before everything in the list. */
const ORIGIN = [0];

/** The list of a conversation's messages, and the places in it. */
export class MessageLists {
  constructor(private readonly pages: Pages) {}

  async ofConversation(
    context: RequestContext,
    conversationId: string,
    page: TwoWayPage,
  ): Promise<Connection<MessageRow>> {
    const request = this.pages.window(listOf(conversationId), page);
    const { list: _, ...shape } = request;
    const found = await context.loaders.load(messagePages, { parentId: conversationId, shape });
    const rows = request.fromEnd ? [...found].reverse() : found;
    for (const row of rows) context.loaders.prime<string, MessageRow | null>(messageById, row.id, row);
    return this.pages.connection(request, rows, {
      position: (row) => [row.seq],
      node: (row) => row,
      origin: ORIGIN,
    });
  }

  /** The edge of a message in the list of its conversation. */
  edge(message: MessageRow): Edge<MessageRow> {
    return this.pages.edge(listOf(message.conversationId), [message.seq], message);
  }

  /** The seq in a cursor of the conversation's list. @throws BadInput for any other cursor. */
  seqOf(conversationId: string, cursor: string): number {
    return Number(this.pages.position(listOf(conversationId), cursor)[0]);
  }
}

function listOf(conversationId: string): string {
  return `messages:${conversationId}`;
}
