import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { SubscriptionSource } from '../../graphql/schema';
import type { Clock } from '../../kernel/clock';
import type { Touched } from '../../platform/cache/touched';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { HubOptions } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import { postCompanions } from '../posts';
import { EngagementResolver } from './engagement.resolver';
import { type EngagementArgs, EngagementWatch } from './engagement.watch';
import { LikeEntity, PostLikeCounterEntity } from './like.entity';
import { LikerLists, likeStateOfPost } from './like.reader';
import { PostLikesResolver } from './like.resolver';
import { LikeService } from './like.service';

export { eraseNextLikes } from './like.erasure';
export { exportOfLikes } from './like.export';

export const REACTIONS_ENTITIES = [LikeEntity, PostLikeCounterEntity];

export interface ReactionsDeps {
  readonly clock: Clock;
  readonly changes: ChangeLog;
  readonly commands: Commands;
  readonly pages: Pages;
  readonly database: Database;
  readonly live: HubOptions;
  readonly touched: Touched;
}

/** Likes of posts, and the live counters of posts. */
export function createReactions({ clock, changes, commands, pages, database, live, touched }: ReactionsDeps) {
  postCompanions.add(likeStateOfPost);
  const service = new LikeService(clock, changes, live.doorbell, touched);
  const watch = new EngagementWatch(database, live);
  const postEngagement: SubscriptionSource<EngagementArgs> = (args, context) => watch.open(args, context);
  return {
    resolvers: [new PostLikesResolver(service, new LikerLists(pages), commands), new EngagementResolver()],
    subscriptions: { postEngagement },
    close: () => watch.close(),
  };
}
