import type { Tag } from '../../platform/cache/touched';

/** A post by itself, and whom it is for. */
export function postTag(id: string): Tag {
  return `post:${id}`;
}

/** Which posts a person has, by list and by number. */
export function authorPostsTag(authorId: string): Tag {
  return `author-posts:${authorId}`;
}
