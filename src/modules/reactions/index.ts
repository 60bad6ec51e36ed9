import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { Clock } from '../../kernel/clock';
import { LikeEntity, PostLikeCounterEntity } from './like.entity';
import { LikerLists } from './like.reader';
import { PostLikesResolver } from './like.resolver';
import { LikeService } from './like.service';

export const REACTIONS_ENTITIES = [LikeEntity, PostLikeCounterEntity];

export interface ReactionsDeps {
  readonly clock: Clock;
  readonly commands: Commands;
  readonly pages: Pages;
}

/** Likes of posts. */
export function createReactions({ clock, commands, pages }: ReactionsDeps) {
  return { resolvers: [new PostLikesResolver(new LikeService(clock), new LikerLists(pages), commands)] };
}
