import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** An authorization code (RFC 6749 §4.1.2) and what it may be exchanged with. */
export interface CodeRow {
  /** SHA-256 of the code, base64url. */
  codeHash: string;
  userId: string;
  /** Of the password that was shown for it. */
  passwordVersion: number;
  clientId: string;
  redirectUri: string;
  codeChallenge: string;
  /** JWK thumbprint of the only key that it may be exchanged with. */
  keyThumbprint: string | null;
  createdAt: string;
  expiresAt: string;
  usedAt: string | null;
  /** The session that it was exchanged for. */
  sessionId: string | null;
}

@Entity('oauth_codes')
export class CodeEntity implements CodeRow {
  @KeyColumn('text', 'code_hash', 'oauth_codes_pkey') codeHash!: string;
  @UuidColumn('user_id') userId!: string;
  @CountColumn('password_version', 0) passwordVersion!: number;
  @TextColumn('client_id') clientId!: string;
  @TextColumn('redirect_uri') redirectUri!: string;
  @TextColumn('code_challenge') codeChallenge!: string;
  @TextColumn('key_thumbprint', { nullable: true }) keyThumbprint!: string | null;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('expires_at') expiresAt!: string;
  @TimeColumn('used_at', { nullable: true }) usedAt!: string | null;
  @UuidColumn('session_id', { nullable: true }) sessionId!: string | null;
}
