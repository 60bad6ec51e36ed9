import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader } from '../../graphql/page-loader';
import type { Viewer } from '../../kernel/viewer';
import type { DataExportRow } from './data-export.entity';
import * as dataExports from './data-export.repository';

/** An export of the viewer's own; there are none of others for anybody. */
export const ownExportById = defineLoader<string, DataExportRow | null>({
  batch: async ({ db, viewer }, ids) => {
    const found = viewer && (await dataExports.findOfUser(db, viewer.userId, ids));
    return inOrder(ids, found ?? [], ({ id }) => id);
  },
});

const exportPages = definePageLoader(({ db }, userIds, shape) => dataExports.pageByUsers(db, userIds, shape));

/** The viewer's exports, newest first. */
export class DataExportLists {
  constructor(private readonly pages: Pages) {}

  async ofViewer({ loaders }: RequestContext, { userId }: Viewer, page: ForwardPage) {
    const request = this.pages.request(`exports:${userId}`, page);
    const shape = { limit: request.limit, after: request.after };
    const rows = await loaders.load(exportPages, { parentId: userId, shape });
    return this.pages.connection(request, rows, { position: ({ id }) => [id], node: (row) => row });
  }
}
