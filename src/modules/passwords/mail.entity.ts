import { Entity } from 'typeorm';
import { KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** The first three bring a link; the others tell of what has happened. */
export type MailKind =
  | 'verify-email'
  | 'change-email'
  | 'reset-password'
  | 'email-changing'
  | 'email-changed'
  | 'password-changed';

/** A mail to send, or sent. */
export interface MailRow {
  id: string;
  userId: string;
  kind: MailKind;
  /** Where it goes; a link in it is worth something for this address only. */
  email: string;
  /** What the token of its link is derived from; null without a link. */
  seed: string | null;
  /** SHA-256 of that token, base64url. */
  tokenHash: string | null;
  createdAt: string;
  /** The link ends then, and a mail that could not be sent is given up. */
  expiresAt: string;
  sentAt: string | null;
  /** The link was followed, or something has made it worthless. */
  usedAt: string | null;
}

@Entity('mails')
export class MailEntity implements MailRow {
  @KeyColumn('uuid', 'id', 'mails_pkey') id!: string;
  @UuidColumn('user_id') userId!: string;
  @TextColumn('kind') kind!: MailKind;
  @TextColumn('email') email!: string;
  @TextColumn('seed', { nullable: true }) seed!: string | null;
  @TextColumn('token_hash', { nullable: true }) tokenHash!: string | null;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('expires_at') expiresAt!: string;
  @TimeColumn('sent_at', { nullable: true }) sentAt!: string | null;
  @TimeColumn('used_at', { nullable: true }) usedAt!: string | null;
}
