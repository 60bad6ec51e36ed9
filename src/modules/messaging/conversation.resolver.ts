import { Arg, Args, Authorized, Ctx, Extensions, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import { PageArgs, TwoWayPageArgs } from '../../graphql/connection.types';
import type { RequestContext } from '../../graphql/context';
import { readInputId } from '../../graphql/nodes';
import { costOf } from '../../graphql/pipeline/cost';
import { encodeId } from '../../kernel/ids';
import { USER_PREFIX, UserConnectionType } from '../accounts';
import { type ConversationLists, conversationById, unreadByConversationId } from './conversation.reader';
import type { SeenConversation } from './conversation.repository';
import type { ConversationService } from './conversation.service';
import {
  AddParticipantsInput,
  AddParticipantsPayload,
  AnswerMessageRequestInput,
  AnswerMessageRequestPayload,
  ConversationType,
  LeaveConversationInput,
  LeaveConversationPayload,
  MarkReadInput,
  MarkReadPayload,
  StartConversationInput,
  StartConversationPayload,
  UpdateConversationInput,
  UpdateConversationPayload,
} from './conversation.types';
import { lastReadByConversationId, type MessageLists } from './message.reader';
import { MessageConnectionType, MessageType } from './message.types';
import { CONVERSATION_PREFIX, MESSAGE_PREFIX } from './messaging.changes';

@Resolver(() => ConversationType)
export class ConversationResolver {
  constructor(
    private readonly conversations: ConversationService,
    private readonly lists: ConversationLists,
    private readonly messageLists: MessageLists,
    private readonly commands: Commands,
  ) {}

  @FieldResolver(() => ID)
  id(@Root() conversation: SeenConversation): string {
    return encodeId(CONVERSATION_PREFIX, conversation.id);
  }

  @FieldResolver(() => Boolean, {
    description:
      'Somebody whom you do not follow asks you to take part, and you have not answered. It counts in no badge.',
  })
  requested(@Root() conversation: SeenConversation): boolean {
    return conversation.state === 'requested';
  }

  @Extensions(costOf({ reads: ['participants'] }))
  @FieldResolver(() => UserConnectionType, {
    description: 'Who is in it, you among them, in the order of their coming.',
  })
  participants(
    @Root() conversation: SeenConversation,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: RequestContext,
  ) {
    return this.lists.participants(context, conversation.id, page);
  }

  @Extensions(costOf({ reads: ['messages'] }))
  @FieldResolver(() => MessageConnectionType, {
    description: 'What was sent while you were in it, oldest first. Ask for `last` to begin with the newest.',
  })
  messages(
    @Root() conversation: SeenConversation,
    @Args(() => TwoWayPageArgs) page: TwoWayPageArgs,
    @Ctx() context: RequestContext,
  ) {
    return this.messageLists.ofConversation(context, conversation.id, page);
  }

  @Extensions(costOf({ reads: ['unreadCount'] }))
  @FieldResolver(() => Int, {
    description: 'How many messages of others you have yet to read; deleted ones do not count.',
  })
  unreadCount(@Root() conversation: SeenConversation, @Ctx() context: RequestContext): Promise<number> {
    return context.loaders.load(unreadByConversationId, conversation.id);
  }

  @Extensions(costOf({ reads: ['lastReadMessage'] }))
  @FieldResolver(() => MessageType, {
    nullable: true,
    description:
      'The newest message that you have read; null when there is none. What others wrote behind it is unread.',
  })
  lastReadMessage(@Root() conversation: SeenConversation, @Ctx() context: RequestContext) {
    return context.loaders.load(lastReadByConversationId, conversation.id);
  }

  @Authorized()
  @Mutation(() => StartConversationPayload, {
    description: 'Starts a conversation. With one other person it answers the one that the two of you have, if any.',
  })
  startConversation(
    @Arg('input', () => StartConversationInput, { description: 'Whom to talk to.' }) input: StartConversationInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'startConversation',
      execute: (tx, viewer) =>
        this.conversations.start(tx, viewer, {
          id: input.id == null ? null : readInputId(CONVERSATION_PREFIX, input.id, 'id'),
          participantIds: readUserIds(input.participantIds, 'participantIds'),
          title: input.title ?? null,
        }),
      answer: (result) => this.answer(context, result),
    });
  }

  @Authorized()
  @Mutation(() => UpdateConversationPayload, { description: 'Names a group, or mutes a conversation for yourself.' })
  updateConversation(
    @Arg('input', () => UpdateConversationInput, { description: 'The changes.' }) input: UpdateConversationInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'updateConversation',
      execute: (tx, viewer) => this.conversations.update(tx, viewer, readConversationId(input), input),
      answer: (result) => this.answer(context, result),
    });
  }

  @Authorized()
  @Mutation(() => AddParticipantsPayload, { description: 'Brings people into a group that you take part in.' })
  addParticipants(
    @Arg('input', () => AddParticipantsInput, { description: 'Whom to add.' }) input: AddParticipantsInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'addParticipants',
      execute: (tx, viewer) => {
        const userIds = readUserIds(input.userIds, 'userIds');
        return this.conversations.addParticipants(tx, viewer, readConversationId(input), userIds);
      },
      answer: (result) => this.answer(context, result),
    });
  }

  @Authorized()
  @Mutation(() => LeaveConversationPayload, {
    description: 'Ends your part in a conversation; it goes from your lists.',
  })
  leaveConversation(
    @Arg('input', () => LeaveConversationInput, { description: 'What to leave.' }) input: LeaveConversationInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'leaveConversation',
      execute: (tx, viewer) => this.conversations.leave(tx, viewer, readConversationId(input)),
      answer: ({ conversationId }) => ({ leftId: encodeId(CONVERSATION_PREFIX, conversationId) }),
    });
  }

  @Authorized()
  @Mutation(() => AnswerMessageRequestPayload, { description: 'Answers a request to talk to you.' })
  answerMessageRequest(
    @Arg('input', () => AnswerMessageRequestInput, { description: 'The answer.' }) input: AnswerMessageRequestInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'answerMessageRequest',
      execute: (tx, viewer) => this.conversations.answerRequest(tx, viewer, readConversationId(input), input.accept),
      answer: (result) => this.answer(context, result),
    });
  }

  @Authorized()
  @Mutation(() => MarkReadPayload, { description: 'Marks what you have read.' })
  markRead(
    @Arg('input', () => MarkReadInput, { description: 'How far.' }) input: MarkReadInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'markRead',
      execute: (tx, viewer) => {
        const messageId = readInputId(MESSAGE_PREFIX, input.upToMessageId, 'upToMessageId');
        return this.conversations.markRead(tx, viewer, readConversationId(input), messageId);
      },
      answer: async (result) => ({ ...(await this.answer(context, result)), badges: context.viewer }),
    });
  }

  private async answer(context: RequestContext, { conversationId }: { readonly conversationId: string }) {
    return { conversation: await context.loaders.load(conversationById, conversationId) };
  }
}

function readConversationId({ conversationId }: { readonly conversationId: string }): string {
  return readInputId(CONVERSATION_PREFIX, conversationId, 'conversationId');
}

function readUserIds(ids: readonly string[], field: string): string[] {
  return ids.map((id) => readInputId(USER_PREFIX, id, field));
}
