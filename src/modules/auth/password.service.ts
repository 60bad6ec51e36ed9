import { z } from 'zod';
import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck } from '../../kernel/text';
import type { Database } from '../../platform/postgres/database';
import { claimIdempotencyKey, findIdempotentResult, storeIdempotentResult } from '../../platform/postgres/idempotency';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import * as credentials from './credential.repository';
import type { PasswordHasher } from './password-hasher';
import type { SessionService, SignInOrigin, Tokens } from './session.service';

const PASSWORD_MIN = 8;
const PASSWORD_MAX = 128;
const EMAIL_MAX = 254;
const SIGN_UP = 'signUp';

export interface SignUp {
  readonly name: string;
  readonly handle: string;
  readonly email: string;
  readonly password: string;
}

/** Signing up and in by password. */
export class PasswordService {
  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly users: UserService,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionService,
    private readonly audit: AuditTrail,
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
        await storeIdempotentResult(tx, claim, { userId });
      }
      this.audit.append(tx, { kind: 'account.created', userId, address: origin.address });
      return this.sessions.open(tx, userId, 'password', origin);
    });
    if (made) return { ...made, replayed: false };
    // The same request may have made the account a moment ago, while this one was hashing.
    const meanwhile = key && (await this.findSignUp(db, account, key));
    if (meanwhile) return { ...(await this.openSession(db, meanwhile, origin)), replayed: true };
    return refuse('CONFLICT', 'This e-mail address has an account already. Sign in instead.', ['input', 'email']);
  }

  /** @throws UserErrors INVALID_CREDENTIALS, the same for an unknown login and a wrong password. */
  async signIn(db: Database, login: string, password: string, origin: SignInOrigin): Promise<Tokens> {
    return this.openSession(db, await this.authenticate(db, login, password, origin), origin);
  }

  /**
   * Whose login and password these are.
   * @throws UserErrors INVALID_CREDENTIALS, the same for an unknown login and a wrong password.
   */
  async authenticate(db: Database, login: string, password: string, { address }: SignInOrigin): Promise<string> {
    const credential = await credentials.findByLogin(db, login.slice(0, EMAIL_MAX));
    const matches = await this.hasher.verify(credential?.passwordHash ?? null, password.slice(0, PASSWORD_MAX));
    if (credential && matches && password.length <= PASSWORD_MAX) return credential.userId;
    const userId = credential?.userId ?? null;
    await db.transaction(async (tx) => this.audit.append(tx, { kind: 'sign-in.refused', userId, address }));
    return refuse('INVALID_CREDENTIALS', 'No account has this login and password.', ['input']);
  }

  /** @throws UserErrors INVALID_CREDENTIALS when it is not this person's password, or there is none. */
  async assertOwn(db: Database, userId: string, password: string, origin: SignInOrigin): Promise<void> {
    const [credential] = await credentials.findByUserIds(db, [userId]);
    await this.authenticate(db, credential?.email ?? '', password, origin);
  }

  private openSession(db: Database, userId: string, origin: SignInOrigin): Promise<Tokens> {
    return db.transaction((tx) => this.sessions.open(tx, userId, 'password', origin));
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
