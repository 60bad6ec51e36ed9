import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import type { SessionRow } from './session.entity';
import * as sessions from './session.repository';
import type { SessionService } from './session.service';

/** What a screen shows; whoever has more can still end them all. */
const SESSIONS_MAX = 100;

/** The viewer's own sessions; there are none of others for anybody. */
export class SessionReader {
  constructor(private readonly service: SessionService) {}

  private readonly byId = defineLoader<string, SessionRow | null>({
    batch: async ({ db, viewer }, ids) => {
      const found = viewer && (await sessions.findLive(db, viewer.userId, this.service.livingSince(), ids));
      return inOrder(ids, found ?? [], (session) => session.id);
    },
  });

  /** The same for every key: a viewer has one list. */
  private readonly all = defineLoader<string, readonly SessionRow[]>({
    batch: ({ db }, userIds) =>
      Promise.all(userIds.map((id) => sessions.listLive(db, id, this.service.livingSince(), SESSIONS_MAX))),
  });

  /** A session that has not ended, or null. */
  find({ loaders }: RequestContext, id: string): Promise<SessionRow | null> {
    return loaders.load(this.byId, id);
  }

  /** Those that have not ended, the last used first. */
  async ofViewer({ loaders, viewer }: RequestContext): Promise<readonly SessionRow[]> {
    return viewer ? loaders.load(this.all, viewer.userId) : [];
  }
}
