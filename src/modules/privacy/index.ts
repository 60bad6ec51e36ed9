import type { Commands } from '../../graphql/command';
import type { Clock } from '../../kernel/clock';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import type { SessionService, SignInWays } from '../auth';
import { AccountDeletionResolver } from './account-deletion.resolver';
import { AccountDeletionService } from './account-deletion.service';
import { AccountPurgeEntity } from './account-purge.entity';
import { AccountPurge, PURGE_ACCOUNT } from './account-purge.task';

export const PRIVACY_ENTITIES = [AccountPurgeEntity];

export interface PrivacyDeps {
  readonly clock: Clock;
  readonly database: Database;
  readonly commands: Commands;
  readonly changes: ChangeLog;
  readonly doorbell: Doorbell;
  readonly enqueue: Enqueue;
  readonly users: UserService;
  readonly auth: { readonly sessions: SessionService; readonly signInWays: SignInWays };
  readonly audit: AuditTrail;
}

const RELEASE_HANDLES_TASK = 'privacy.release-handles';

/** What people decide about everything that is stored of them. */
export function createPrivacy({
  clock,
  database,
  commands,
  changes,
  doorbell,
  enqueue,
  users,
  auth,
  audit,
}: PrivacyDeps) {
  const { sessions, signInWays } = auth;
  const deletion = new AccountDeletionService({ clock, enqueue, users, sessions, signInWays, audit });
  const purge = new AccountPurge({ database, clock, changes, doorbell, enqueue });
  return {
    resolvers: [new AccountDeletionResolver(deletion, commands)],
    tasks: new Map<string, Task>([
      [PURGE_ACCOUNT, purge.task],
      [RELEASE_HANDLES_TASK, () => users.releaseHandles(database)],
    ]),
    schedules: [{ task: RELEASE_HANDLES_TASK, cron: '7 * * * *' }],
  };
}
