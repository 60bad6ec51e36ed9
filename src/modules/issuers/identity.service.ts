import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import { refuse, type UserErrorCode, UserErrors } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import type { CriticalOperations, SessionService, SignInOrigin, SignInWays, Tokens } from '../auth';
import { nameOf, verifiedEmailKey } from './claims.policy';
import type { IdentityRow } from './identity.entity';
import * as identities from './identity.repository';
import { TokenRefused, type TokenVerifier, type VerifiedToken } from './token-verifier';

/** Of one account; one list in an answer holds no more. */
const IDENTITIES_MAX = 10;
/** How much longer than its age allows a token is remembered: clocks differ, here and there. */
const SPENT_MARGIN_MS = 120_000;
const TOKEN_PATH = ['input', 'idToken'];

/** An ID token as an app hands it over. */
export interface ShownToken {
  readonly issuer?: string | null;
  readonly idToken: string;
  readonly nonce?: string | null;
}

export interface IssuerSignIn extends ShownToken {
  readonly handle?: string | null;
  readonly name?: string | null;
}

/** Why a good token signs nobody in; the reason stands in the audit trail. */
const REFUSALS = {
  used: ['INVALID_CREDENTIALS', 'This ID token has been used. Get a new one from the issuer.'],
  deleted: ['INVALID_CREDENTIALS', 'This account has been deleted.'],
  unknown: ['INVALID_CREDENTIALS', 'Nobody here has linked this identity. Sign in as before, then call linkIdentity.'],
  email: ['CONFLICT', 'An account with this e-mail address exists. Sign in to it as before, then call linkIdentity.'],
} as const satisfies Record<string, readonly [UserErrorCode, string]>;
type Reason = keyof typeof REFUSALS;

/** Ends the transaction of a sign-in, so that the token may still be used otherwise. */
class SignInRefused extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

/** Signing in as who one is at another issuer, and which identities belong to which account. */
export class IdentityService {
  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly verifier: TokenVerifier,
    private readonly users: UserService,
    private readonly sessions: SessionService,
    private readonly ways: SignInWays,
    private readonly critical: CriticalOperations,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Opens a session of the account that the token's subject is linked to, or makes it. An e-mail address links nothing:
   * whoever can put it into a token would have the account. A token is taken once; with the same key again, its answer
   * was lost: the session that it opened ends, and another one opens.
   * @throws UserErrors INVALID_CREDENTIALS, CONFLICT, INVALID; Fault SERVICE_UNAVAILABLE while the issuer is away.
   */
  async signIn(
    db: Database,
    input: IssuerSignIn,
    key: string | null,
    origin: SignInOrigin,
  ): Promise<Tokens & { replayed: boolean }> {
    const token = await this.verify(db, input, origin);
    try {
      return await db.transaction((tx) => this.openSession(tx, token, input, key && sha256(key), origin));
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      const { reason } = error;
      await this.auditRefusal(db, token.issuer.name, reason, origin);
      const [code, message] = REFUSALS[reason];
      return refuse(code, message, TOKEN_PATH);
    }
  }

  /** What an ID token says, or why it is refused: a link that was made already is answered again all the same. */
  async inspect(db: Database, shown: ShownToken, origin: SignInOrigin): Promise<VerifiedToken | UserErrors> {
    try {
      return await this.verify(db, shown, origin);
    } catch (error) {
      if (error instanceof UserErrors) return error;
      throw error;
    }
  }

  /**
   * Links an identity to the viewer's account. Whoever holds nothing but a stolen token must not put in a way of their own.
   * @throws UserErrors INVALID_CREDENTIALS, CONFLICT, STEP_UP_REQUIRED.
   */
  async link(tx: Transaction, viewer: Viewer, token: VerifiedToken | UserErrors, address: string) {
    const { userId } = viewer;
    // First of all: a reset that takes identities away has ended the session.
    await this.ways.lock(tx, userId);
    await this.critical.assertRecent(tx, viewer);
    if (token instanceof UserErrors) throw token;
    if (!(await this.spend(tx, token, null))) refuse(...REFUSALS.used, TOKEN_PATH);
    const id = this.newId();
    const mine = await identities.findByUserIds(tx, [userId], [...this.verifier.issuers]);
    if (!(await this.claim(tx, token, id, userId))) {
      const taken = await identities.find(tx, subjectOf(token));
      if (taken?.userId === userId) return { identityId: taken.id };
      refuse('CONFLICT', 'This identity belongs to another account.', TOKEN_PATH);
    }
    if (mine.length >= IDENTITIES_MAX) {
      refuse('CONFLICT', `An account has at most ${IDENTITIES_MAX} identities. Unlink one first.`, TOKEN_PATH);
    }
    this.auditLink(tx, token, userId, address, viewer.sessionId);
    return { identityId: id };
  }

  /**
   * Takes an identity from the viewer's account; sessions that its issuer's access tokens stand for end.
   * @throws UserErrors NOT_FOUND, STEP_UP_REQUIRED; FORBIDDEN when nobody could sign in to the account any more.
   */
  async unlink(tx: Transaction, viewer: Viewer, id: string, address: string): Promise<{ identityId: string }> {
    const { userId } = viewer;
    const path = ['input', 'id'];
    await this.critical.assertRecent(tx, viewer);
    const removed = await identities.remove(tx, userId, id);
    if (!removed) return refuse('NOT_FOUND', 'You have no such identity.', path);
    // One of an issuer that is not known any more is no way in.
    if (this.verifier.issuers.has(removed.issuer)) await this.ways.assertOneLeft(tx, userId);
    await this.closeSessions(tx, removed, viewer.sessionId, address);
    return { identityId: id };
  }

  /** Takes all identities from an account, those of issuers that are not known any more too. */
  async unlinkAll(tx: Transaction, userId: string, address: string): Promise<void> {
    for (const removed of await identities.removeAll(tx, userId)) await this.closeSessions(tx, removed, null, address);
  }

  private async closeSessions(tx: Transaction, removed: IdentityRow, by: string | null, address: string) {
    const { userId, issuer } = removed;
    for (const sessionId of await identities.removeSessions(tx, removed)) {
      await this.sessions.end(tx, { userId, sessionId }, 'unlinked', address);
    }
    const details = { issuer: this.verifier.nameOf(issuer) };
    this.audit.append(tx, { kind: 'identity.unlinked', userId, sessionId: by, address, details });
  }

  private async verify(db: Database, { idToken, nonce, issuer }: ShownToken, origin: SignInOrigin) {
    try {
      return await this.verifier.verifyIdToken(idToken, nonce ?? null, issuer ?? null);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      await this.auditRefusal(db, error.issuer, error.fault, origin);
      return refuse('INVALID_CREDENTIALS', error.message, TOKEN_PATH);
    }
  }

  private async openSession(
    tx: Transaction,
    token: VerifiedToken,
    input: IssuerSignIn,
    keyHash: string | null,
    origin: SignInOrigin,
  ): Promise<Tokens & { replayed: boolean }> {
    const replayed = !(await this.spend(tx, token, keyHash));
    const userId = replayed
      ? await this.endEarlier(tx, token, keyHash)
      : await this.accountOf(tx, token, input, origin.address);
    const now = this.clock.now();
    if (!(await identities.markSignedIn(tx, subjectOf(token), userId, now))) throw new SignInRefused('unknown');
    const authenticatedAt = token.authenticatedAt === null ? now : earlier(token.authenticatedAt, now);
    const tokens = await this.sessions.open(tx, userId, 'issuer', { ...origin, authenticatedAt });
    await identities.keepUse(tx, { tokenHash: token.hash, userId, sessionId: tokens.viewer.sessionId });
    return { ...tokens, replayed };
  }

  /** False when the token was used before. */
  private spend(tx: Transaction, token: VerifiedToken, keyHash: string | null): Promise<boolean> {
    const until = this.clock.ms() + token.issuer.maxAgeSeconds * 1_000 + SPENT_MARGIN_MS;
    const expiresAt = new Date(until).toISOString();
    return identities.spend(tx, { tokenHash: token.hash, expiresAt, keyHash, userId: null, sessionId: null });
  }

  /** Whose session a token opened before; a token copied on its way comes without the key. */
  private async endEarlier(tx: Transaction, token: VerifiedToken, keyHash: string | null): Promise<string> {
    const spent = await identities.lockSpent(tx, token.hash);
    const { userId = null, sessionId = null } = spent ?? {};
    const same = keyHash !== null && spent?.keyHash === keyHash;
    if (!same || userId === null || sessionId === null) throw new SignInRefused('used');
    const identity = await identities.find(tx, subjectOf(token));
    if (identity?.userId !== userId || identity.ownerGone) throw new SignInRefused('used');
    // A session that has ended for another reason, such as a sign-out, does not come back.
    if (!(await this.sessions.end(tx, { userId, sessionId }, 'replaced'))) throw new SignInRefused('used');
    return userId;
  }

  /** The account of the token's subject, made if there is none. One of many at once makes it; the others wait for it. */
  private async accountOf(
    tx: Transaction,
    token: VerifiedToken,
    input: IssuerSignIn,
    address: string,
  ): Promise<string> {
    const known = await identities.find(tx, subjectOf(token));
    if (known?.ownerGone) throw new SignInRefused('deleted');
    if (known) return known.userId;
    if (!token.issuer.createAccounts) throw new SignInRefused('unknown');
    const emailKey = verifiedEmailKey(token.claims);
    if (emailKey !== null && (await identities.ownerOfEmail(tx, emailKey))) throw new SignInRefused('email');
    const userId = this.newId();
    if (!(await this.claim(tx, token, this.newId(), userId))) {
      const meanwhile = await identities.find(tx, subjectOf(token));
      if (!meanwhile || meanwhile.ownerGone) throw new SignInRefused('unknown');
      return meanwhile.userId;
    }
    await this.createUser(tx, userId, token, input);
    this.audit.append(tx, { kind: 'account.created', userId, address });
    this.auditLink(tx, token, userId, address);
    return userId;
  }

  private async createUser(tx: Transaction, id: string, { claims }: VerifiedToken, input: IssuerSignIn): Promise<void> {
    const { handle } = input;
    const called = input.name ?? nameOf(claims) ?? handle;
    if (called == null) refuse('INVALID', 'The issuer does not say what to call you: send a name.', ['input', 'name']);
    const check = new InputCheck();
    // Where no handle is asked for, one that is always good stands for it in the check.
    const { name } = this.users.checkNames(check, { name: called as string, handle: handle ?? 'free' });
    check.done();
    if (handle == null) await this.users.createNamed(tx, { id, name });
    else await this.users.create(tx, { id, name, handle });
  }

  private claim(tx: Transaction, token: VerifiedToken, id: string, userId: string): Promise<boolean> {
    const now = this.clock.now();
    return identities.claim(tx, { ...subjectOf(token), id, userId, linkedAt: now, signedInAt: now });
  }

  private auditLink(tx: Transaction, token: VerifiedToken, userId: string, address: string, sessionId?: string): void {
    const details = { issuer: token.issuer.name };
    this.audit.append(tx, { kind: 'identity.linked', userId, sessionId: sessionId ?? null, address, details });
  }

  private async auditRefusal(db: Database, issuer: string | null, reason: string, { address }: SignInOrigin) {
    const details = { method: 'issuer', reason, ...(issuer && { issuer }) };
    await db.transaction(async (tx) =>
      this.audit.append(tx, { kind: 'sign-in.refused', userId: null, address, details }),
    );
  }
}

function subjectOf({ issuer, subject }: VerifiedToken): identities.IssuerSubject {
  return { issuer: issuer.issuer, subject };
}

/** Of an instant that an issuer names and now, the earlier one, as RFC 3339. */
function earlier(ms: number, now: string): string {
  return ms >= 0 && ms < Date.parse(now) ? new Date(ms).toISOString() : now;
}
