import type { Tag } from '../../platform/cache/touched';

/** Who likes a post, and how many. */
export function likesTag(postId: string): Tag {
  return `likes:${postId}`;
}
