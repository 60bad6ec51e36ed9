import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { Clock } from '../../kernel/clock';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import { ACCOUNT_OPENED } from '../accounts';
import { BlockEntity, FollowEntity, MuteEntity, RelationshipCountersEntity } from './relationship.entity';
import { PeopleLists } from './relationship.reader';
import { UserCountsResolver, UserRelationshipResolver, ViewerRelationshipsResolver } from './relationship.resolver';
import { RelationshipService } from './relationship.service';

export { followedById, standingByUserId } from './relationship.reader';
export { countFollowers } from './relationship.repository';
export { FOLLOWED } from './relationship.service';

export const RELATIONSHIPS_ENTITIES = [FollowEntity, BlockEntity, MuteEntity, RelationshipCountersEntity];

export interface RelationshipsDeps {
  readonly clock: Clock;
  readonly enqueue: Enqueue;
  readonly commands: Commands;
  readonly pages: Pages;
  readonly database: Database;
}

/** Who follows, blocks and mutes whom. */
export function createRelationships({ clock, enqueue, commands, pages, database }: RelationshipsDeps) {
  const service = new RelationshipService(clock, enqueue);
  const lists = new PeopleLists(pages);
  return {
    resolvers: [
      new UserRelationshipResolver(lists, service, commands),
      new UserCountsResolver(),
      new ViewerRelationshipsResolver(lists),
    ],
    tasks: new Map<string, Task>([[ACCOUNT_OPENED, service.acceptWaiting(database)]]),
  };
}
