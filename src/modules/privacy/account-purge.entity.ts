import { Entity } from 'typeorm';
import { KeyColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** A deleted account whose traces are being removed. While the row stands, no counter that is shown counts the person. */
export interface AccountPurgeRow {
  userId: string;
  /** Under which everybody else learns of it. */
  eventId: string;
  /** The last of the person's conversations, by id, that is done with. */
  conversationId: string | null;
  createdAt: string;
}

@Entity('account_purges')
export class AccountPurgeEntity implements AccountPurgeRow {
  @KeyColumn('uuid', 'user_id', 'account_purges_pkey') userId!: string;
  @UuidColumn('event_id') eventId!: string;
  @UuidColumn('conversation_id', { nullable: true }) conversationId!: string | null;
  @TimeColumn('created_at') createdAt!: string;
}
