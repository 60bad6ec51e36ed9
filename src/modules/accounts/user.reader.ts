import { Companions } from '../../graphql/companions';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder, nodesInOrder } from '../../graphql/loader-scope';
import { handleKey, handleProblem } from './handle.policy';
import type { UserRow } from './user.entity';
import * as users from './user.repository';

/** What comes along with people. */
export const userCompanions = new Companions<UserRow>();

/** A person whose profile the viewer may open, or null. */
export const userById = defineLoader<string, UserRow | null>({
  async batch(context, ids) {
    const { db, viewer } = context;
    const rows = await userCompanions.read(context, (along) => users.findReachable(db, ids, viewer, along));
    return nodesInOrder(ids, rows);
  },
});

/**
 * The author of something that has just been found visible. Asking again whether the author is would let a block that
 * falls between the two statements turn a visible post into an error.
 */
export const authorById = defineLoader<string, UserRow | null>({
  batch: async ({ db }, ids) => inOrder(ids, await users.findAny(db, ids), (user) => user.id),
});

/** Null also for a text that can be nobody's handle. */
export async function findByHandle(context: RequestContext, handle: string): Promise<UserRow | null> {
  if (handleProblem(handle)) return null;
  const { db, viewer } = context;
  const key = handleKey(handle);
  const [found] = await userCompanions.read(context, (along) => users.findReachableByHandleKey(db, key, viewer, along));
  return found?.node ?? null;
}
