import { defineLoader, inOrder } from '../../graphql/loader-scope';
import * as credentials from './credential.repository';

/** For the owner's eyes; whoever calls it has made sure of that. */
export const emailByUserId = defineLoader<string, string | null>({
  batch: async ({ db }, userIds) => {
    const found = inOrder(userIds, await credentials.findByUserIds(db, userIds), (row) => row.userId);
    return found.map((row) => row?.email ?? null);
  },
});
