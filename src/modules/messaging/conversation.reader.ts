import type { Connection, ForwardPage, Pages } from '../../graphql/connection';
import { type RequestContext, requireViewer } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader, type PageRow, type PageShape } from '../../graphql/page-loader';
import type { Viewer } from '../../kernel/viewer';
import { type UserRow, userById } from '../accounts';
import type { SeenConversation } from './conversation.repository';
import * as conversations from './conversation.repository';
import * as members from './member.repository';
import { countUnreadConversations, findUnreadCounts } from './unread.repository';

/** A conversation that the viewer may see, or null. */
export const conversationById = defineLoader<string, SeenConversation | null>({
  batch: async ({ db, viewer }, ids) => inOrder(ids, await conversations.findVisible(db, viewer, ids), (row) => row.id),
});

/** How many messages in a conversation the viewer has yet to read. */
export const unreadByConversationId = defineLoader<string, number>({
  batch: async ({ db, viewer }, ids) => {
    const rows = inOrder(ids, await findUnreadCounts(db, viewer, ids), (row) => row.conversationId);
    return rows.map((row) => row?.unread ?? 0);
  },
});

/** How many of a viewer's conversations have something to read. */
const unreadConversationsByViewer = defineLoader<Viewer, number>({
  cacheKey: ({ userId }) => userId,
  batch: ({ db }, viewers) => Promise.all(viewers.map((viewer) => countUnreadConversations(db, viewer))),
});

export function countUnread({ loaders }: RequestContext, viewer: Viewer): Promise<number> {
  return loaders.load(unreadConversationsByViewer, viewer);
}

/** `active` ones are the viewer's conversations, `requested` ones wait for an answer. */
export type ConversationList = 'active' | 'requested';

const listPages = definePageLoader<SeenConversation & PageRow, PageShape & { readonly list: ConversationList }>(
  async ({ db, viewer }, _viewerIds, { list, ...shape }) =>
    viewer ? conversations.pageByViewers(db, viewer, list, shape) : [],
);

const participantPages = definePageLoader<members.Participant, PageShape>(({ db, viewer }, ids, shape) =>
  members.pageParticipants(db, viewer, ids, shape),
);

/** The lists of conversations, and of the people in them. Each row read is put where its loader finds it. */
export class ConversationLists {
  constructor(private readonly pages: Pages) {}

  async ofViewer(
    context: RequestContext,
    list: ConversationList,
    page: ForwardPage,
  ): Promise<Connection<SeenConversation>> {
    const { userId } = requireViewer(context);
    const request = this.pages.request(`conversations:${list}:${userId}`, page);
    const shape = { list, limit: request.limit, after: request.after };
    const rows = await context.loaders.load(listPages, { parentId: userId, shape });
    for (const row of rows) context.loaders.prime<string, SeenConversation | null>(conversationById, row.id, row);
    return this.pages.connection(request, rows, {
      position: (row) => [row.lastActivityAt, row.id],
      node: (row) => row,
    });
  }

  async participants(context: RequestContext, conversationId: string, page: ForwardPage): Promise<Connection<UserRow>> {
    const request = this.pages.request(`participants:${conversationId}`, page);
    const shape = { limit: request.limit, after: request.after };
    const rows = await context.loaders.load(participantPages, { parentId: conversationId, shape });
    for (const row of rows) context.loaders.prime<string, UserRow | null>(userById, row.id, row);
    return this.pages.connection(request, rows, { position: (row) => [row.joinedAt, row.id], node: (row) => row });
  }
}
