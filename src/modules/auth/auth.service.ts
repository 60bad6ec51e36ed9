import { createHash, createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock';
import { refuse, Unauthenticated } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Transaction } from '../../platform/postgres/database';
import { claimIdempotencyKey, findIdempotentResult, storeIdempotentResult } from '../../platform/postgres/idempotency';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { UserService } from '../accounts';
import type { AccessTokens } from './access-token';
import * as credentials from './credential.repository';
import type { PasswordHasher } from './password-hasher';
import * as sessions from './session.repository';
import { sessionTopic } from './session-watch';

const PASSWORD_MIN = 8;
const PASSWORD_MAX = 128;
const EMAIL_MAX = 254;
const REFRESH_TOKEN_BYTES = 32;
/** A refresh token is base64url of 32 bytes; nothing else is worth a look in the database. */
const REFRESH_TOKEN = /^[\w-]{43}$/;
const SIGN_UP = 'signUp';

export interface AuthOptions {
  readonly refreshTokenDays: number;
  /** Derives each refresh token from its predecessor. */
  readonly refreshKey: Buffer;
}

export interface SignUp {
  readonly name: string;
  readonly handle: string;
  readonly email: string;
  readonly password: string;
}

/** What an app keeps to stay signed in. */
export interface Tokens {
  readonly viewer: Viewer;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token ends. */
  readonly expiresIn: number;
}

export class AuthService {
  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly users: UserService,
    private readonly hasher: PasswordHasher,
    private readonly accessTokens: AccessTokens,
    private readonly doorbell: Doorbell,
    private readonly options: AuthOptions,
  ) {}

  /**
   * Makes an account and its first session. Repeated with the same key, input and password, it signs in to the account
   * that it made instead.
   * @throws UserErrors INVALID, CONFLICT (handle or address taken), DUPLICATE_KEY_MISMATCH.
   */
  async signUp(db: Database, input: SignUp, key: string | null): Promise<Tokens & { replayed: boolean }> {
    const account = this.checkedSignUp(input);
    const { password, ...stored } = account;
    const again = key && (await this.findSignUp(db, account, key));
    if (again) return { ...(await this.signInUser(db, again)), replayed: true };
    const passwordHash = await this.hasher.hash(password);
    const userId = this.newId();
    const made = await db.transaction(async (tx) => {
      const claimed = await credentials.claimEmail(tx, account.email, userId);
      if (!claimed) return null;
      await this.users.create(tx, { id: userId, name: account.name, handle: account.handle });
      await credentials.insert(tx, { userId, email: account.email, passwordHash, updatedAt: this.clock.now() });
      if (key) {
        const claim = { viewerId: userId, key, operation: SIGN_UP, input: stored, now: this.clock.now() };
        await claimIdempotencyKey(tx, claim);
        await storeIdempotentResult(tx, claim, { userId });
      }
      return this.openSession(tx, userId);
    });
    if (made) return { ...made, replayed: false };
    // The same request may have made the account a moment ago, while this one was hashing.
    const meanwhile = key && (await this.findSignUp(db, account, key));
    if (meanwhile) return { ...(await this.signInUser(db, meanwhile)), replayed: true };
    return refuse('CONFLICT', 'This e-mail address has an account already. Sign in instead.', ['input', 'email']);
  }

  /** @throws UserErrors INVALID_CREDENTIALS, the same for an unknown login and a wrong password. */
  async signIn(db: Database, login: string, password: string): Promise<Tokens> {
    const credential = await credentials.findByLogin(db, login.slice(0, EMAIL_MAX));
    const matches = await this.hasher.verify(credential?.passwordHash ?? null, password.slice(0, PASSWORD_MAX));
    if (!credential || !matches || password.length > PASSWORD_MAX) {
      return refuse('INVALID_CREDENTIALS', 'No account has this login and password.', ['input']);
    }
    return this.signInUser(db, credential.userId);
  }

  /**
   * Exchanges a refresh token for its successor and a new access token (RFC 6749 §6). The successor follows from the
   * predecessor by HMAC, so a retry after a lost answer gets the same one; a token that comes back after its successor
   * was used has been copied, and ends the session (RFC 9700 §4.14.2).
   * @returns null when the token is refused.
   */
  async refresh(db: Database, token: string): Promise<Tokens | null> {
    if (!REFRESH_TOKEN.test(token)) return null;
    const successor = this.successorOf(token);
    const viewer = await db.transaction(async (tx) => {
      const sessionId = (await sessions.findRefreshToken(tx, hashToken(token)))?.sessionId;
      const session = sessionId && (await sessions.lockLiveSession(tx, sessionId));
      // Read again under the lock: another request may just have used it.
      const current = session && (await sessions.findRefreshToken(tx, hashToken(token)));
      const now = this.clock.now();
      if (!current || current.expiresAt <= now) return null;
      if (current.usedAt === null) {
        await sessions.markUsed(tx, current, now);
        await this.insertRefreshToken(tx, session.id, successor);
      } else if ((await sessions.findRefreshToken(tx, hashToken(successor)))?.usedAt !== null) {
        await this.endSession(tx, session.id);
        return null;
      }
      return { userId: session.userId, sessionId: session.id };
    });
    return viewer && this.tokens(viewer, successor);
  }

  /** Ends a session: its refresh token is worth nothing any more, and its live connections close. */
  async signOut(tx: Transaction, { sessionId }: Viewer): Promise<void> {
    await this.endSession(tx, sessionId);
  }

  /** @throws Unauthenticated when the session was revoked or the account deleted. */
  async assertLive(tx: Transaction, viewer: Viewer): Promise<void> {
    if (!(await sessions.isLive(tx, viewer))) throw new Unauthenticated('This session has ended. Sign in again.');
  }

  private async endSession(tx: Transaction, sessionId: string): Promise<void> {
    await sessions.revoke(tx, sessionId, this.clock.now());
    tx.afterCommit(() => this.doorbell.ring(sessionTopic(sessionId)));
  }

  private async signInUser(db: Database, userId: string): Promise<Tokens> {
    return db.transaction((tx) => this.openSession(tx, userId));
  }

  private async openSession(tx: Transaction, userId: string): Promise<Tokens> {
    const now = this.clock.now();
    const sessionId = this.newId();
    await sessions.insertSession(tx, { id: sessionId, userId, createdAt: now, lastUsedAt: now, revokedAt: null });
    const refreshToken = randomBytes(REFRESH_TOKEN_BYTES).toString('base64url');
    await this.insertRefreshToken(tx, sessionId, refreshToken);
    return this.tokens({ userId, sessionId }, refreshToken);
  }

  private async insertRefreshToken(tx: Transaction, sessionId: string, token: string): Promise<void> {
    const now = this.clock.ms();
    await sessions.insertRefreshToken(tx, {
      tokenHash: hashToken(token),
      sessionId,
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + this.options.refreshTokenDays * 86_400_000).toISOString(),
      usedAt: null,
    });
  }

  private async tokens(viewer: Viewer, refreshToken: string): Promise<Tokens> {
    const accessToken = await this.accessTokens.issue(viewer);
    return { viewer, accessToken, refreshToken, expiresIn: this.accessTokens.lifetimeSeconds };
  }

  private successorOf(token: string): string {
    return createHmac('sha256', this.options.refreshKey).update(token).digest('base64url');
  }

  /** The account that an earlier try of the same sign-up made: same key, same input, and the password fits. */
  private async findSignUp(db: Database, { password, ...stored }: SignUp, key: string): Promise<string | null> {
    const credential = await credentials.findByLogin(db, stored.email);
    if (!credential || !(await this.hasher.verify(credential.passwordHash, password))) return null;
    const claim = { viewerId: credential.userId, key, operation: SIGN_UP, input: stored };
    return (await findIdempotentResult(db, claim)) && credential.userId;
  }

  private checkedSignUp(input: SignUp): SignUp {
    const check = new InputCheck();
    const { name, handle } = this.users.checkNames(check, { name: input.name, handle: input.handle });
    const email = input.email.trim();
    if (email.length > EMAIL_MAX || !z.email().safeParse(email).success) {
      check.add(['input', 'email'], 'This is not an e-mail address.');
    }
    const { password } = input;
    if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX) {
      check.add(['input', 'password'], `Use ${PASSWORD_MIN} to ${PASSWORD_MAX} characters.`);
    }
    check.done();
    return { name, handle, email, password };
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
