import type { Commands } from '../../graphql/command';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import { SealedTexts } from '../../kernel/sealed-text';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Mailer } from '../../platform/mail/mailer';
import type { Database } from '../../platform/postgres/database';
import type { AttemptLimit } from '../../platform/redis/attempt-limit';
import type { Log } from '../../platform/telemetry/log';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import {
  GuessLimit,
  type PasswordHasher,
  type PasswordService,
  type SessionService,
  SIGNED_UP,
  type SignInWays,
} from '../auth';
import { EmailService } from './email.service';
import { MailEntity } from './mail.entity';
import { purge } from './mail.repository';
import { type MailOptions, MailService, SEND_MAIL } from './mail.service';
import { PasswordChangeService } from './password-change.service';
import { PasswordResetService, RESET_ASKED } from './password-reset.service';
import { PasswordsResolver, ViewerEmailResolver } from './passwords.resolver';

export { forgetMails } from './mail.repository';

export const PASSWORDS_ENTITIES = [MailEntity];

export interface PasswordsDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly database: Database;
  readonly commands: Commands;
  readonly enqueue: Enqueue;
  readonly changes: ChangeLog;
  readonly log: Log;
  readonly users: UserService;
  readonly audit: AuditTrail;
  readonly auth: {
    readonly passwords: PasswordService;
    readonly hasher: PasswordHasher;
    readonly sessions: SessionService;
    readonly signInWays: SignInWays;
    readonly guesses: GuessLimit;
  };
  readonly mailer: Mailer;
  readonly mail: MailOptions;
  /** Mails that one address can be made to receive. */
  readonly mailings: AttemptLimit;
  /** Keeps addresses from whoever reads the job queue. */
  readonly sealKey: Buffer;
}

const PURGE_TASK = 'passwords.purge-mails';

/** What becomes of passwords and addresses after the sign-up: changed, verified, forgotten. */
export function createPasswords(deps: PasswordsDeps) {
  const { clock, newId, database, commands, enqueue, changes, users, audit } = deps;
  const { hasher, passwords, sessions, signInWays, guesses } = deps.auth;
  const mail = new MailService(clock, newId, enqueue, deps.mailer, deps.mail);
  const mailings = new GuessLimit(deps.mailings, 'A mail has been sent to this address several times.', deps.log);
  const emails = new EmailService(clock, mail, mailings, changes, audit, sessions);
  const change = new PasswordChangeService(clock, users, passwords, hasher, sessions, guesses, mail, mailings, audit);
  const sealed = new SealedTexts(deps.sealKey);
  const shared = { clock, users, passwords, hasher, sessions, signInWays, audit };
  const resets = new PasswordResetService({ ...shared, mail, mailings, changes, enqueue, sealed });
  return {
    resolvers: [new PasswordsResolver(change, resets, emails, commands), new ViewerEmailResolver()],
    tasks: new Map<string, Task>([
      [SIGNED_UP, emails.welcomeTask(database)],
      [SEND_MAIL, mail.taskOf(database)],
      [RESET_ASKED, resets.askedTask(database)],
      [PURGE_TASK, () => purge(database, clock.now())],
    ]),
    schedules: [{ task: PURGE_TASK, cron: '27 * * * *' }],
  };
}
