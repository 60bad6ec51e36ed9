import { Column, Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** `direct`: of two people, one for each pair. `group`: of as many as were added. */
export type ConversationKind = 'direct' | 'group';

/**
 * `requested` has not answered yet whether to take part, `declined` did not want to, which nobody else learns: for the
 * others both are members. `left` is over.
 */
export type MemberState = 'active' | 'requested' | 'left' | 'declined';

export interface ConversationRow {
  id: string;
  kind: ConversationKind;
  title: string | null;
  /** The number of its newest message. */
  lastSeq: number;
  version: number;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
}

@Entity('conversations')
export class ConversationEntity implements ConversationRow {
  @KeyColumn('uuid', 'id', 'conversations_pkey') id!: string;
  @TextColumn('kind') kind!: ConversationKind;
  @TextColumn('title', { nullable: true }) title!: string | null;
  @CountColumn('last_seq', 0) lastSeq!: number;
  @CountColumn('version', 1) version!: number;
  @UuidColumn('created_by') createdBy!: string;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('updated_at') updatedAt!: string;
}

/** Which conversation is that of two people; the key holds both of their ids in order. */
@Entity('conversation_pairs')
export class ConversationPairEntity {
  @KeyColumn('text', 'pair_key', 'conversation_pairs_pkey') pairKey!: string;
  @UuidColumn('conversation_id') conversationId!: string;
}

export interface MemberRow {
  conversationId: string;
  userId: string;
  state: MemberState;
  /** The present membership is about messages above this number. */
  fromSeq: number;
  /** Everything up to this number is read. */
  lastReadSeq: number;
  /** The number of the newest message by somebody else, hidden or not: without one above the read ones, nothing is unread. */
  lastReceivedSeq: number;
  muted: boolean;
  joinedAt: string;
  /** When the newest message was sent that this member may read, or when they joined. */
  lastActivityAt: string;
}

@Entity('conversation_members')
export class ConversationMemberEntity implements MemberRow {
  @KeyColumn('uuid', 'conversation_id', 'conversation_members_pkey') conversationId!: string;
  @KeyColumn('uuid', 'user_id', 'conversation_members_pkey') userId!: string;
  @TextColumn('state') state!: MemberState;
  @CountColumn('from_seq') fromSeq!: number;
  @CountColumn('last_read_seq') lastReadSeq!: number;
  @CountColumn('last_received_seq') lastReceivedSeq!: number;
  @Column('boolean', { name: 'muted', default: false }) muted!: boolean;
  @TimeColumn('joined_at') joinedAt!: string;
  @TimeColumn('last_activity_at') lastActivityAt!: string;
}

/** From when until when somebody was a member: what was sent above `fromSeq`, up to `untilSeq`, is theirs to read. */
@Entity('membership_intervals')
export class MembershipIntervalEntity {
  @KeyColumn('uuid', 'conversation_id', 'membership_intervals_pkey') conversationId!: string;
  @KeyColumn('uuid', 'user_id', 'membership_intervals_pkey') userId!: string;
  @KeyColumn('integer', 'from_seq', 'membership_intervals_pkey') fromSeq!: number;
  @Column('integer', { name: 'until_seq', nullable: true }) untilSeq!: number | null;
}
