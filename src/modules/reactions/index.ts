import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { Clock } from '../../kernel/clock';
import type { ChangeLog } from '../../platform/changelog/change-log';
import { LikeEntity, PostLikeCounterEntity } from './like.entity';
import { LikerLists } from './like.reader';
import { PostLikesResolver } from './like.resolver';
import { LikeService } from './like.service';

export const REACTIONS_ENTITIES = [LikeEntity, PostLikeCounterEntity];

export interface ReactionsDeps {
  readonly clock: Clock;
  readonly changes: ChangeLog;
  readonly commands: Commands;
  readonly pages: Pages;
}

/** Likes of posts. */
export function createReactions({ clock, changes, commands, pages }: ReactionsDeps) {
  return { resolvers: [new PostLikesResolver(new LikeService(clock, changes), new LikerLists(pages), commands)] };
}
