import { GraphQLDateTime } from 'graphql-scalars';
import { Extensions, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Edge } from '../../graphql/connection';
import { connectionType, edgeType } from '../../graphql/connection.types';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType, VersionedType } from '../../graphql/node.types';
import { costOf } from '../../graphql/pipeline/cost';
import type { SeenConversation } from './conversation.repository';
import { ConversationType } from './conversation.types';
import type { MessageRow } from './message.entity';
import type { TypingSignal } from './typing.live';

@ObjectType('Message', {
  implements: [NodeType, VersionedType],
  description: 'What a person wrote in a conversation. A deleted one keeps its place in the list, without its text.',
})
export class MessageType implements Pick<MessageRow, 'seq' | 'text' | 'sentAt' | 'version' | 'updatedAt'> {
  @Field(() => ID, { description: 'A TypeID such as message_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  @Field(() => Int, {
    description:
      'Counts 1, 2, 3 … without a hole inside its conversation. What you may not see leaves holes in what you see.',
  })
  seq!: number;

  // As heavy as it may be long.
  @Extensions(costOf({ weight: 1 }))
  @Field(() => String, { description: 'What it says, 1 to 5000 characters; empty once it is deleted.' })
  text!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was sent.' })
  sentAt!: string;

  @Field(() => Int, { description: 'Grows by one with every edit, and when it is deleted.' })
  version!: number;

  @Field(() => GraphQLDateTime, { description: 'When it was last edited or deleted; when it was sent if never.' })
  updatedAt!: string;
}

export const MessageEdgeType = edgeType<MessageRow>('Message', () => MessageType);
export const MessageConnectionType = connectionType('Message', () => MessageType, MessageEdgeType);

@ObjectType('TypingSignal', { description: 'That somebody is typing.' })
export class TypingSignalType implements Pick<TypingSignal, 'until'> {
  @Field(() => GraphQLDateTime, {
    description: 'Until when to show it, unless another signal of the same person comes.',
  })
  until!: string;
}

@InputType('SendMessageInput', { description: 'A new message.' })
export class SendMessageInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'An id made by the app (message_ and a UUIDv7), so that it can show the message before it is sent.',
  })
  id?: string | null;

  @Field(() => ID, { description: 'Where to write. Writing into a request accepts it.' })
  conversationId!: string;

  @Field(() => String, { description: 'What it says; 1 to 5000 characters.' })
  text!: string;
}

@ObjectType('SendMessagePayload', { implements: MutationPayloadType, description: 'What became of sendMessage.' })
export class SendMessagePayload extends MutationPayloadType {
  @Field(() => MessageEdgeType, { nullable: true, description: 'The message, as it stands in its conversation.' })
  messageEdge?: Edge<MessageRow> | null;

  @Field(() => ConversationType, { nullable: true, description: 'The conversation, with this message in it.' })
  conversation?: SeenConversation | null;
}

@InputType('UpdateMessageInput', { description: 'A new text for a message of yours.' })
export class UpdateMessageInput extends MutationInput {
  @Field(() => ID, { description: 'The message to edit.' })
  id!: string;

  @Field(() => Int, { nullable: true, description: 'Refuse with ConflictError unless the message has this version.' })
  ifVersion?: number | null;

  @Field(() => String, { description: 'The new text, 1 to 5000 characters.' })
  text!: string;
}

@ObjectType('UpdateMessagePayload', { implements: MutationPayloadType, description: 'What became of updateMessage.' })
export class UpdateMessagePayload extends MutationPayloadType {
  @Field(() => MessageType, { nullable: true, description: 'The message as it is now.' })
  message?: MessageRow | null;
}

@InputType('SetTypingInput', { description: 'Where you are typing.' })
export class SetTypingInput extends MutationInput {
  @Field(() => ID, { description: 'The conversation. One that you are not in hears nothing of it.' })
  conversationId!: string;
}

@ObjectType('SetTypingPayload', {
  implements: MutationPayloadType,
  description: 'What became of setTyping. Nothing is stored of it, so it is never a replay.',
})
export class SetTypingPayload extends MutationPayloadType {}
