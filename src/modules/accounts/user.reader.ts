import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { handleKey, handleProblem } from './handle.policy';
import type { UserRow } from './user.entity';
import * as users from './user.repository';
import { USER_COPIES } from './user.repository';
import { handleTag, userTag } from './user.tags';

/** A person whose profile the viewer may open, or null. */
export const userById = defineLoader<string, UserRow | null>({
  async batch({ db, viewer, cache }, ids) {
    const visible = (some: readonly string[]) => users.findReachable(db, some, viewer);
    const read = (some: readonly string[]) => users.findAny(db, some);
    const rows = cache
      ? await cache.getVersions(USER_COPIES, await users.findReachableVersions(db, ids, viewer), read, visible)
      : await visible(ids);
    return inOrder(ids, rows, (user) => user.id);
  },
  tags: (id) => [userTag(id)],
});

/**
 * The author of something that has just been found visible. Asking again whether the author is would let a block that
 * falls between the two statements turn a visible post into an error.
 */
export const authorById = defineLoader<string, UserRow | null>({
  async batch({ db, cache }, ids) {
    const read = (some: readonly string[]) => users.findAny(db, some);
    return cache ? cache.getMany(USER_COPIES, ids, read) : inOrder(ids, await read(ids), (user) => user.id);
  },
  tags: (id) => [userTag(id)],
});

const userByHandleKey = defineLoader<string, UserRow | null>({
  batch: async ({ db, viewer }, keys) =>
    inOrder(keys, await users.findReachableByHandleKeys(db, keys, viewer), (user) => handleKey(user.handle)),
  tags: (key, user) => [handleTag(key), ...(user ? [userTag(user.id)] : [])],
});

/** Null also for a text that can be nobody's handle. */
export async function findByHandle(context: RequestContext, handle: string): Promise<UserRow | null> {
  if (handleProblem(handle)) return null;
  return context.loaders.load(userByHandleKey, handleKey(handle));
}
