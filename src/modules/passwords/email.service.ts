import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import { InputCheck } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Task } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import { claimIdempotencyKey, storeIdempotentResult } from '../../platform/postgres/idempotency';
import { USER_PREFIX } from '../accounts';
import type { AuditTrail } from '../audit';
import { type CredentialRow, checkEmail, credentials, type GuessLimit, type SessionService } from '../auth';
import type { MailRow } from './mail.entity';
import type { MailService } from './mail.service';

const LINKS = ['verify-email', 'change-email'] as const;

/** Addresses: whether mail to one arrives at its owner, and another one in its place. */
export class EmailService {
  constructor(
    private readonly clock: Clock,
    private readonly mail: MailService,
    private readonly mailings: GuessLimit,
    private readonly changes: ChangeLog,
    private readonly audit: AuditTrail,
    private readonly sessions: SessionService,
  ) {}

  /** Sends the link that verifies the address of a new account. Done twice, it sends two. */
  welcomeTask(db: Database): Task {
    return async (payload) => {
      const { userId } = payload as { userId: string };
      await db.transaction(async (tx) => {
        const credential = await credentials.lock(tx, userId);
        if (!credential || credential.emailVerifiedAt !== null) return;
        await this.mail.sendLink(tx, userId, 'verify-email', credential.email);
      });
    };
  }

  /** Sends the link again. Nothing happens when the address is verified. @throws UserErrors RATE_LIMITED, NOT_FOUND. */
  async askToVerify(tx: Transaction, { userId }: Viewer): Promise<void> {
    const credential = await this.lock(tx, userId);
    if (credential.emailVerifiedAt !== null) return;
    await this.mailings.admit(mailing('verify', credential.email));
    await this.mail.sendLink(tx, userId, 'verify-email', credential.email);
  }

  /**
   * Sends a link to the new address, and a word to the old one. Whether somebody else has the new address is told to
   * nobody but who reads its mail.
   * @throws UserErrors INVALID, RATE_LIMITED, NOT_FOUND; Unauthenticated when the session has ended.
   */
  async askToChange(tx: Transaction, viewer: Viewer, typed: string, address: string): Promise<void> {
    const { userId, sessionId } = viewer;
    const check = new InputCheck();
    const email = checkEmail(check, typed);
    check.done();
    const credential = await this.lock(tx, userId);
    // It may have waited for a reset, which has ended the session.
    await this.sessions.assertLive(tx, viewer);
    if (email === credential.email) refuse('INVALID', 'This is your address already.', ['input', 'email']);
    await this.mailings.admit(mailing('change', email), ['input', 'email']);
    await this.mailings.admit(`change:${userId}`);
    await this.mail.voidLinks(tx, userId, ['change-email']);
    await this.mail.sendLink(tx, userId, 'change-email', email);
    await this.mail.sendNotice(tx, userId, 'email-changing', credential.email);
    this.audit.append(tx, { kind: 'email.change-asked', userId, sessionId, address });
  }

  /**
   * Follows a link: verifies the address that it was sent to, and makes it the account's where that was asked for.
   * @throws UserErrors INVALID (token), CONFLICT (somebody else has the address by now).
   */
  async verify(db: Database, token: string, key: string | null, address: string): Promise<{ replayed: boolean }> {
    const mail = await this.mail.findByToken(db, token, LINKS);
    return db.transaction(async (tx) => {
      const { userId } = mail;
      const credential = (await credentials.lock(tx, userId)) ?? this.mail.refuse();
      const claim = key && {
        viewerId: userId,
        key,
        operation: 'verifyEmail',
        input: { id: mail.id },
        now: this.clock.now(),
      };
      if (claim && (await claimIdempotencyKey(tx, claim))) return { replayed: true };
      await this.mail.use(tx, mail);
      if (mail.kind === 'change-email') await this.change(tx, credential, mail, address);
      else await this.verified(tx, credential, mail, address);
      if (claim) storeIdempotentResult(tx, claim, { userId });
      return { replayed: false };
    });
  }

  private async verified(tx: Transaction, { userId, email }: CredentialRow, mail: MailRow, address: string) {
    if (email !== mail.email) this.mail.refuse();
    if (!(await credentials.markVerified(tx, userId, this.clock.now()))) return;
    this.audit.append(tx, { kind: 'email.verified', userId, address });
    this.tellApps(tx, userId);
  }

  private async change(tx: Transaction, credential: CredentialRow, mail: MailRow, address: string): Promise<void> {
    const { userId } = credential;
    const same = credentials.emailKey(mail.email) === credentials.emailKey(credential.email);
    if (!same && !(await credentials.claimEmail(tx, mail.email, userId))) {
      refuse('CONFLICT', 'This e-mail address has an account already.', ['input', 'token']);
    }
    await credentials.replaceEmail(tx, credential, mail.email, this.clock.now());
    // Links in the old mailbox must not open the account any more.
    await this.mail.voidLinks(tx, userId, ['verify-email', 'change-email', 'reset-password']);
    await this.mail.sendNotice(tx, userId, 'email-changed', credential.email);
    this.audit.append(tx, { kind: 'email.changed', userId, address });
    this.tellApps(tx, userId);
  }

  private tellApps(tx: Transaction, userId: string): void {
    this.changes.add(tx, { viewerId: userId, scope: 'PROFILE', kind: USER_PREFIX, nodeId: userId });
  }

  private async lock(tx: Transaction, userId: string): Promise<CredentialRow> {
    return (await credentials.lock(tx, userId)) ?? refuse('NOT_FOUND', 'This account has no e-mail address.');
  }
}

/** What is counted: mails of one kind to one address, whoever asks for them. */
export function mailing(kind: 'verify' | 'change' | 'changed' | 'reset', email: string): string {
  return `${kind}:${credentials.emailKey(email)}`;
}
