import { Column, Entity } from 'typeorm';
import { KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** How somebody has shown who they are. */
export type SignInMethod = 'password' | 'passkey' | 'issuer';

/** One signed-in app on one device; the family of its refresh tokens. */
export interface SessionRow {
  id: string;
  userId: string;
  createdAt: string;
  lastUsedAt: string;
  revokedAt: string | null;
  method: SignInMethod;
  /** The OAuth client that it is of (RFC 6749 §2.2). */
  clientId: string;
  /** When its owner last showed who they are; null for sessions from before this was kept, which were then opened. */
  authenticatedAt: string | null;
  deviceId: string | null;
  /** JWK thumbprint (RFC 7638) of the key that its tokens are bound to (RFC 9449 §6); null for bearer tokens. */
  keyThumbprint: string | null;
  /** Thumbprint of the key that was proven in the very request in which the owner last showed who they are with one. */
  confirmedKey: string | null;
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
  @Column('text', { name: 'method', default: 'password' }) method!: SignInMethod;
  @Column('text', { name: 'client_id', default: 'first-party' }) clientId!: string;
  @TimeColumn('authenticated_at', { nullable: true }) authenticatedAt!: string | null;
  @UuidColumn('device_id', { nullable: true }) deviceId!: string | null;
  @TextColumn('key_thumbprint', { nullable: true }) keyThumbprint!: string | null;
  @TextColumn('confirmed_key', { nullable: true }) confirmedKey!: string | null;
}

@Entity('refresh_tokens')
export class RefreshTokenEntity implements RefreshTokenRow {
  @KeyColumn('text', 'token_hash', 'refresh_tokens_pkey') tokenHash!: string;
  @UuidColumn('session_id') sessionId!: string;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('expires_at') expiresAt!: string;
  @TimeColumn('used_at', { nullable: true }) usedAt!: string | null;
}
