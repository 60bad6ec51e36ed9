import {
  Arg,
  Authorized,
  Ctx,
  Extensions,
  FieldResolver,
  ID,
  Mutation,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { answering, type Commands, readKey } from '../../graphql/command';
import type { Edge } from '../../graphql/connection';
import { type RequestContext, requireViewer } from '../../graphql/context';
import { readInputId } from '../../graphql/nodes';
import { costOf } from '../../graphql/pipeline/cost';
import { ATTACHED_SOURCE } from '../../graphql/schema';
import { encodeId } from '../../kernel/ids';
import { authorById, UserType } from '../accounts';
import { conversationById } from './conversation.reader';
import { ConversationType } from './conversation.types';
import type { MessageRow } from './message.entity';
import { type MessageLists, messageById } from './message.reader';
import type { MessageService } from './message.service';
import {
  MessageEdgeType,
  MessageType,
  SendMessageInput,
  SendMessagePayload,
  SetTypingInput,
  SetTypingPayload,
  TypingSignalType,
  UpdateMessageInput,
  UpdateMessagePayload,
} from './message.types';
import { CONVERSATION_PREFIX, MESSAGE_PREFIX } from './messaging.changes';
import type { TypingSignal } from './typing.live';
import type { TypingService } from './typing.service';

@Resolver(() => MessageType)
export class MessageResolver {
  constructor(
    private readonly messages: MessageService,
    private readonly lists: MessageLists,
    private readonly commands: Commands,
  ) {}

  @FieldResolver(() => ID)
  id(@Root() message: MessageRow): string {
    return encodeId(MESSAGE_PREFIX, message.id);
  }

  @FieldResolver(() => Boolean, { description: 'Its sender took it back; the text is empty.' })
  deleted(@Root() message: MessageRow): boolean {
    return message.deletedAt !== null;
  }

  @Extensions(costOf({ reads: ['conversation'] }))
  @FieldResolver(() => ConversationType, { description: 'Where it was sent.' })
  conversation(@Root() message: MessageRow, @Ctx() context: RequestContext) {
    return context.loaders.load(conversationById, message.conversationId);
  }

  @Extensions(costOf({ reads: ['sender'] }))
  @FieldResolver(() => UserType, { description: 'Who wrote it.' })
  sender(@Root() message: MessageRow, @Ctx() context: RequestContext) {
    return context.loaders.load(authorById, message.senderId);
  }

  @Authorized()
  @Mutation(() => SendMessagePayload, { description: 'Writes into a conversation.' })
  sendMessage(
    @Arg('input', () => SendMessageInput, { description: 'The message.' }) input: SendMessageInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'sendMessage',
      execute: (tx, viewer) => {
        const id = input.id == null ? null : readInputId(MESSAGE_PREFIX, input.id, 'id');
        const conversationId = readInputId(CONVERSATION_PREFIX, input.conversationId, 'conversationId');
        return this.messages.send(tx, viewer, { id, conversationId, text: input.text });
      },
      answer: async ({ messageId, conversationId }) => {
        const message = await context.loaders.load(messageById, messageId);
        const conversation = await context.loaders.load(conversationById, conversationId);
        return { messageEdge: message && this.lists.edge(message), conversation };
      },
    });
  }

  @Authorized()
  @Mutation(() => UpdateMessagePayload, { description: 'Edits a message of yours.' })
  updateMessage(
    @Arg('input', () => UpdateMessageInput, { description: 'The new text.' }) input: UpdateMessageInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'updateMessage',
      execute: (tx, viewer) => this.messages.edit(tx, viewer, readInputId(MESSAGE_PREFIX, input.id, 'id'), input),
      answer: async ({ messageId }) => ({ message: await context.loaders.load(messageById, messageId) }),
    });
  }

  @Subscription(() => MessageEdgeType, {
    subscribe: ATTACHED_SOURCE,
    description:
      'Messages of one conversation behind `after`, then each new one, in order; without `after`, from now on. The cursors are those of Conversation.messages: after a lost connection, subscribe again with the last one received.',
  })
  async messageAdded(
    @Root() { id }: MessageRow,
    @Ctx() context: RequestContext,
    @Arg('conversationId', () => ID, { description: 'The conversation to follow.' }) _conversationId: string,
    @Arg('after', () => String, { nullable: true, description: 'Continue behind this cursor.' }) _after?: string,
  ): Promise<Edge<MessageRow> | null> {
    const message = await context.loaders.load(messageById, id);
    return message && this.lists.edge(message);
  }
}

@Resolver(() => TypingSignalType)
export class TypingResolver {
  constructor(private readonly typists: TypingService) {}

  @Extensions(costOf({ reads: ['typist'] }))
  @FieldResolver(() => UserType, { description: 'Who is typing.' })
  user(@Root() signal: TypingSignal, @Ctx() context: RequestContext) {
    return context.loaders.load(authorById, signal.userId);
  }

  // Not a command: it must cost nothing but a signal, and there is nothing to undo or to answer again.
  @Authorized()
  @Mutation(() => SetTypingPayload, {
    description: 'Tells those who follow a conversation that you are typing. Send it every few seconds while you do.',
  })
  setTyping(
    @Arg('input', () => SetTypingInput, { description: 'Where.' }) input: SetTypingInput,
    @Ctx() context: RequestContext,
  ) {
    return answering(input, async () => {
      readKey(input);
      const conversationId = readInputId(CONVERSATION_PREFIX, input.conversationId, 'conversationId');
      this.typists.signal(requireViewer(context), conversationId);
      return { replayed: false };
    });
  }

  @Subscription(() => TypingSignalType, {
    subscribe: ATTACHED_SOURCE,
    description: 'Who else is typing in a conversation; never replayed.',
  })
  typing(
    @Root() signal: TypingSignal,
    @Arg('conversationId', () => ID, { description: 'The conversation to follow.' }) _conversationId: string,
  ): TypingSignal {
    return signal;
  }
}
