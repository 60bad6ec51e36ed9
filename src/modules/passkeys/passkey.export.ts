import { encodeId } from '../../kernel/ids';
import { atOnce, type ExportSource, shownAs } from '../../platform/export/export-source';
import * as passkeys from './passkey.repository';
import { PASSKEY_PREFIX } from './passkey.service';

/** By their names: nothing of the keys themselves. */
export const exportOfPasskeys: ExportSource = {
  name: 'passkeys',
  about: 'Your passkeys by their names.',
  pages: (executor, { userId }) =>
    shownAs(atOnce(passkeys.findByUserIds(executor, [userId])), ({ id, name, synced, createdAt, lastUsedAt }) => ({
      ...{ id: encodeId(PASSKEY_PREFIX, id), name, synced, createdAt, lastUsedAt },
    })),
};
