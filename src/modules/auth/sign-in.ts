import type { Viewer } from '../../kernel/viewer';

export interface SessionOptions {
  readonly refreshTokenDays: number;
  /** How long after showing who they are somebody may do what is critical. */
  readonly stepUpSeconds: number;
  /** How long a refresh token that is bound to no key gives the same successor again. */
  readonly refreshReuseSeconds: number;
  /** Derives each refresh token from its predecessor. */
  readonly refreshKey: Buffer;
}

/** From where somebody signs in. */
export interface SignInOrigin {
  /** The IP address. */
  readonly address: string;
  /** JWK thumbprint of the key that the tokens are to be bound to, proven already. */
  readonly keyThumbprint?: string | null;
  readonly clientId?: string;
  /** RFC 3339; now when left out. */
  readonly authenticatedAt?: string;
}

/** What an app keeps to stay signed in. */
export interface Tokens {
  readonly viewer: Viewer;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token ends. */
  readonly expiresIn: number;
  /** By which scheme the access token is sent: DPoP when it is bound to a key (RFC 9449 §5). */
  readonly tokenType: 'Bearer' | 'DPoP';
}

/** Why a session ended; it stands in the audit trail. */
export type SessionEnd = 'signed-out' | 'revoked' | 'reused' | 'password-changed' | 'replaced' | 'unlinked' | 'deleted';
