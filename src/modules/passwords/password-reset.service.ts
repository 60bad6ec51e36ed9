import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { SealedTexts } from '../../kernel/sealed-text';
import { InputCheck } from '../../kernel/text';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import { claimIdempotencyKey, findIdempotentResult, storeIdempotentResult } from '../../platform/postgres/idempotency';
import { USER_PREFIX, type UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import {
  checkEmail,
  credentials,
  type GuessLimit,
  type PasswordHasher,
  type PasswordService,
  type SessionService,
  type SignInWays,
} from '../auth';
import { mailing } from './email.service';
import type { MailRow } from './mail.entity';
import type { MailService } from './mail.service';

/** Job: somebody has asked to reset a password. Payload `{ sealed }`: the e-mail address and from where it was asked. */
export const RESET_ASKED = 'passwords.reset-asked';

export interface PasswordResetDeps {
  readonly clock: Clock;
  readonly users: UserService;
  readonly passwords: PasswordService;
  readonly hasher: PasswordHasher;
  readonly sessions: SessionService;
  readonly signInWays: SignInWays;
  readonly mailings: GuessLimit;
  readonly mail: MailService;
  readonly changes: ChangeLog;
  readonly audit: AuditTrail;
  readonly enqueue: Enqueue;
  readonly sealed: SealedTexts;
}

/** A new password by those who read the mail of the account. */
export class PasswordResetService {
  constructor(private readonly deps: PasswordResetDeps) {}

  /**
   * Only takes note, in one statement: whether there is such an account is found out by a job after the answer, so
   * neither what is answered nor how long it takes depends on it. @throws UserErrors INVALID, RATE_LIMITED.
   */
  async ask(db: Database, typed: string, address: string): Promise<void> {
    const { mailings, enqueue, sealed } = this.deps;
    const check = new InputCheck();
    const email = checkEmail(check, typed);
    check.done();
    await mailings.admit(mailing('reset', email), ['input', 'email']);
    const payload = { sealed: sealed.seal(RESET_ASKED, JSON.stringify([email, address])) };
    await db.transaction((tx) => enqueue(tx, RESET_ASKED, payload));
  }

  /** Sends the link, where there is somebody to send it to. Done twice, it sends two. */
  askedTask(db: Database): Task {
    const { audit, mail, sealed } = this.deps;
    return async (payload) => {
      const text = sealed.open(RESET_ASKED, (payload as { sealed: string }).sealed);
      if (text === null) return;
      const [email, address] = JSON.parse(text) as [string, string];
      const credential = await credentials.findByLogin(db, email);
      await db.transaction(async (tx) => {
        const userId = credential?.userId ?? null;
        audit.append(tx, { kind: 'password.reset-asked', userId, address });
        // To the address that is stored, never to one that only looks like it.
        if (credential) await mail.sendLink(tx, credential.userId, 'reset-password', credential.email);
      });
    };
  }

  /**
   * Sets a new password by the token of a link, ends every session, and takes the address as verified. If it was not
   * before, passkeys and identities go: they are of whoever made the account, and that may have been somebody else.
   * @throws UserErrors INVALID (token, newPassword).
   */
  async reset(
    db: Database,
    input: { token: string; newPassword: string },
    key: string | null,
    address: string,
  ): Promise<{ replayed: boolean }> {
    const { clock, hasher, mail } = this.deps;
    const link = await mail.findByToken(db, input.token, ['reset-password']);
    const claim = key && {
      viewerId: link.userId,
      key,
      operation: 'resetPassword',
      input: { id: link.id },
      now: clock.now(),
    };
    if (claim && (await findIdempotentResult(db, claim))) return { replayed: true };
    if (!mail.isOpen(link)) mail.refuse();
    const owner = { email: link.email, handle: await this.deps.users.handleOf(db, link.userId) };
    const problem = this.deps.passwords.problemOf(input.newPassword, owner);
    if (problem) refuse('INVALID', problem, ['input', 'newPassword']);
    const hash = await hasher.hash(input.newPassword);
    return db.transaction(async (tx) => {
      const credential = await credentials.lock(tx, link.userId);
      // A link is worth something for the address that it was sent to.
      if (credential?.email !== link.email) mail.refuse();
      if (claim && (await claimIdempotencyKey(tx, claim))) return { replayed: true };
      await mail.use(tx, link);
      await this.write(tx, link, hash, address);
      if (claim) storeIdempotentResult(tx, claim, { userId: link.userId });
      return { replayed: false };
    });
  }

  private async write(tx: Transaction, { userId, email }: MailRow, hash: string, address: string): Promise<void> {
    const { audit, changes, clock, mail, sessions, signInWays } = this.deps;
    await credentials.setPassword(tx, userId, hash, clock.now());
    await mail.voidLinks(tx, userId, ['verify-email', 'change-email', 'reset-password']);
    await mail.sendNotice(tx, userId, 'password-changed', email);
    audit.append(tx, { kind: 'password.changed', userId, address, details: { by: 'mail' } });
    if (await credentials.markVerified(tx, userId, clock.now())) {
      audit.append(tx, { kind: 'email.verified', userId, address });
      // Until now anybody may have had the account who knew no more than this address, and waited for its owner.
      await signInWays.takeAwayOthers(tx, userId, address);
      changes.add(tx, { viewerId: userId, scope: 'PROFILE', kind: USER_PREFIX, nodeId: userId });
    }
    await sessions.endAll(tx, userId, 'password-changed', address);
  }
}
