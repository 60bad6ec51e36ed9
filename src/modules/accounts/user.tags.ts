import type { Tag } from '../../platform/cache/touched';

/** A person's profile, and whether it is there and open. */
export function userTag(id: string): Tag {
  return `user:${id}`;
}

/** Whose a handle is, if anybody's. */
export function handleTag(handleKey: string): Tag {
  return `handle:${handleKey}`;
}

/** What strangers are shown nothing of, since it is closed to them: an account that is opened shows more than can be named. */
export const CLOSED: Tag = 'closed';
