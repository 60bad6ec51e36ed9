import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock';
import { Unauthenticated } from '../../kernel/errors';
import { decodeId, encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { ALGORITHM, KeyRing } from './key-ring';

/** RFC 9068 §2.1: tells an access token from every other JWT that this key may sign. */
const TOKEN_TYPE = 'at+jwt';
const AUDIENCE = 'portico';
const USER_PREFIX = 'user';
const SESSION_PREFIX = 'session';
const DEVICE_PREFIX = 'device';
/** The client of apps that sign in by mutation. */
export const FIRST_PARTY = 'first-party';
/** How far the clock of the process that issued a token may be ahead of this one's. */
const CLOCK_SKEW_SECONDS = 60;

export interface AccessTokenOptions {
  /** PKCS #8 PEM of a P-256 key. */
  readonly signingKeyPem: string;
  /** PEMs of further P-256 keys whose tokens are accepted. */
  readonly verificationPems?: readonly string[];
  readonly issuer: string;
  readonly lifetimeSeconds: number;
  readonly clock: Clock;
  /** How many good tokens are remembered, so that their signatures are not checked again; none when left out. */
  readonly rememberMax?: number;
}

export interface VerifiedToken {
  readonly viewer: Viewer;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Of the key that it is bound to; null for a bearer token. */
  readonly keyThumbprint: string | null;
  /** The device that its session was of when it was issued; null while that was not known. */
  readonly deviceId: string | null;
}

/** What a token is bound to besides its session. */
export interface TokenBinding {
  /** The OAuth client that it is issued to; apps that sign in by mutation when left out. */
  readonly clientId?: string;
  /** JWK thumbprint of the key whose holder alone may use it (RFC 9449 §6.1); anybody when left out. */
  readonly keyThumbprint?: string | null;
  /** The device of its session, if that is known. */
  readonly deviceId?: string | null;
}

/** Issues and checks access tokens: JWTs signed with ES256 (RFC 7518 §3.4) in the profile of RFC 9068. */
export class AccessTokens {
  /** What good tokens said, by the whole token: a signature takes longer to check than a small query. */
  private readonly known: LRUCache<string, VerifiedToken> | null;

  private constructor(
    private readonly options: AccessTokenOptions,
    private readonly keys: KeyRing,
  ) {
    const { rememberMax = 0 } = options;
    this.known = rememberMax > 0 ? new LRUCache({ max: rememberMax }) : null;
  }

  static async create(options: AccessTokenOptions): Promise<AccessTokens> {
    return new AccessTokens(options, await KeyRing.create(options.signingKeyPem, options.verificationPems));
  }

  get lifetimeSeconds(): number {
    return this.options.lifetimeSeconds;
  }

  /** The public keys by which anybody can check the tokens. */
  get jwks() {
    return this.keys.jwks;
  }

  async issue(
    viewer: Viewer,
    { clientId = FIRST_PARTY, keyThumbprint = null, deviceId = null }: TokenBinding = {},
  ): Promise<string> {
    const now = Math.floor(this.options.clock.ms() / 1_000);
    const confirmation = keyThumbprint !== null && { cnf: { jkt: keyThumbprint } };
    const device = deviceId !== null && { did: encodeId(DEVICE_PREFIX, deviceId) };
    const sid = encodeId(SESSION_PREFIX, viewer.sessionId);
    return new SignJWT({ sid, client_id: clientId, ...confirmation, ...device })
      .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE, kid: this.keys.signingKeyId })
      .setIssuer(this.options.issuer)
      .setAudience(AUDIENCE)
      .setSubject(encodeId(USER_PREFIX, viewer.userId))
      .setIssuedAt(now)
      .setExpirationTime(now + this.options.lifetimeSeconds)
      .setJti(crypto.randomUUID())
      .sign(this.keys.signingKey);
  }

  /** What a token says that has been found good before and has not ended since; null for all others. */
  recall(token: string): VerifiedToken | null {
    const found = this.known?.get(token);
    // What can change is the time; whether the session has ended is asked elsewhere, of each request.
    return found && found.expiresAt > this.options.clock.ms() ? found : null;
  }

  /** @throws Unauthenticated for every token that `issue` did not make or that has ended. */
  async verify(token: string): Promise<VerifiedToken> {
    const recalled = this.recall(token);
    if (recalled) return recalled;
    const verified = await this.check(token);
    this.known?.set(token, verified);
    return verified;
  }

  private async check(token: string): Promise<VerifiedToken> {
    const now = this.options.clock.ms();
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.keys.publicKey(kid), {
        algorithms: [ALGORITHM],
        typ: TOKEN_TYPE,
        issuer: this.options.issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'exp', 'iat'],
        currentDate: new Date(now),
      });
      const { iat = 0, exp = 0 } = payload;
      if (iat > now / 1_000 + CLOCK_SKEW_SECONDS) throw new Unauthenticated(REFUSED);
      // A token from before the life of tokens was shortened lives no longer than others: ends of sessions are remembered
      // for one life only.
      const endsAt = Math.min(exp, iat + this.options.lifetimeSeconds) * 1_000;
      if (endsAt <= now) throw new Unauthenticated(EXPIRED);
      const user = decodeId(String(payload.sub));
      const session = decodeId(String(payload['sid']));
      if (user?.prefix !== USER_PREFIX || session?.prefix !== SESSION_PREFIX) throw new Unauthenticated(REFUSED);
      const { cnf } = payload;
      const keyThumbprint = cnf === undefined ? null : (cnf as { jkt?: unknown } | null)?.jkt;
      if (keyThumbprint !== null && typeof keyThumbprint !== 'string') throw new Unauthenticated(REFUSED);
      return {
        keyThumbprint,
        deviceId: (payload['did'] !== undefined && decodeId(String(payload['did']))?.uuid) || null,
        viewer: { userId: user.uuid, sessionId: session.uuid },
        expiresAt: endsAt,
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
