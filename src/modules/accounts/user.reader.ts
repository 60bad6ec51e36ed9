import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { handleKey, handleProblem } from './handle.policy';
import type { UserRow } from './user.entity';
import * as users from './user.repository';
import { handleTag, userTag } from './user.tags';

/** A person whose profile the viewer may open, or null. */
export const userById = defineLoader<string, UserRow | null>({
  batch: async ({ db, viewer }, ids) => inOrder(ids, await users.findReachable(db, ids, viewer), (user) => user.id),
  tags: (id) => [userTag(id)],
});

/**
 * The author of something that has just been found visible. Asking again whether the author is would let a block that
 * falls between the two statements turn a visible post into an error.
 */
export const authorById = defineLoader<string, UserRow | null>({
  batch: async ({ db }, ids) => inOrder(ids, await users.findAny(db, ids), (user) => user.id),
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
