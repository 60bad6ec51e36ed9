import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck } from '../../kernel/text';
import { Turns } from '../../kernel/turns';
import type { Enqueue } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import { claimIdempotencyKey, findIdempotentResult, storeIdempotentResult } from '../../platform/postgres/idempotency';
import type { UserService } from '../accounts';
import type { AuditEvent, AuditTrail } from '../audit';
import { commonPasswords } from './common-passwords';
import type { CredentialRow } from './credential.entity';
import * as credentials from './credential.repository';
import { type DeviceTokens, hashLogin } from './device-tokens';
import { checkEmail, EMAIL_MAX } from './email.policy';
import type { GuessLimit } from './guess-limit';
import { type PasswordOwner, passwordProblem } from './password.policy';
import type { PasswordHasher } from './password-hasher';
import type { SessionService, SignInOrigin, Tokens } from './session.service';

/** No login is longer than an address can be. */
const LOGIN_MAX = EMAIL_MAX;
const WRONG = 'No account has this login and password.';
const SIGN_UP = 'signUp';
/** Refusals of one address wait for each other in the audit trail, and must not do so on every connection there is. */
const REFUSALS_AT_ONCE = 2;
const REFUSALS_WAITING_MAX = 200;
const CROWDED = 'Too many people are signing in at once. Try again in a few seconds.';

export interface SignUp {
  readonly name: string;
  readonly handle: string;
  readonly email: string;
  readonly password: string;
}

/** Job: somebody has made an account. Payload `{ userId }`. */
export const SIGNED_UP = 'auth.signed-up';

/** An account that somebody has shown to be theirs by its password. */
export interface Proven {
  readonly userId: string;
  /** What opens for them must ask whether it still holds. */
  readonly passwordVersion: number;
}

/** Signing up and in by password. */
export class PasswordService {
  private readonly refusals = new Turns({
    atOnce: REFUSALS_AT_ONCE,
    waitingMax: REFUSALS_WAITING_MAX,
    sentence: CROWDED,
  });

  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly users: UserService,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionService,
    private readonly audit: AuditTrail,
    private readonly devices: DeviceTokens,
    private readonly guesses: GuessLimit,
    private readonly enqueue: Enqueue,
  ) {}

  /**
   * Makes an account and its first session. Repeated with the same key, input and password, it signs in to the account
   * that it made instead.
   * @throws UserErrors INVALID, CONFLICT (handle or address taken), DUPLICATE_KEY_MISMATCH.
   */
  async signUp(
    db: Database,
    input: SignUp,
    key: string | null,
    origin: SignInOrigin,
  ): Promise<Tokens & { replayed: boolean }> {
    const account = this.checkedSignUp(input);
    const { password, ...stored } = account;
    const again = key && (await this.findSignUp(db, account, key));
    if (again) return { ...(await this.openSession(db, again, origin)), replayed: true };
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
        storeIdempotentResult(tx, claim, { userId });
      }
      this.audit.append(tx, { kind: 'account.created', userId, address: origin.address });
      await this.enqueue(tx, SIGNED_UP, { userId });
      return this.sessions.open(tx, userId, 'password', origin);
    });
    if (made) return { ...made, replayed: false };
    // The same request may have made the account a moment ago, while this one was hashing.
    const meanwhile = key && (await this.findSignUp(db, account, key));
    if (meanwhile) return { ...(await this.openSession(db, meanwhile, origin)), replayed: true };
    return refuse('CONFLICT', 'This e-mail address has an account already. Sign in instead.', ['input', 'email']);
  }

  /**
   * @param deviceToken what an earlier sign-in on this device answered.
   * @throws UserErrors INVALID_CREDENTIALS, RATE_LIMITED: the same for an unknown login and a wrong password.
   */
  async signIn(
    db: Database,
    login: string,
    password: string,
    origin: SignInOrigin,
    deviceToken?: string | null,
  ): Promise<Tokens> {
    return this.openSession(db, await this.authenticate(db, login, password, origin, deviceToken), origin);
  }

  /**
   * Whose login and password these are. Worth something for as long as that password is the account's.
   * @throws as `signIn`.
   */
  async authenticate(
    db: Database,
    typed: string,
    password: string,
    { address }: SignInOrigin,
    deviceToken?: string | null,
  ): Promise<Proven> {
    this.hasher.assertRoom();
    // What is counted is what is looked up, or each text behind a login would have tries of its own.
    const login = typed.slice(0, LOGIN_MAX);
    const credential = await credentials.findByLogin(db, login);
    const userId = credential?.userId ?? null;
    const known = this.devices.read(deviceToken);
    // Devices of other accounts are strangers. Logins are counted as typed, for one that nobody has counts the same.
    const name = known && known.userId === userId ? `device:${known.device}` : `login:${hashLogin(login)}`;
    const retryAfterMs = await this.guesses.count(name);
    if (retryAfterMs > 0) {
      // These cost whoever floods next to nothing; those that come with a hash are few by that.
      this.refusals.assertRoom();
      await this.tellRefused(db, { userId, address, details: { why: 'limited' } });
      return this.guesses.refuse(retryAfterMs, ['input']);
    }
    const matches = await this.hasher.verify(credential?.passwordHash ?? null, password);
    if (credential && matches) {
      await this.guesses.forgive(name);
      await this.renewHash(db, credential, password);
      return credential;
    }
    await this.tellRefused(db, { userId, address });
    return refuse('INVALID_CREDENTIALS', WRONG, ['input']);
  }

  /** What a device should bring along when somebody signs in to this account on it again; `earlier` it brought now. */
  deviceTokenFor(userId: string, login: string, earlier?: string | null): string {
    return this.devices.issue(userId, login, earlier);
  }

  /** What is wrong with a new password, as a sentence; null when it may be used. */
  problemOf(password: string, owner: PasswordOwner): string | null {
    return passwordProblem(password, owner, commonPasswords());
  }

  /**
   * Compares the password that somebody signed in gives again. Counted by account, apart from logins: strangers who
   * guess at a login do not use up these tries. @throws UserErrors INVALID_CREDENTIALS, RATE_LIMITED.
   */
  async assertOwn(db: Database, userId: string, password: string, { address }: SignInOrigin): Promise<void> {
    const [credential] = await credentials.findByUserIds(db, [userId]);
    const forgive = await this.guesses.admit(`user:${userId}`, ['input']);
    if (await this.hasher.verify(credential?.passwordHash ?? null, password)) return forgive();
    await this.tellRefused(db, { userId, address });
    refuse('INVALID_CREDENTIALS', 'This is not the password of this account.', ['input']);
  }

  private tellRefused(db: Database, event: Omit<AuditEvent, 'kind'>): Promise<void> {
    const tell = () => db.transaction(async (tx) => this.audit.append(tx, { kind: 'sign-in.refused', ...event }));
    return this.refusals.take(tell);
  }

  /** The parameters of hashes have changed: this is the moment at which the password is known. */
  private async renewHash(db: Database, { userId, passwordHash }: CredentialRow, password: string): Promise<void> {
    // Whoever waits to sign in comes first; there will be another time.
    if (!this.hasher.isOutdated(passwordHash) || !this.hasher.idle) return;
    const fresh = await this.hasher.hash(password);
    await db.transaction((tx) => credentials.replaceHash(tx, userId, passwordHash, fresh));
  }

  private openSession(db: Database, { userId, passwordVersion }: Proven, origin: SignInOrigin): Promise<Tokens> {
    return db.transaction(async (tx) => {
      // A password that was replaced while it was compared opens nothing any more.
      const current = await credentials.holdsVersion(tx, userId, passwordVersion);
      if (!current) return refuse('INVALID_CREDENTIALS', WRONG, ['input']);
      return this.sessions.open(tx, userId, 'password', origin);
    });
  }

  /** The account that an earlier try of the same sign-up made: same key, same input, and the password fits. */
  private async findSignUp(db: Database, { password, ...stored }: SignUp, key: string): Promise<Proven | null> {
    const credential = await credentials.findByLogin(db, stored.email);
    if (!credential) return null;
    const claim = { viewerId: credential.userId, key, operation: SIGN_UP, input: stored };
    // Before the password, since wrong ones are not counted here: it is for those alone who know the key.
    if (!(await findIdempotentResult(db, claim))) return null;
    return (await this.hasher.verify(credential.passwordHash, password)) ? credential : null;
  }

  private checkedSignUp(input: SignUp): SignUp {
    const check = new InputCheck();
    const { name, handle } = this.users.checkNames(check, { name: input.name, handle: input.handle });
    const email = checkEmail(check, input.email);
    const problem = this.problemOf(input.password, { handle, email });
    if (problem) check.add(['input', 'password'], problem);
    check.done();
    return { name, handle, email, password: input.password };
  }
}
