import { Entity } from 'typeorm';
import { KeyColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** One signed-in app on one device; the family of its refresh tokens. */
export interface SessionRow {
  id: string;
  userId: string;
  createdAt: string;
  lastUsedAt: string;
  revokedAt: string | null;
}

export interface RefreshTokenRow {
  /** SHA-256 of the token, base64url. */
  tokenHash: string;
  sessionId: string;
  createdAt: string;
  expiresAt: string;
  usedAt: string | null;
}

@Entity('sessions')
export class SessionEntity implements SessionRow {
  @KeyColumn('uuid', 'id', 'sessions_pkey') id!: string;
  @UuidColumn('user_id') userId!: string;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('last_used_at') lastUsedAt!: string;
  @TimeColumn('revoked_at', { nullable: true }) revokedAt!: string | null;
}

@Entity('refresh_tokens')
export class RefreshTokenEntity implements RefreshTokenRow {
  @KeyColumn('text', 'token_hash', 'refresh_tokens_pkey') tokenHash!: string;
  @UuidColumn('session_id') sessionId!: string;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('expires_at') expiresAt!: string;
  @TimeColumn('used_at', { nullable: true }) usedAt!: string | null;
}
