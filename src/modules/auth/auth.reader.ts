import { defineLoader, inOrder } from '../../graphql/loader-scope';
import type { CredentialRow } from './credential.entity';
import * as credentials from './credential.repository';

/** For the owner's eyes; whoever calls it has made sure of that. */
export const credentialByUserId = defineLoader<string, CredentialRow | null>({
  batch: async ({ db }, userIds) => inOrder(userIds, await credentials.findByUserIds(db, userIds), (row) => row.userId),
});
