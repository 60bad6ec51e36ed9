import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { Unauthenticated } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Executor, Transaction } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { AuditTrail } from '../audit';
import type { AccessTokens } from './access-token';
import type { SignInMethod } from './session.entity';
import * as sessions from './session.repository';
import { sessionTopic } from './session-watch';

const REFRESH_TOKEN_BYTES = 32;
/** A refresh token is base64url of 32 bytes; nothing else is worth a look in the database. */
const REFRESH_TOKEN = /^[\w-]{43}$/;
/** The client of apps that sign in by mutation. */
const FIRST_PARTY = 'first-party';

export interface SessionOptions {
  readonly refreshTokenDays: number;
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
}

/** Why a session ended; it stands in the audit trail. */
export type SessionEnd = 'signed-out' | 'revoked' | 'reused' | 'password-changed' | 'replaced' | 'unlinked';

/** What else has to end with sessions of an account. */
export type EndingWork = (tx: Transaction, userId: string, ended: readonly sessions.EndedSession[]) => Promise<void>;

/** Sessions, whichever way they were opened, and their tokens. */
export class SessionService {
  private readonly endingWork: EndingWork[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly accessTokens: AccessTokens,
    private readonly doorbell: Doorbell,
    private readonly audit: AuditTrail,
    private readonly options: SessionOptions,
  ) {}

  /** Opens a session of somebody who has just shown who they are. */
  async open(tx: Transaction, userId: string, method: SignInMethod, origin: SignInOrigin): Promise<Tokens> {
    const now = this.clock.now();
    const { address, keyThumbprint = null, clientId = FIRST_PARTY, authenticatedAt = now } = origin;
    const id = this.newId();
    const times = { createdAt: now, lastUsedAt: now, revokedAt: null, authenticatedAt };
    await sessions.insertSession(tx, { id, userId, ...times, method, clientId, deviceId: null, keyThumbprint });
    const refreshToken = randomBytes(REFRESH_TOKEN_BYTES).toString('base64url');
    await this.insertRefreshToken(tx, id, refreshToken);
    const details = { method, clientId, bound: keyThumbprint !== null };
    this.audit.append(tx, { kind: 'session.opened', userId, sessionId: id, address, details });
    return this.tokens({ userId, sessionId: id }, refreshToken);
  }

  /**
   * Exchanges a refresh token for its successor and a new access token (RFC 6749 §6). The successor follows from the
   * predecessor by HMAC, so a retry after a lost answer gets the same one; a token that comes back after its successor
   * was used has been copied, and ends the session (RFC 9700 §4.14.2).
   * @returns null when the token is refused.
   */
  async refresh(db: Database, token: string, { address }: SignInOrigin): Promise<Tokens | null> {
    if (!REFRESH_TOKEN.test(token)) return null;
    const successor = this.successorOf(token);
    const viewer = await db.transaction(async (tx) => {
      const sessionId = (await sessions.findRefreshToken(tx, hashToken(token)))?.sessionId;
      const session = sessionId && (await sessions.lockLiveSession(tx, sessionId));
      // Read again under the lock: another request may just have used it.
      const current = session && (await sessions.findRefreshToken(tx, hashToken(token)));
      const now = this.clock.now();
      if (!current || current.expiresAt <= now) return null;
      const of = { userId: session.userId, sessionId: session.id };
      if (current.usedAt === null) {
        await sessions.markUsed(tx, current, now);
        await this.insertRefreshToken(tx, session.id, successor);
      } else if ((await sessions.findRefreshToken(tx, hashToken(successor)))?.usedAt !== null) {
        this.audit.append(tx, { kind: 'token.reused', ...of, address });
        await this.end(tx, of, 'reused', address);
        return null;
      }
      return of;
    });
    return viewer && this.tokens(viewer, successor);
  }

  /** Ends a session: its tokens are worth nothing any more, and its live connections close. False when it had ended. */
  async end(tx: Transaction, viewer: Viewer, why: SessionEnd, address: string | null = null): Promise<boolean> {
    const { userId, sessionId: only } = viewer;
    return (await this.endThose(tx, userId, { only }, why, address)).length > 0;
  }

  /** Ends all sessions of the account but the viewer's own. @returns their ids. */
  endOthers(tx: Transaction, viewer: Viewer, why: SessionEnd, address: string | null = null): Promise<string[]> {
    return this.endThose(tx, viewer.userId, { except: viewer.sessionId }, why, address);
  }

  /** Ends all sessions of an account. @returns their ids. */
  endAll(tx: Transaction, userId: string, why: SessionEnd, address: string | null = null): Promise<string[]> {
    return this.endThose(tx, userId, {}, why, address);
  }

  /** Has `work` done in the transaction in which sessions of one account end. */
  whenEnding(work: EndingWork): void {
    this.endingWork.push(work);
  }

  private async endThose(
    tx: Transaction,
    userId: string,
    which: sessions.Which,
    why: SessionEnd,
    address: string | null,
  ): Promise<string[]> {
    const ended = await sessions.revoke(tx, userId, which, this.clock.now());
    if (ended.length === 0) return [];
    const ids = ended.map(({ id }) => id);
    for (const sessionId of ids) {
      this.audit.append(tx, { kind: 'session.ended', userId, sessionId, address, details: { why } });
    }
    for (const work of this.endingWork) await work(tx, userId, ended);
    tx.afterCommit(() => this.doorbell.ring(...ids.map(sessionTopic)));
    return ids;
  }

  /** When a session ended (RFC 3339): null when it lives, 'unknown' when nothing is left of it. */
  async endOf(executor: Executor, sessionId: string): Promise<string | null> {
    const session = await sessions.findById(executor, sessionId);
    return session ? session.revokedAt : 'unknown';
  }

  /** Keeps a session whose tokens are not ours for as long as one of which a refresh token has just been used. */
  async prolong(tx: Transaction, sessionId: string): Promise<void> {
    await sessions.prolong(tx, sessionId, this.clock.now(), this.refreshEnd());
  }

  /** @throws Unauthenticated when the session was revoked or the account deleted. */
  async assertLive(tx: Transaction, viewer: Viewer): Promise<void> {
    if (!(await sessions.isLive(tx, viewer))) throw new Unauthenticated('This session has ended. Sign in again.');
  }

  private async insertRefreshToken(tx: Transaction, sessionId: string, token: string): Promise<void> {
    await sessions.insertRefreshToken(tx, {
      tokenHash: hashToken(token),
      sessionId,
      createdAt: this.clock.now(),
      expiresAt: this.refreshEnd(),
      usedAt: null,
    });
  }

  /** When a refresh token ends that is issued now. */
  private refreshEnd(): string {
    return new Date(this.clock.ms() + this.options.refreshTokenDays * 86_400_000).toISOString();
  }

  private async tokens(viewer: Viewer, refreshToken: string): Promise<Tokens> {
    const accessToken = await this.accessTokens.issue(viewer);
    return { viewer, accessToken, refreshToken, expiresIn: this.accessTokens.lifetimeSeconds };
  }

  private successorOf(token: string): string {
    return createHmac('sha256', this.options.refreshKey).update(token).digest('base64url');
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
