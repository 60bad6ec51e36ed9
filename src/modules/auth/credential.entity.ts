import { Entity } from 'typeorm';
import { KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

export interface CredentialRow {
  userId: string;
  email: string;
  /** PHC string of argon2id. */
  passwordHash: string;
  updatedAt: string;
}

@Entity('credentials')
export class CredentialEntity implements CredentialRow {
  @KeyColumn('uuid', 'user_id', 'credentials_pkey') userId!: string;
  @TextColumn('email') email!: string;
  @TextColumn('password_hash') passwordHash!: string;
  @TimeColumn('updated_at') updatedAt!: string;
}

@Entity('credential_emails')
export class CredentialEmailEntity {
  @KeyColumn('text', 'email_key', 'credential_emails_pkey') emailKey!: string;
  @UuidColumn('user_id') userId!: string;
}
