import { createHash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyResult, jwtVerify } from 'jose';
import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import type { IssuerKeys } from './issuer-keys';
import type { IssuerOptions } from './issuer-options';

/** Clocks of issuers and ours differ by this much at most. */
const CLOCK_TOLERANCE_SECONDS = 30;
const TOKEN_MAX = 16_384;
/** OpenID Connect Core 1.0 §2. */
const SUBJECT_MAX = 255;

/** Why a token is refused; stands in the audit trail. */
export type TokenFault =
  | 'malformed'
  | 'issuer'
  | 'key'
  | 'signature'
  | 'algorithm'
  | 'kind'
  | 'audience'
  | 'ended'
  | 'early'
  | 'nonce'
  | 'claims';

const MESSAGES: Readonly<Record<TokenFault, string>> = {
  malformed: 'This is not a signed JWT.',
  issuer: 'This token is of an issuer that is not taken here.',
  key: 'The issuer has no such key as this token names.',
  signature: 'The signature of this token does not hold.',
  algorithm: 'This token is signed in a way that is not taken here.',
  kind: 'This is a token of another kind.',
  audience: 'This token was made for somebody else.',
  ended: 'This token has ended, or is too old to sign in by. Get a new one from the issuer.',
  early: 'This token is not valid yet.',
  nonce: 'The nonce in this token is not the one that was sent with it.',
  claims: 'This token lacks a claim, or has one that is not as it must be.',
};

/** A token that stands for nobody here. */
export class TokenRefused extends Error {
  constructor(
    readonly fault: TokenFault,
    /** Its name; null when it is none of ours. */
    readonly issuer: string | null = null,
  ) {
    super(MESSAGES[fault]);
    this.name = 'TokenRefused';
  }
}

/** What a token says that an issuer has signed for us. */
export interface VerifiedToken {
  readonly issuer: IssuerOptions;
  readonly subject: string;
  readonly claims: JWTPayload;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** When the person last showed the issuer who they are, in epoch milliseconds; null when the issuer does not say. */
  readonly authenticatedAt: number | null;
  /** SHA-256 of what the issuer signed, base64url. */
  readonly hash: string;
}

interface Issuer {
  readonly options: IssuerOptions;
  readonly keys: IssuerKeys;
}

/** Checks tokens of configured issuers: signature, whom they are from and for, their kind and their time (RFC 8725). */
export class TokenVerifier {
  private readonly byUrl: ReadonlyMap<string, Issuer>;

  constructor(
    issuers: readonly Issuer[],
    private readonly clock: Clock,
  ) {
    this.byUrl = new Map(issuers.map((each) => [each.options.issuer, each]));
  }

  /** The URLs of all configured issuers. */
  get issuers(): ReadonlySet<string> {
    return new Set(this.byUrl.keys());
  }

  /** What an issuer is called; one that is not configured any more, by its URL. */
  nameOf(issuer: string): string {
    return this.byUrl.get(issuer)?.options.name ?? issuer;
  }

  /** Whether access tokens of this issuer are taken on requests. */
  takesAccessTokensOf(issuer: string): boolean {
    return Boolean(this.byUrl.get(issuer)?.options.accessTokens);
  }

  /**
   * An ID token that may sign somebody in (OpenID Connect Core 1.0 §3.1.3.7). `nonce` is what the app has made; a token
   * with a nonce is worth nothing without it.
   * @throws TokenRefused; Fault SERVICE_UNAVAILABLE when the issuer's keys cannot be had.
   */
  async verifyIdToken(token: string, nonce: string | null, expected: string | null): Promise<VerifiedToken> {
    const issuer = this.issuerOf(token);
    const { options } = issuer;
    if (expected !== null && expected !== options.name && expected !== options.issuer) {
      throw new TokenRefused('issuer', options.name);
    }
    const verified = await this.verify(token, issuer, options.audiences, options.maxAgeSeconds);
    const { payload, protectedHeader } = verified;
    const refuse = (fault: TokenFault) => new TokenRefused(fault, options.name);
    // A logout token (OpenID Connect Back-Channel Logout 1.0 §2.4) is signed by the same key for the same audience.
    if (!isPlain(protectedHeader.typ) || payload['events'] !== undefined) throw refuse('kind');
    if (!isForUs(payload, options)) throw refuse('audience');
    if (!hasClaims(payload, options.claims)) throw refuse('claims');
    if (!fitsNonce(payload['nonce'], nonce, options.nonce)) throw refuse('nonce');
    return read(token, options, payload);
  }

  /** An access token that stands for somebody on a request. @throws as `verifyIdToken`. */
  async verifyAccessToken(token: string): Promise<VerifiedToken> {
    const issuer = this.issuerOf(token);
    const { options } = issuer;
    const refuse = (fault: TokenFault) => new TokenRefused(fault, options.name);
    const rules = options.accessTokens;
    if (!rules) throw refuse('issuer');
    const { payload, protectedHeader } = await this.verify(token, issuer, rules.audiences);
    const { typ } = protectedHeader;
    const fits = rules.type === 'JWT' ? isPlain(typ) : /^(application\/)?at\+jwt$/i.test(typ ?? '');
    if (!fits || payload['events'] !== undefined) throw refuse('kind');
    const clientId = clientOf(payload);
    if (rules.clientIds && !(clientId && rules.clientIds.includes(clientId))) throw refuse('audience');
    // RFC 9449 §7.1, RFC 8705 §3: bound to a key that a bearer need not have.
    if (payload['cnf'] !== undefined) throw refuse('kind');
    if (!hasClaims(payload, rules.claims)) throw refuse('claims');
    return read(token, options, payload);
  }

  private issuerOf(token: string): Issuer {
    if (token.length > TOKEN_MAX) throw new TokenRefused('malformed');
    const iss = unverifiedIssuerOf(token);
    if (iss === null) throw new TokenRefused('malformed');
    const issuer = this.byUrl.get(iss);
    if (!issuer) throw new TokenRefused('issuer');
    return issuer;
  }

  private async verify(
    token: string,
    { options, keys }: Issuer,
    audiences: readonly string[] | null,
    maxTokenAge?: number,
  ): Promise<JWTVerifyResult> {
    try {
      return await jwtVerify(token, keys.find, {
        algorithms: [...options.algorithms],
        issuer: options.issuer,
        ...(audiences && { audience: [...audiences] }),
        ...(maxTokenAge !== undefined && { maxTokenAge }),
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(this.clock.ms()),
      });
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new TokenRefused(faultOf(error), options.name);
      throw error;
    }
  }
}

/** Who says to have signed a token; it may be anybody. Null for what is no JWT. */
export function unverifiedIssuerOf(token: string): string | null {
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? iss : null;
  } catch {
    return null;
  }
}

/** The client that asked for a token, where it says so. */
export function clientOf(claims: JWTPayload): string | null {
  const client = claims['client_id'] ?? claims['azp'];
  return typeof client === 'string' ? client : null;
}

function faultOf(error: errors.JOSEError): TokenFault {
  if (error instanceof errors.JWTExpired) return 'ended';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'audience';
    return error.reason === 'check_failed' && ['iat', 'nbf'].includes(error.claim) ? 'early' : 'claims';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return 'algorithm';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return 'key';
  return 'malformed';
}

/** The type of an ID token says nothing, or that it is a JWT; every other kind of token has a type of its own. */
function isPlain(type: unknown): boolean {
  return type === undefined || (typeof type === 'string' && type.toUpperCase() === 'JWT');
}

/** OpenID Connect Core 1.0 §3.1.3.7, 3 to 5: nobody unknown among several audiences, and asked for by somebody known. */
function isForUs({ aud, azp }: JWTPayload, { audiences, authorizedParties }: IssuerOptions): boolean {
  const known = (party: unknown) => typeof party === 'string' && [...audiences, ...authorizedParties].includes(party);
  if (Array.isArray(aud) && aud.length > 1) return aud.every(known) && known(azp);
  return azp === undefined || authorizedParties.length === 0 || known(azp);
}

function hasClaims(payload: JWTPayload, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(payload, name) && payload[name] === value);
}

function fitsNonce(inToken: unknown, nonce: string | null, form: IssuerOptions['nonce']): boolean {
  if (inToken === undefined && nonce === null) return true;
  if (nonce === null) return false;
  return inToken === (form === 'sha256' ? createHash('sha256').update(nonce).digest('hex') : nonce);
}

function read(token: string, issuer: IssuerOptions, claims: JWTPayload): VerifiedToken {
  const { sub, exp } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > SUBJECT_MAX || sub.includes('\0')) {
    throw new TokenRefused('claims', issuer.name);
  }
  const authTime = claims['auth_time'];
  const signed = token.slice(0, token.lastIndexOf('.'));
  return {
    issuer,
    subject: sub,
    claims,
    expiresAt: (exp ?? 0) * 1_000,
    authenticatedAt: typeof authTime === 'number' && Number.isFinite(authTime) ? authTime * 1_000 : null,
    hash: sha256(signed),
  };
}
