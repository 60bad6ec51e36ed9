import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import { refuse, Unauthenticated } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Executor, Transaction } from '../../platform/postgres/database';
import type { AuditTrail } from '../audit';
import { type AccessTokens, FIRST_PARTY, type TokenBinding } from './access-token';
import type { EndedSessions } from './ended-sessions';
import type { SessionRow, SignInMethod } from './session.entity';
import * as sessions from './session.repository';
import type { SessionEnd, SessionOptions, SignInOrigin, Tokens } from './sign-in';

export type { SessionEnd, SessionOptions, SignInOrigin, Tokens } from './sign-in';

const REFRESH_TOKEN_BYTES = 32;
/** A refresh token is base64url of 32 bytes; nothing else is worth a look in the database. */
const REFRESH_TOKEN = /^[\w-]{43}$/;
const DAY_MS = 86_400_000;
export const SESSION_PREFIX = 'session';
const ENDED = 'This session has ended. Sign in again.';

/** What else has to end with sessions of an account. */
export type EndingWork = (tx: Transaction, userId: string, ended: readonly sessions.EndedSession[]) => Promise<void>;

/** Sessions, whichever way they were opened, and their tokens. */
export class SessionService {
  private readonly endingWork: EndingWork[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly accessTokens: AccessTokens,
    private readonly ended: EndedSessions,
    private readonly audit: AuditTrail,
    private readonly options: SessionOptions,
  ) {}

  /** Opens a session of somebody who has just shown who they are. */
  async open(tx: Transaction, userId: string, method: SignInMethod, origin: SignInOrigin): Promise<Tokens> {
    const now = this.clock.now();
    const { address, keyThumbprint = null, clientId = FIRST_PARTY, authenticatedAt = now } = origin;
    const id = this.newId();
    const times = { createdAt: now, lastUsedAt: now, revokedAt: null, authenticatedAt };
    const keys = { keyThumbprint, confirmedKey: keyThumbprint };
    await sessions.insertSession(tx, { id, userId, ...times, method, clientId, deviceId: null, ...keys });
    const refreshToken = randomBytes(REFRESH_TOKEN_BYTES).toString('base64url');
    await this.keepRefreshToken(tx, id, refreshToken);
    const details = { method, clientId, bound: keyThumbprint !== null };
    this.audit.append(tx, { kind: 'session.opened', userId, sessionId: id, address, details });
    return this.tokens({ userId, sessionId: id }, refreshToken, { clientId, keyThumbprint });
  }

  /**
   * Exchanges a refresh token for its successor and a new access token (RFC 6749 §6). The successor follows from the
   * predecessor by HMAC, and until it is used itself, its predecessor gives it again: an answer that a bad network has
   * lost is asked for once more. Who proves the key that the session is bound to may do so however late; without a key
   * it must be within `refreshReuseSeconds` of the last time. Any other used token has been copied, and ends the session
   * (RFC 9700 §4.14.2). A session without a key is bound by the first use of a token that comes with a proof.
   * @returns null when the token is refused, e.g. since it was issued to another client.
   */
  async refresh(db: Database, token: string, origin: SignInOrigin): Promise<Tokens | null> {
    if (!REFRESH_TOKEN.test(token)) return null;
    const successor = this.successorOf(token);
    const refreshed = await db.transaction((tx) => this.rotate(tx, token, successor, origin));
    if (!refreshed) return null;
    const { viewer, ...binding } = refreshed;
    return this.tokens(viewer, successor, { clientId: origin.clientId, ...binding });
  }

  /**
   * Notes that the owner of a session has shown who they are once more. By a proof they vouch for its key: it may be
   * registered, and sign what is critical.
   * @returns until when they may do that (RFC 3339).
   * @throws Unauthenticated when the session has ended.
   */
  async confirm(tx: Transaction, viewer: Viewer, { address, keyThumbprint = null }: SignInOrigin): Promise<string> {
    if (!(await sessions.confirm(tx, viewer, keyThumbprint, this.clock.now()))) throw new Unauthenticated(ENDED);
    this.audit.append(tx, { kind: 'session.confirmed', ...viewer, address, details: { key: keyThumbprint !== null } });
    return new Date(this.clock.ms() + this.options.stepUpSeconds * 1_000).toISOString();
  }

  private async rotate(
    tx: Transaction,
    token: string,
    successor: string,
    origin: SignInOrigin,
  ): Promise<({ viewer: Viewer } & Pick<SessionRow, 'keyThumbprint' | 'deviceId'>) | null> {
    const { address, keyThumbprint = null, clientId = FIRST_PARTY } = origin;
    const tokenHash = sha256(token);
    const session = await sessions.lockLiveSessionOf(tx, tokenHash);
    // Read under the lock: another request may just have used it.
    const presented = session && (await sessions.findRefreshToken(tx, tokenHash));
    if (!presented || presented.expiresAt <= this.clock.now()) return null;
    const of = { userId: session.userId, sessionId: session.id };
    if (session.clientId !== clientId) {
      this.audit.append(tx, { kind: 'token.refused', ...of, address, details: { why: 'other-client' } });
      return null;
    }
    const bound = session.keyThumbprint !== null;
    if (bound && session.keyThumbprint !== keyThumbprint) {
      this.audit.append(tx, { kind: 'token.refused', ...of, address, details: { why: 'other-key' } });
      // Whoever copied it while it was bound to no key may have bound it to one of their own.
      if (presented.usedAt !== null) await this.end(tx, of, 'reused', address);
      return null;
    }
    if (presented.usedAt !== null && !(await this.givesAgain(tx, presented.usedAt, bound, successor))) {
      this.audit.append(tx, { kind: 'token.reused', ...of, address });
      await this.end(tx, of, 'reused', address);
      return null;
    }
    const binds = !bound && keyThumbprint !== null && presented.usedAt === null;
    if (binds) await sessions.bindToKey(tx, session.id, keyThumbprint);
    await sessions.markUsed(tx, presented, this.clock.now());
    await this.keepRefreshToken(tx, session.id, successor);
    return { viewer: of, keyThumbprint: binds ? keyThumbprint : session.keyThumbprint, deviceId: session.deviceId };
  }

  /** Whether a used token still gives its successor. */
  private async givesAgain(tx: Transaction, usedAt: string, bound: boolean, successor: string): Promise<boolean> {
    const inTime = this.clock.ms() - Date.parse(usedAt) < this.options.refreshReuseSeconds * 1_000;
    if (!bound && !inTime) return false;
    return (await sessions.findRefreshToken(tx, sha256(successor)))?.usedAt === null;
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

  /**
   * Ends one of the viewer's sessions on the viewer's behalf; one that has ended already stays so.
   * @throws Unauthenticated when the viewer's own has. @throws UserErrors NOT_FOUND.
   */
  async revoke(tx: Transaction, viewer: Viewer, sessionId: string, address: string): Promise<void> {
    await this.assertLive(tx, viewer);
    const { userId } = viewer;
    if (await this.end(tx, { userId, sessionId }, 'revoked', address)) return;
    if (await sessions.isOf(tx, userId, sessionId)) return;
    refuse('NOT_FOUND', 'You have no such session.', ['input', 'sessionId']);
  }

  /** @throws Unauthenticated when the viewer's own session has ended. */
  async signOutEverywhere(tx: Transaction, viewer: Viewer, address: string): Promise<void> {
    await this.assertLive(tx, viewer);
    await this.endAll(tx, viewer.userId, 'signed-out', address);
  }

  /** A session that was last used before has outlived its refresh token. */
  livingSince(): string {
    return new Date(this.clock.ms() - this.options.refreshTokenDays * DAY_MS).toISOString();
  }

  /**
   * The device of the viewer's session, null while it has none. The session is locked: it neither gets another device nor
   * ends until the transaction does.
   * @throws Unauthenticated when it has ended.
   */
  async lockDeviceId(tx: Transaction, viewer: Viewer): Promise<string | null> {
    const session = await sessions.lockLiveSession(tx, viewer.sessionId);
    if (!session) throw new Unauthenticated(ENDED);
    return session.deviceId;
  }

  /** From here on the viewer's session is of this device. */
  attachDevice(tx: Transaction, viewer: Viewer, deviceId: string): Promise<void> {
    return sessions.setDeviceId(tx, viewer.sessionId, deviceId);
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
    tx.afterCommit(() => this.ended.tell(ids));
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

  isLive(executor: Executor, viewer: Viewer): Promise<boolean> {
    return sessions.isLive(executor, viewer);
  }

  /** The session that an access or refresh token is of, locked; null when it has ended or nobody issued the token. */
  async findByToken(tx: Transaction, token: string): Promise<SessionRow | null> {
    if (REFRESH_TOKEN.test(token)) return sessions.lockLiveSessionOf(tx, sha256(token));
    const sessionId = await this.sessionOfAccessToken(token);
    return sessionId === undefined ? null : sessions.lockLiveSession(tx, sessionId);
  }

  /** Whether it has neither been ended nor its account deleted. */
  lives(executor: Executor, viewer: Viewer): Promise<boolean> {
    return sessions.isLive(executor, viewer);
  }

  /**
   * The account stays until the transaction ends.
   * @throws Unauthenticated when the session was revoked or the account deleted.
   */
  async assertLive(tx: Transaction, viewer: Viewer): Promise<void> {
    if (!(await sessions.holdLive(tx, viewer))) throw new Unauthenticated(ENDED);
  }

  private async sessionOfAccessToken(token: string): Promise<string | undefined> {
    try {
      return (await this.accessTokens.verify(token)).viewer.sessionId;
    } catch (error) {
      if (error instanceof Unauthenticated) return undefined;
      throw error;
    }
  }

  /** A token that is there already, since it is given again, lives anew. */
  private async keepRefreshToken(tx: Transaction, sessionId: string, token: string): Promise<void> {
    await sessions.putRefreshToken(tx, {
      tokenHash: sha256(token),
      sessionId,
      createdAt: this.clock.now(),
      expiresAt: this.refreshEnd(),
      usedAt: null,
    });
  }

  private refreshEnd(): string {
    return new Date(this.clock.ms() + this.options.refreshTokenDays * DAY_MS).toISOString();
  }

  private async tokens(viewer: Viewer, refreshToken: string, binding: TokenBinding): Promise<Tokens> {
    const accessToken = await this.accessTokens.issue(viewer, binding);
    const tokenType = binding.keyThumbprint ? 'DPoP' : 'Bearer';
    return { viewer, accessToken, refreshToken, expiresIn: this.accessTokens.lifetimeSeconds, tokenType };
  }

  private successorOf(token: string): string {
    return createHmac('sha256', this.options.refreshKey).update(token).digest('base64url');
  }
}
