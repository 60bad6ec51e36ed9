import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import type { SessionService } from '../auth';
import type { ShownDevice } from './device.repository';
import * as devices from './device.repository';

/** As many as there are sessions in Viewer.sessions. */
const DEVICES_MAX = 100;

/** The viewer's own devices; there are none of others for anybody. */
export class DeviceReader {
  constructor(private readonly sessions: SessionService) {}

  private readonly byId = defineLoader<string, ShownDevice | null>({
    batch: async ({ db, viewer }, ids) => {
      const found = viewer && (await devices.findLive(db, viewer.userId, this.sessions.livingSince(), ids));
      return inOrder(ids, found ?? [], (device) => device.id);
    },
  });

  private readonly all = defineLoader<string, readonly ShownDevice[]>({
    batch: ({ db }, userIds) =>
      Promise.all(userIds.map((id) => devices.listLive(db, id, this.sessions.livingSince(), DEVICES_MAX))),
  });

  /** A device with a session that lives, or null. */
  find({ loaders }: RequestContext, id: string): Promise<ShownDevice | null> {
    return loaders.load(this.byId, id);
  }

  /** Those with a session that lives, the last seen first. */
  async ofViewer({ loaders, viewer }: RequestContext): Promise<readonly ShownDevice[]> {
    return viewer ? loaders.load(this.all, viewer.userId) : [];
  }
}
