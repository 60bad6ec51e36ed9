import type { ForwardPage, PageRequest, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import type { Viewer } from '../../kernel/viewer';
import { type UserRow, userById } from '../accounts';
import type { ListedUser, RelationshipCounts, Standing } from './relationship.repository';
import * as relationships from './relationship.repository';

/** How the viewer stands to a person; null for an anonymous viewer. */
export const standingByUserId = defineLoader<string, Standing | null>({
  batch: async ({ db, viewer }, userIds) => {
    if (!viewer) return userIds.map(() => null);
    return inOrder(userIds, await relationships.findStandings(db, viewer, userIds), (row) => row.userId);
  },
});

export const countsByUserId = defineLoader<string, RelationshipCounts>({
  batch: async ({ db, viewer }, userIds) => {
    const rows = inOrder(userIds, await relationships.findCounts(db, viewer, userIds), (row) => row.userId);
    return rows.map((row, index) => row ?? { userId: userIds[index] as string, followers: 0, following: 0 });
  },
});

/** Whether the viewer is the person or follows them with their consent. */
export const followedById = defineLoader<string, boolean>({
  batch: async ({ db, viewer }, userIds) => {
    if (!viewer) return userIds.map(() => false);
    const followed = await relationships.findFollowed(db, viewer, userIds);
    return userIds.map((id) => followed.has(id));
  },
});

type ReadPage = (page: PageRequest) => Promise<ListedUser[]>;

/** The lists of people. Each row read is put where `userById` finds it. */
export class PeopleLists {
  constructor(private readonly pages: Pages) {}

  followers(context: RequestContext, ownerId: string, page: ForwardPage) {
    return this.page(context, `followers:${ownerId}`, page, (request) =>
      relationships.pageFollowers(context.db, context.viewer, ownerId, request),
    );
  }

  following(context: RequestContext, ownerId: string, page: ForwardPage) {
    return this.page(context, `following:${ownerId}`, page, (request) =>
      relationships.pageFollowing(context.db, context.viewer, ownerId, request),
    );
  }

  requests(context: RequestContext, viewer: Viewer, page: ForwardPage) {
    return this.page(context, `requests:${viewer.userId}`, page, (request) =>
      relationships.pageRequests(context.db, viewer, request),
    );
  }

  blocks(context: RequestContext, viewer: Viewer, page: ForwardPage) {
    return this.page(context, `blocks:${viewer.userId}`, page, (request) =>
      relationships.pageBlocks(context.db, viewer, request),
    );
  }

  mutes(context: RequestContext, viewer: Viewer, page: ForwardPage) {
    return this.page(context, `mutes:${viewer.userId}`, page, (request) =>
      relationships.pageMutes(context.db, viewer, request),
    );
  }

  private async page(context: RequestContext, list: string, page: ForwardPage, read: ReadPage) {
    const request = this.pages.request(list, page);
    const rows = await read(request);
    for (const row of rows) context.loaders.prime<string, UserRow | null>(userById, row.id, row);
    return this.pages.connection(request, rows, {
      position: (row) => [row.listedAt, row.id],
      node: (row) => row,
    });
  }
}
