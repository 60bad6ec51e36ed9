import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { NodeRegistry } from '../../graphql/nodes';
import type { SubscriptionSource } from '../../graphql/schema';
import type { StreamCursors } from '../../graphql/stream-cursor';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { HubOptions } from '../../platform/changelog/hub';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import { BLOCK_CHANGED } from '../relationships';
import { tellOfBlocks } from './block-change.task';
import {
  ConversationEntity,
  ConversationMemberEntity,
  ConversationPairEntity,
  MembershipIntervalEntity,
} from './conversation.entity';
import { ConversationLists, conversationById } from './conversation.reader';
import { ConversationResolver } from './conversation.resolver';
import { ConversationService } from './conversation.service';
import { MessageAdmissions } from './message.admission';
import { MessageEntity } from './message.entity';
import { createMessageHub, type MessageAddedArgs, openMessageStream } from './message.live';
import { MessageLists, messageById } from './message.reader';
import { MessageResolver, TypingResolver } from './message.resolver';
import { MessageService } from './message.service';
import { CONVERSATION_PREFIX, MESSAGE_PREFIX } from './messaging.changes';
import { Rooms } from './rooms';
import { openTypingStream, type TypingArgs } from './typing.live';
import { TypingService } from './typing.service';
import { BadgesResolver, ViewerConversationsResolver } from './viewer.resolver';

export { type Departing, leaveNextConversation } from './departure';
export { exportsOfMessaging } from './messaging.export';

export const MESSAGING_ENTITIES = [
  ConversationEntity,
  ConversationPairEntity,
  ConversationMemberEntity,
  MembershipIntervalEntity,
  MessageEntity,
];

export interface MessagingDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly commands: Commands;
  readonly pages: Pages;
  readonly cursors: StreamCursors;
  readonly nodes: NodeRegistry;
  readonly changes: ChangeLog;
  readonly database: Database;
  readonly live: HubOptions;
  readonly options: { readonly membersMax: number };
}

/** Conversations between people, what they say there, and who is saying something right now. */
export function createMessaging(deps: MessagingDeps) {
  const { clock, newId, commands, pages, cursors, nodes, changes, database, live, options } = deps;
  const { doorbell } = live;
  const conversations = new ConversationService({ clock, newId, doorbell, changes, membersMax: options.membersMax });
  const messages = new MessageService({ clock, newId, doorbell, changes });
  const lists = new ConversationLists(pages);
  const messageLists = new MessageLists(pages);
  nodes.register({
    prefix: CONVERSATION_PREFIX,
    typename: 'Conversation',
    find: (context, uuid) => context.loaders.load(conversationById, uuid),
  });
  nodes.register({
    prefix: MESSAGE_PREFIX,
    typename: 'Message',
    find: (context, uuid) => context.loaders.load(messageById, uuid),
    delete: (tx, viewer, uuid) => messages.delete(tx, viewer, uuid),
  });
  const hub = createMessageHub(database, live);
  const rooms = new Rooms(database, live);
  const admissions = new MessageAdmissions(database);
  const messageAdded: SubscriptionSource<MessageAddedArgs> = (args, context) =>
    openMessageStream({ hub, rooms, lists: messageLists, admissions }, args, context);
  const typing: SubscriptionSource<TypingArgs> = (args, context) =>
    openTypingStream({ rooms, doorbell, clock }, args, context);
  return {
    resolvers: [
      new ConversationResolver(conversations, lists, messageLists, commands),
      new MessageResolver(messages, messageLists, commands),
      new TypingResolver(new TypingService(clock, doorbell)),
      new ViewerConversationsResolver(lists),
      new BadgesResolver(cursors),
    ],
    subscriptions: { messageAdded, typing },
    tasks: new Map<string, Task>([[BLOCK_CHANGED, tellOfBlocks(database, changes, doorbell)]]),
    close() {
      hub.close();
      rooms.close();
    },
  };
}
