import type { MaybeViewer } from '../../kernel/viewer';
import { isSelf } from '../../kernel/viewer';
import type { PostRow } from './post.entity';
import type { PostCounts } from './post.repository';

/** Edit and delete: the author alone. Whether the post may be seen has been decided before. */
export function canChange(viewer: MaybeViewer, post: Pick<PostRow, 'authorId'>): boolean {
  return isSelf(viewer, post.authorId);
}

/** How a viewer stands to an author, as far as counting the author's posts goes. */
export interface CountRights {
  readonly isAuthor: boolean;
  readonly follows: boolean;
  readonly isPrivate: boolean;
  /** The viewer blocked the author. */
  readonly blocking: boolean;
}

/** How many of an author's posts the viewer may see. */
export function countVisible(counts: PostCounts | null, rights: CountRights): number {
  if (!counts || rights.blocking) return 0;
  const { publicPosts, followerPosts, privatePosts } = counts;
  if (rights.isAuthor) return publicPosts + followerPosts + privatePosts;
  if (rights.follows) return publicPosts + followerPosts;
  return rights.isPrivate ? 0 : publicPosts;
}
