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

  async issue(viewer: Viewer): Promise<string> {
    const now = Math.floor(this.options.clock.ms() / 1_000);
    return new SignJWT({ sid: encodeId(SESSION_PREFIX, viewer.sessionId), client_id: 'first-party' })
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
  async verify(token: string): Promise<{ viewer: Viewer; expiresAt: number }> {
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
      return {
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
