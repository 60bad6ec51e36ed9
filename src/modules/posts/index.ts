import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { NodeRegistry } from '../../graphql/nodes';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import type { Touched } from '../../platform/cache/touched';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Spread } from '../../platform/changelog/spread';
import type { Enqueue } from '../../platform/jobs/jobs';
import type { Topic } from '../../platform/redis/doorbell';
import { userCompanions, userExtent } from '../accounts';
import { AuthorPostCountersEntity, PostEntity } from './post.entity';
import { authorOfPost, PostLists, postById, postCompanions, postCountsOfUser } from './post.reader';
import { PostResolver, UserPostCountResolver, UserPostsResolver } from './post.resolver';
import { POST_PREFIX, PostService } from './post.service';

export type { PostRow } from './post.entity';

export { exportOfPosts } from './post.export';
export { postById, postCompanions, takeCopies as takePostCopies } from './post.reader';

export {
  dropCounters as dropPostCounters,
  eraseNext as eraseNextPosts,
  findLive as findLivePost,
  findVisible as findVisiblePosts,
  isVisible as isPostVisible,
  postColumns,
} from './post.repository';
export { POST_PREFIX, POST_PUBLISHED } from './post.service';
export { PostType } from './post.types';

/** What rings when a post's counters have changed. */
export function engagementTopic(postId: string): Topic {
  return `engagement:${postId}`;
}

export const POSTS_ENTITIES = [PostEntity, AuthorPostCountersEntity];

export interface PostsDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly enqueue: Enqueue;
  readonly changes: ChangeLog;
  readonly spread: Spread;
  readonly commands: Commands;
  readonly pages: Pages;
  readonly nodes: NodeRegistry;
  readonly touched: Touched;
}

/** What people publish. */
export function createPosts(deps: PostsDeps) {
  const { clock, newId, enqueue, changes, spread, commands, pages, nodes, touched } = deps;
  const service = new PostService(clock, newId, enqueue, changes, spread, touched);
  const lists = new PostLists(pages);
  postCompanions.add(authorOfPost);
  userCompanions.add(postCountsOfUser);
  // Whether an account is private decides which of its posts are counted.
  userExtent.alsoReadBy('UserCounts.posts');
  nodes.register({
    prefix: POST_PREFIX,
    typename: 'Post',
    find: (context, uuid) => context.loaders.load(postById, uuid),
    delete: (tx, viewer, uuid) => service.delete(tx, viewer, uuid),
  });
  return {
    resolvers: [new PostResolver(service, lists, commands), new UserPostsResolver(lists), new UserPostCountResolver()],
  };
}
