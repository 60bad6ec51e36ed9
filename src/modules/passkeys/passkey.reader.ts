import type { RequestContext } from '../../graphql/context';
import { defineLoader } from '../../graphql/loader-scope';
import type { PasskeyRow } from './passkey.entity';
import * as passkeys from './passkey.repository';

/** For the owner's eyes; whoever calls it has made sure of that. Oldest first. */
export const passkeysByUserId = defineLoader<string, readonly PasskeyRow[]>({
  batch: async ({ db }, userIds) => {
    const rows = await passkeys.findByUserIds(db, userIds);
    return userIds.map((userId) => rows.filter((row) => row.userId === userId));
  },
});

/** One of the viewer's own. */
export async function findOwnPasskey({ loaders, viewer }: RequestContext, id: string): Promise<PasskeyRow | null> {
  if (!viewer) return null;
  return (await loaders.load(passkeysByUserId, viewer.userId)).find((passkey) => passkey.id === id) ?? null;
}
