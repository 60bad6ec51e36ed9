import { encodeId } from '../../kernel/ids';
import { type ExportSource, inPages, shownAs } from '../../platform/export/export-source';
import type { DeviceRow } from './device.entity';
import * as devices from './device.repository';
import { DEVICE_PREFIX } from './device.service';

/** Without keys, and without what pushes are sent by. */
export const exportOfDevices: ExportSource = {
  name: 'devices',
  about: 'The phones and browsers that you signed in on and that their apps registered.',
  pages: (executor, { userId }) =>
    shownAs(
      inPages(
        (stretch) => devices.pageByUser(executor, userId, stretch),
        ({ id }) => [id],
      ),
      showDevice,
    ),
};

function showDevice({ id, platform, name, appVersion, createdAt, lastSeenAt }: DeviceRow): object {
  return { id: encodeId(DEVICE_PREFIX, id), platform, name, appVersion, createdAt, lastSeenAt };
}
