import { Companions } from '../../graphql/companions';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder, nodesInOrder, nodesOf } from '../../graphql/loader-scope';
import { handleKey, handleProblem } from './handle.policy';
import type { UserRow } from './user.entity';
import { userExtent } from './user.extent';
import * as users from './user.repository';
import { USER_COPIES } from './user.repository';
import { handleTag, userTag } from './user.tags';

/** What comes along with people. */
export const userCompanions = new Companions<UserRow>(userExtent);

/** A person whose profile the viewer may open, or null. */
export const userById = defineLoader<string, UserRow | null>({
  async batch(context, ids) {
    const { db, viewer, cache } = context;
    if (!cache) {
      const rows = await userCompanions.read(context, (along) => users.findReachable(db, ids, viewer, along));
      return nodesInOrder(ids, rows);
    }
    const stamps = await userCompanions.read(context, (along) => users.findReachableVersions(db, ids, viewer, along));
    const visible = async (some: readonly string[]) => nodesOf(await users.findReachable(db, some, viewer));
    const read = (some: readonly string[]) => users.findAny(db, some);
    const rows = await cache.getVersions(USER_COPIES, nodesOf(stamps), read, visible);
    return inOrder(ids, rows, (user) => user.id);
  },
  tags: (id) => [userTag(id)],
});

/**
 * The author of something that has just been found visible. Asking again whether the author is would let a block that
 * falls between the two statements turn a visible post into an error.
 */
export const authorById = defineLoader<string, UserRow | null>({
  async batch(context, ids) {
    const { db, cache } = context;
    if (cache) return cache.getMany(USER_COPIES, ids, (some) => users.findAny(db, some));
    return inOrder(ids, await users.findAny(db, ids, userExtent.of(context)), (user) => user.id);
  },
  atHand: ({ cache }, id) => cache?.peek(USER_COPIES, id),
  tags: (id) => [userTag(id)],
});

const userByHandleKey = defineLoader<string, UserRow | null>({
  async batch(context, keys) {
    const { db, viewer } = context;
    const rows = await userCompanions.read(context, (along) =>
      users.findReachableByHandleKeys(db, keys, viewer, along),
    );
    return inOrder(keys, rows, ({ key }) => key).map((row) => row?.node ?? null);
  },
  tags: (key, user) => [handleTag(key), ...(user ? [userTag(user.id)] : [])],
});

/** Null also for a text that can be nobody's handle. */
export async function findByHandle(context: RequestContext, handle: string): Promise<UserRow | null> {
  if (handleProblem(handle)) return null;
  return context.loaders.load(userByHandleKey, handleKey(handle));
}
