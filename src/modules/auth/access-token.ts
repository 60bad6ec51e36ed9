import { createPublicKey, type webcrypto } from 'node:crypto';
import { calculateJwkThumbprint, errors, exportJWK, importPKCS8, type JWK, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../kernel/clock';
import { Unauthenticated } from '../../kernel/errors';
import { decodeId, encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';

const ALGORITHM = 'ES256';
/** RFC 9068 §2.1: tells an access token from every other JWT that this key may sign. */
const TOKEN_TYPE = 'at+jwt';
const AUDIENCE = 'portico';
const USER_PREFIX = 'user';
const SESSION_PREFIX = 'session';

export interface AccessTokenOptions {
  /** PKCS #8 PEM of a P-256 key. */
  readonly signingKeyPem: string;
  readonly issuer: string;
  readonly lifetimeSeconds: number;
  readonly clock: Clock;
}

export interface VerifiedToken {
  readonly viewer: Viewer;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Of the key that it is bound to; null for a bearer token. */
  readonly keyThumbprint: string | null;
}

/** Issues and checks access tokens: JWTs signed with ES256 (RFC 7518 §3.4) in the profile of RFC 9068. */
export class AccessTokens {
  private constructor(
    private readonly options: AccessTokenOptions,
    private readonly privateKey: webcrypto.CryptoKey,
    private readonly publicJwk: JWK,
    private readonly keyId: string,
  ) {}

  static async create(options: AccessTokenOptions): Promise<AccessTokens> {
    const privateKey = await importPKCS8(options.signingKeyPem, ALGORITHM);
    const publicJwk = await exportJWK(createPublicKey(options.signingKeyPem));
    return new AccessTokens(options, privateKey, publicJwk, await calculateJwkThumbprint(publicJwk));
  }

  get lifetimeSeconds(): number {
    return this.options.lifetimeSeconds;
  }

  /** With a thumbprint, for the holder of that key alone (RFC 9449 §6.1). */
  async issue(viewer: Viewer, keyThumbprint: string | null = null): Promise<string> {
    const now = Math.floor(this.options.clock.ms() / 1_000);
    const confirmation = keyThumbprint !== null && { cnf: { jkt: keyThumbprint } };
    return new SignJWT({ sid: encodeId(SESSION_PREFIX, viewer.sessionId), client_id: 'first-party', ...confirmation })
      .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE, kid: this.keyId })
      .setIssuer(this.options.issuer)
      .setAudience(AUDIENCE)
      .setSubject(encodeId(USER_PREFIX, viewer.userId))
      .setIssuedAt(now)
      .setExpirationTime(now + this.options.lifetimeSeconds)
      .setJti(crypto.randomUUID())
      .sign(this.privateKey);
  }

  /** @throws Unauthenticated for every token that `issue` did not make or that has ended. */
  async verify(token: string): Promise<VerifiedToken> {
    try {
      const { payload } = await jwtVerify(token, this.publicJwk, {
        algorithms: [ALGORITHM],
        typ: TOKEN_TYPE,
        issuer: this.options.issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'exp', 'iat'],
        currentDate: new Date(this.options.clock.ms()),
      });
      const user = decodeId(String(payload.sub));
      const session = decodeId(String(payload['sid']));
      if (user?.prefix !== USER_PREFIX || session?.prefix !== SESSION_PREFIX) throw new Unauthenticated(REFUSED);
      const { cnf } = payload;
      const keyThumbprint = cnf === undefined ? null : (cnf as { jkt?: unknown } | null)?.jkt;
      if (keyThumbprint !== null && typeof keyThumbprint !== 'string') throw new Unauthenticated(REFUSED);
      return {
        keyThumbprint,
        viewer: { userId: user.uuid, sessionId: session.uuid },
        expiresAt: (payload.exp ?? 0) * 1_000,
      };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new Unauthenticated(EXPIRED);
      if (error instanceof errors.JOSEError) throw new Unauthenticated(REFUSED);
      throw error;
    }
  }
}

const EXPIRED = 'The access token has ended. Get a new one with the refresh token at POST /oauth/token.';
const REFUSED = 'This access token is not valid here. Sign in again.';
