import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { Clock } from '../../kernel/clock';
import type { Touched } from '../../platform/cache/touched';
import type { Audiences } from '../../platform/changelog/audience';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import { ACCOUNT_OPENED, FOLLOWERS, userCompanions } from '../accounts';
import { BlockEntity, FollowEntity, MuteEntity, RelationshipCountersEntity } from './relationship.entity';
import { PeopleLists, RELATIONSHIPS_OF_USER } from './relationship.reader';
import { pageFollowers } from './relationship.repository';
import { UserCountsResolver, UserRelationshipResolver, ViewerRelationshipsResolver } from './relationship.resolver';
import { RelationshipService } from './relationship.service';

export { dropRelationshipCounters, partFromNext } from './departure';
export { exportsOfRelationships } from './relationship.export';
export { standingByUserId } from './relationship.reader';
export { countFollowers, pageFollowers } from './relationship.repository';
export { BLOCK_CHANGED, FEED_CHANGED, FOLLOWED, type PairChanged } from './relationship.service';

export const RELATIONSHIPS_ENTITIES = [FollowEntity, BlockEntity, MuteEntity, RelationshipCountersEntity];

export interface RelationshipsDeps {
  readonly clock: Clock;
  readonly enqueue: Enqueue;
  readonly changes: ChangeLog;
  readonly audiences: Audiences;
  readonly commands: Commands;
  readonly pages: Pages;
  readonly database: Database;
  readonly touched: Touched;
}

/** Who follows, blocks and mutes whom. */
export function createRelationships(deps: RelationshipsDeps) {
  const { clock, enqueue, changes, audiences, commands, pages, database, touched } = deps;
  const service = new RelationshipService(clock, enqueue, changes, touched);
  const lists = new PeopleLists(pages);
  userCompanions.add(RELATIONSHIPS_OF_USER.standing);
  userCompanions.add(RELATIONSHIPS_OF_USER.counts);
  audiences.register(FOLLOWERS, pageFollowers);
  return {
    resolvers: [
      new UserRelationshipResolver(lists, service, commands),
      new UserCountsResolver(),
      new ViewerRelationshipsResolver(lists),
    ],
    tasks: new Map<string, Task>([[ACCOUNT_OPENED, service.acceptWaiting(database)]]),
  };
}
