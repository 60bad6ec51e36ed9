import type { Clock } from '../../kernel/clock';
import { refuse, UserErrors } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import {
  type CredentialRow,
  credentials,
  type GuessLimit,
  type PasswordHasher,
  type PasswordService,
  type SessionService,
} from '../auth';
import { mailing } from './email.service';
import type { MailService } from './mail.service';

/** What a change needs, or why it is refused; found out before its transaction, which must not wait for hashes. */
export type Ready<Needed> = ({ readonly problem: null } & Needed) | { readonly problem: UserErrors };

export type ReadyPassword = Ready<{ readonly passwordVersion: number; readonly passwordHash: string }>;

/** A new password by those who know the old one. */
export class PasswordChangeService {
  constructor(
    private readonly clock: Clock,
    private readonly users: UserService,
    private readonly passwords: PasswordService,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionService,
    private readonly guesses: GuessLimit,
    private readonly mail: MailService,
    private readonly mailings: GuessLimit,
    private readonly audit: AuditTrail,
  ) {}

  /** Compares the password that somebody signed in gives again; without one there is nothing to compare. */
  confirm(db: Database, viewer: Viewer, password: string | null | undefined): Promise<Ready<object>> {
    return settle(async () => {
      if (password != null) await this.compare(db, viewer, password, ['input', 'password']);
      return {};
    });
  }

  prepare(
    db: Database,
    viewer: Viewer,
    { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
  ): Promise<ReadyPassword> {
    return settle(async () => {
      const { email, passwordVersion } = await this.compare(db, viewer, currentPassword, ['input', 'currentPassword']);
      const owner = { email, handle: await this.users.handleOf(db, viewer.userId) };
      const problem = this.passwords.problemOf(newPassword, owner);
      if (problem) refuse('INVALID', problem, ['input', 'newPassword']);
      return { passwordVersion, passwordHash: await this.hasher.hash(newPassword) };
    });
  }

  /** @throws UserErrors INVALID, INVALID_CREDENTIALS, RATE_LIMITED, NOT_FOUND, CONFLICT (changed meanwhile). */
  async change(
    tx: Transaction,
    viewer: Viewer,
    ready: ReadyPassword,
    keepOtherSessions: boolean,
    address: string,
  ): Promise<void> {
    const { userId, sessionId } = viewer;
    if (ready.problem) throw ready.problem;
    const credential = await credentials.lock(tx, userId);
    if (credential?.passwordVersion !== ready.passwordVersion) {
      return refuse('CONFLICT', 'The password was changed a moment ago.', ['input', 'currentPassword']);
    }
    await credentials.setPassword(tx, userId, ready.passwordHash, this.clock.now());
    // Whoever had the old password may have asked for links.
    await this.mail.voidLinks(tx, userId, ['change-email', 'reset-password']);
    if (await this.mayTell(credential)) await this.mail.sendNotice(tx, userId, 'password-changed', credential.email);
    const details = { by: 'password', keptOthers: keepOtherSessions };
    this.audit.append(tx, { kind: 'password.changed', userId, sessionId, address, details });
    if (!keepOtherSessions) await this.sessions.endOthers(tx, viewer, 'password-changed', address);
  }

  /** Anybody can give an address that is not theirs: until it is verified, it is sent so many of these an hour. */
  private async mayTell({ email, emailVerifiedAt }: CredentialRow): Promise<boolean> {
    return emailVerifiedAt !== null || (await this.mailings.count(mailing('changed', email))) === 0;
  }

  private async compare(db: Database, { userId }: Viewer, password: string, path: string[]): Promise<CredentialRow> {
    const [credential] = await credentials.findByUserIds(db, [userId]);
    if (!credential) return refuse('NOT_FOUND', 'This account has no password.', path);
    const forgive = await this.guesses.admit(`user:${userId}`, path);
    if (!(await this.hasher.verify(credential.passwordHash, password))) {
      return refuse('INVALID_CREDENTIALS', 'This is not the password of this account.', path);
    }
    await forgive();
    return credential;
  }
}

async function settle<Needed extends object>(work: () => Promise<Needed>): Promise<Ready<Needed>> {
  try {
    return { problem: null, ...(await work()) };
  } catch (error) {
    if (error instanceof UserErrors) return { problem: error };
    throw error;
  }
}
