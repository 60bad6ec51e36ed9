import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType, edgeType } from '../../graphql/connection.types';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType, VersionedType } from '../../graphql/node.types';
import type { Viewer } from '../../kernel/viewer';
import type { ConversationKind } from './conversation.entity';
import type { SeenConversation } from './conversation.repository';

const CONVERSATION_KINDS = { DIRECT: 'direct', GROUP: 'group' } as const satisfies Record<string, ConversationKind>;

registerEnumType(CONVERSATION_KINDS, {
  name: 'ConversationKind',
  description: 'How many people a conversation is for.',
  valuesConfig: {
    DIRECT: { description: 'For two. There is one for each pair of people.' },
    GROUP: { description: 'For as many as are added, with a title if somebody gave it one.' },
  },
});

@ObjectType('Conversation', {
  implements: [NodeType, VersionedType],
  description: 'People who write to each other. It is there for those alone who are in it.',
})
export class ConversationType
  implements
    Pick<SeenConversation, 'kind' | 'title' | 'muted' | 'lastActivityAt' | 'createdAt' | 'version' | 'updatedAt'>
{
  @Field(() => ID, { description: 'A TypeID such as conversation_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  @Field(() => CONVERSATION_KINDS, { description: 'Of two people, or of a group.' })
  kind!: ConversationKind;

  @Field(() => String, {
    nullable: true,
    description:
      'What a group is called, 1 to 100 characters; null when nobody named it. A conversation of two has none.',
  })
  title!: string | null;

  @Field(() => Boolean, { description: 'You do not want to be notified of its messages.' })
  muted!: boolean;

  @Field(() => GraphQLDateTime, {
    description:
      'When the newest message was sent that you may read, or when you joined: lists of conversations are sorted by it.',
  })
  lastActivityAt!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was started.' })
  createdAt!: string;

  @Field(() => Int, { description: 'Grows by one with every change of its title or its people.' })
  version!: number;

  @Field(() => GraphQLDateTime, { description: 'When its title or its people last changed.' })
  updatedAt!: string;
}

export const ConversationEdgeType = edgeType<SeenConversation>('Conversation', () => ConversationType);
export const ConversationConnectionType = connectionType('Conversation', () => ConversationType, ConversationEdgeType);

@ObjectType('Badges', { description: 'What the app shows on its icon and its tabs.' })
export class BadgesType {}

@InputType('StartConversationInput', { description: 'Whom to talk to.' })
export class StartConversationInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'An id made by the app (conversation_ and a UUIDv7). The conversation that a pair has already keeps its own.',
  })
  id?: string | null;

  @Field(() => [ID], {
    description: 'The others: one for a conversation of two, more for a group. You are in it anyway.',
  })
  participantIds!: string[];

  @Field(() => String, { nullable: true, description: 'What a group is called, 1 to 100 characters.' })
  title?: string | null;
}

/** What the payloads have in common that answer with a conversation. */
@ObjectType({ implements: MutationPayloadType })
abstract class ConversationPayload extends MutationPayloadType {
  @Field(() => ConversationType, { nullable: true, description: 'The conversation as it is now.' })
  conversation?: SeenConversation | null;
}

@ObjectType('StartConversationPayload', {
  implements: MutationPayloadType,
  description: 'What became of startConversation.',
})
export class StartConversationPayload extends ConversationPayload {}

@InputType('UpdateConversationInput', { description: 'What is left out stays as it is.' })
export class UpdateConversationInput extends MutationInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Refuse with ConflictError unless the conversation has this version.',
  })
  ifVersion?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'What the group is called for everybody; null takes its title away.',
  })
  title?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether you are left alone by its messages; for you only.' })
  muted?: boolean | null;
}

@ObjectType('UpdateConversationPayload', {
  implements: MutationPayloadType,
  description: 'What became of updateConversation.',
})
export class UpdateConversationPayload extends ConversationPayload {}

@InputType('AddParticipantsInput', { description: 'Who is to come into a group.' })
export class AddParticipantsInput extends MutationInput {
  @Field(() => ID, { description: 'The group.' })
  conversationId!: string;

  @Field(() => [ID], { description: 'Whom to add. They read what is sent from now on.' })
  userIds!: string[];
}

@ObjectType('AddParticipantsPayload', {
  implements: MutationPayloadType,
  description: 'What became of addParticipants.',
})
export class AddParticipantsPayload extends ConversationPayload {}

@InputType('LeaveConversationInput', { description: 'What to leave.' })
export class LeaveConversationInput extends MutationInput {
  @Field(() => ID, {
    description: 'The conversation. One of two comes back with the next message, a group when somebody adds you again.',
  })
  conversationId!: string;
}

@ObjectType('LeaveConversationPayload', {
  implements: MutationPayloadType,
  description: 'What became of leaveConversation.',
})
export class LeaveConversationPayload extends MutationPayloadType {
  @Field(() => ID, { nullable: true, description: 'The id of the conversation: take it out of your lists.' })
  leftId?: string | null;
}

@InputType('AnswerMessageRequestInput', { description: 'The answer to somebody whom you do not follow.' })
export class AnswerMessageRequestInput extends MutationInput {
  @Field(() => ID, { description: 'The conversation, one of Viewer.messageRequests.' })
  conversationId!: string;

  @Field(() => Boolean, { description: 'true takes part; false hides the conversation without telling anybody.' })
  accept!: boolean;
}

@ObjectType('AnswerMessageRequestPayload', {
  implements: MutationPayloadType,
  description: 'What became of answerMessageRequest.',
})
export class AnswerMessageRequestPayload extends MutationPayloadType {
  @Field(() => ConversationType, { nullable: true, description: 'The conversation; null when you declined.' })
  conversation?: SeenConversation | null;
}

@InputType('MarkReadInput', { description: 'How far you have read.' })
export class MarkReadInput extends MutationInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;

  @Field(() => ID, {
    description: 'The newest message that you have read. One before what you had read changes nothing.',
  })
  upToMessageId!: string;
}

@ObjectType('MarkReadPayload', { implements: MutationPayloadType, description: 'What became of markRead.' })
export class MarkReadPayload extends ConversationPayload {
  @Field(() => BadgesType, { nullable: true, description: 'What is left to read.' })
  badges?: Viewer | null;
}
