import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

export interface MessageRow {
  id: string;
  conversationId: string;
  /** Counts 1, 2, 3 … within the conversation, in the order of commits. */
  seq: number;
  senderId: string;
  /** Empty once it is deleted. */
  text: string;
  version: number;
  sentAt: string;
  updatedAt: string;
  deletedAt: string | null;
}

@Entity('messages')
export class MessageEntity implements MessageRow {
  @KeyColumn('uuid', 'conversation_id', 'messages_pkey') conversationId!: string;
  @KeyColumn('uuid', 'id', 'messages_pkey') id!: string;
  @CountColumn('seq') seq!: number;
  @UuidColumn('sender_id') senderId!: string;
  @TextColumn('text') text!: string;
  @CountColumn('version', 1) version!: number;
  @TimeColumn('sent_at') sentAt!: string;
  @TimeColumn('updated_at') updatedAt!: string;
  @TimeColumn('deleted_at', { nullable: true }) deletedAt!: string | null;
}
