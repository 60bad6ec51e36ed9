import type { Task } from '../../platform/jobs/jobs';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { UserService } from '../accounts';
import type { SessionService, SignInWays } from '../auth';
import { AccountDeletionResolver } from './account-deletion.resolver';
import { AccountDeletionService } from './account-deletion.service';
import { AccountPurgeEntity } from './account-purge.entity';
import { AccountPurge, PURGE_ACCOUNT } from './account-purge.task';
import { createDataExports, type DataExportsDeps } from './data-export';
import { DataExportEntity, DataExportPartEntity } from './data-export.entity';

export { removeOfUser as removeExportsOf } from './data-export.repository';

export const PRIVACY_ENTITIES = [AccountPurgeEntity, DataExportEntity, DataExportPartEntity];

export interface PrivacyDeps extends Omit<DataExportsDeps, 'sessions'> {
  readonly doorbell: Doorbell;
  readonly users: UserService;
  readonly auth: { readonly sessions: SessionService; readonly signInWays: SignInWays };
}

const RELEASE_HANDLES_TASK = 'privacy.release-handles';

/** What people decide about everything that is stored of them. */
export function createPrivacy(deps: PrivacyDeps) {
  const { clock, database, changes, doorbell, enqueue, users, audit } = deps;
  const { sessions, signInWays } = deps.auth;
  const deletion = new AccountDeletionService({ clock, enqueue, users, sessions, signInWays, audit });
  const purge = new AccountPurge({ database, clock, changes, doorbell, enqueue });
  const dataExports = createDataExports({ ...deps, sessions });
  return {
    resolvers: [new AccountDeletionResolver(deletion, deps.commands), ...dataExports.resolvers],
    tasks: new Map<string, Task>([
      [PURGE_ACCOUNT, purge.task],
      [RELEASE_HANDLES_TASK, () => users.releaseHandles(database)],
      ...dataExports.tasks,
    ]),
    schedules: [{ task: RELEASE_HANDLES_TASK, cron: '7 * * * *' }, ...dataExports.schedules],
    registerRoutes: dataExports.registerRoutes,
  };
}
