import type { Tag } from '../../platform/cache/touched';

/** Who follows a person and whom they follow, by list and by number. */
export function peopleTag(userId: string): Tag {
  return `people:${userId}`;
}
