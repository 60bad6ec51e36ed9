import type { Tag } from '../../platform/cache/touched';

/** The comments of a post, and their number. */
export function threadTag(postId: string): Tag {
  return `comments:${postId}`;
}
