import { defineLoader } from '../../graphql/loader-scope';
import type { IdentityRow } from './identity.entity';
import * as identities from './identity.repository';

/** People's identities at these issuers, oldest first. For the owner's eyes; whoever calls it has made sure of that. */
export function identitiesByUserId(issuers: ReadonlySet<string>) {
  return defineLoader<string, readonly IdentityRow[]>({
    batch: async ({ db }, userIds) => {
      const rows = await identities.findByUserIds(db, userIds, [...issuers]);
      return userIds.map((userId) => rows.filter((row) => row.userId === userId));
    },
  });
}
