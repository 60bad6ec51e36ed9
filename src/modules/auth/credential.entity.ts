import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

export interface CredentialRow {
  userId: string;
  email: string;
  /** PHC string of argon2id. */
  passwordHash: string;
  updatedAt: string;
  /** When its owner showed that mail to the address arrives; null until then. */
  emailVerifiedAt: string | null;
  /** Grows by one with every new password, and not with a new hash of the same. */
  passwordVersion: number;
}

@Entity('credentials')
export class CredentialEntity implements CredentialRow {
  @KeyColumn('uuid', 'user_id', 'credentials_pkey') userId!: string;
  @TextColumn('email') email!: string;
  @TextColumn('password_hash') passwordHash!: string;
  @TimeColumn('updated_at') updatedAt!: string;
  @TimeColumn('email_verified_at', { nullable: true }) emailVerifiedAt!: string | null;
  @CountColumn('password_version', 1) passwordVersion!: number;
}

@Entity('credential_emails')
export class CredentialEmailEntity {
  @KeyColumn('text', 'email_key', 'credential_emails_pkey') emailKey!: string;
  @UuidColumn('user_id') userId!: string;
}
