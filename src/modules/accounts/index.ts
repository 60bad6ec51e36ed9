import type { Commands } from '../../graphql/command';
import type { NodeRegistry } from '../../graphql/nodes';
import type { Clock } from '../../kernel/clock';
import type { Touched } from '../../platform/cache/touched';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Spread } from '../../platform/changelog/spread';
import type { Enqueue } from '../../platform/jobs/jobs';
import { UserEntity, UserHandleEntity } from './user.entity';
import { userById } from './user.reader';
import { UserResolver, VIEWER_PREFIX, ViewerResolver } from './user.resolver';
import { USER_PREFIX, UserService } from './user.service';

export { handleKey } from './handle.policy';
export type { UserRow } from './user.entity';

export { exportOfProfile, namedPerson } from './user.export';
export { userExtent } from './user.extent';
export { authorById, userById, userCompanions } from './user.reader';
export { joinCarried, joinPerson, userColumns } from './user.repository';

export { ACCOUNT_OPENED, FOLLOWERS, USER_PREFIX, type UserService } from './user.service';
export { CLOSED, userTag } from './user.tags';
export {
  UserConnectionType,
  UserCountsType,
  UserType,
  ViewerType,
} from './user.types';

export interface AccountsDeps {
  readonly clock: Clock;
  readonly enqueue: Enqueue;
  readonly changes: ChangeLog;
  readonly spread: Spread;
  readonly commands: Commands;
  readonly nodes: NodeRegistry;
  readonly touched: Touched;
}

export const ACCOUNTS_ENTITIES = [UserEntity, UserHandleEntity];

/** People and their profiles. */
export function createAccounts({ clock, enqueue, changes, spread, commands, nodes, touched }: AccountsDeps) {
  const users = new UserService(clock, enqueue, changes, spread, touched);
  nodes.register({
    prefix: USER_PREFIX,
    typename: 'User',
    find: (context, uuid) => context.loaders.load(userById, uuid),
  });
  nodes.register({
    prefix: VIEWER_PREFIX,
    typename: 'Viewer',
    find: async ({ viewer }, uuid) => (viewer?.userId === uuid ? viewer : null),
  });
  return { users, resolvers: [new UserResolver(users, commands), new ViewerResolver()] };
}
