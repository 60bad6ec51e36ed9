import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Authentication } from '../../graphql/authentication';
import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import { Unauthenticated } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { ForeignTokens, SessionService } from '../auth';
import type { IssuerSessionRow } from './identity.entity';
import * as identities from './identity.repository';
import { clientOf, TokenRefused, type TokenVerifier, type VerifiedToken } from './token-verifier';

/** Tokens whose meaning is remembered; about a kilobyte each. */
const TOKENS_MAX = 10_000;
const SESSION_NAME_MAX = 255;

interface Known {
  readonly authentication: Promise<Authentication>;
  /** Looked up again from here on, in epoch milliseconds. */
  readonly until: number;
}

/**
 * Lets access tokens of other issuers stand for people here. Each sign-in there (`sid`, or the client where the issuer
 * has no `sid`) is one session here, opened when first seen, listed and ended like any other. One that was ended stays
 * so, however many tokens the issuer makes for it, until the person has signed in anew; tokens of before its end never
 * bring it back. A token's first request reads
 * the database; those after it do not, for as long as an access token of ours would be good.
 */
export class IssuerSessions implements ForeignTokens {
  private readonly known = new LRUCache<string, Known>({ max: TOKENS_MAX });

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly verifier: TokenVerifier,
    private readonly sessions: SessionService,
    private readonly rememberMs: number,
  ) {}

  takes(issuer: string): boolean {
    return this.verifier.takesAccessTokensOf(issuer);
  }

  async verify(token: string, address: string): Promise<Authentication> {
    // Of the whole token: what is remembered is that this very signature holds.
    const hash = sha256(token);
    const known = this.known.get(hash);
    if (known && this.clock.ms() < known.until) {
      const authentication = await known.authentication;
      if (this.clock.ms() < authentication.expiresAt) return authentication;
      throw new Unauthenticated('The access token has ended. Get a new one from its issuer.');
    }
    const authentication = this.lookUp(token, address);
    this.known.set(hash, { authentication, until: this.clock.ms() + this.rememberMs });
    // What was refused may be good in a moment, after a sign-in.
    authentication.catch(() => this.known.delete(hash));
    return authentication;
  }

  private async lookUp(token: string, address: string): Promise<Authentication> {
    try {
      const verified = await this.verifier.verifyAccessToken(token);
      const viewer = await this.database.transaction((tx) => this.viewerOf(tx, verified, address));
      return { viewer, expiresAt: verified.expiresAt };
    } catch (error) {
      if (error instanceof TokenRefused) throw new Unauthenticated(error.message);
      throw error;
    }
  }

  private async viewerOf(tx: Transaction, token: VerifiedToken, address: string): Promise<Viewer> {
    const { issuer, subject, claims } = token;
    // Locked, so that a session is opened once however many processes see its first token at once.
    const identity = await identities.lock(tx, { issuer: issuer.issuer, subject });
    if (!identity || identity.ownerGone) {
      throw new Unauthenticated('Nobody here has this identity. Call signInWithIdToken first.');
    }
    const { userId, signedInAt } = identity;
    const place = { issuer: issuer.issuer, subject, issuerSession: sessionName(claims['sid'], clientOf(claims)) };
    const shownAt = Math.max(Date.parse(signedInAt), Math.min(token.authenticatedAt ?? 0, this.clock.ms()));
    const found = await identities.findSession(tx, place);
    if (found && (await this.lives(tx, found, shownAt, claims))) {
      await identities.updateSession(tx, { ...found, seenAt: this.clock.now() });
      await this.sessions.prolong(tx, found.sessionId);
      return { userId, sessionId: found.sessionId };
    }
    // Its refresh token is for nobody: the issuer renews what stands for it.
    const { viewer } = await this.sessions.open(tx, userId, 'issuer', {
      address,
      clientId: issuer.name,
      authenticatedAt: new Date(provenAt(token, signedInAt, this.clock.ms())).toISOString(),
    });
    const row = { ...place, sessionId: viewer.sessionId, seenAt: this.clock.now() };
    if (found) await identities.updateSession(tx, row);
    else await identities.insertSession(tx, row);
    return viewer;
  }

  /** False when the person has signed in since it ended. @throws Unauthenticated when they have not. */
  private async lives(
    tx: Transaction,
    { sessionId, seenAt }: IssuerSessionRow,
    shownAt: number,
    { iat = 0 }: JWTPayload,
  ): Promise<boolean> {
    const end = await this.sessions.endOf(tx, sessionId);
    if (end === null) return true;
    const endedAt = Date.parse(end === 'unknown' ? seenAt : end);
    // A token of before is one of those that were to be worth nothing. Issuers count in whole seconds.
    if (shownAt > endedAt && iat >= Math.floor(endedAt / 1_000)) return false;
    throw new Unauthenticated('This session has ended. Sign in again at the issuer, and call signInWithIdToken.');
  }
}

/** When the person showed who they are for this very token; what they showed after its issue was for others. */
function provenAt({ authenticatedAt, claims: { iat = 0 } }: VerifiedToken, signedInAt: string, now: number): number {
  return Math.max(0, Math.min(authenticatedAt ?? Date.parse(signedInAt), iat * 1_000, now));
}

function sessionName(sid: unknown, clientId: string | null): string {
  if (typeof sid === 'string' && sid !== '') return `sid ${sid.slice(0, SESSION_NAME_MAX)}`;
  return `client ${(clientId ?? '').slice(0, SESSION_NAME_MAX)}`;
}
