import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader, type PageShape } from '../../graphql/page-loader';
import { type UserRow, userById, userTag } from '../accounts';
import type { ListedUser, PeopleList, RelationshipCounts, Standing } from './relationship.repository';
import * as relationships from './relationship.repository';
import { peopleTag } from './relationship.tags';

/** How the viewer stands to a person; null for an anonymous viewer. */
export const standingByUserId = defineLoader<string, Standing | null>({
  batch: async ({ db, viewer }, userIds) => {
    if (!viewer) return userIds.map(() => null);
    return inOrder(userIds, await relationships.findStandings(db, viewer, userIds), (row) => row.userId);
  },
  tags: () => [],
});

export const countsByUserId = defineLoader<string, RelationshipCounts>({
  batch: async ({ db, viewer }, userIds) => {
    const rows = inOrder(userIds, await relationships.findCounts(db, viewer, userIds), (row) => row.userId);
    return rows.map((row, index) => row ?? { userId: userIds[index] as string, followers: 0, following: 0 });
  },
  tags: (userId) => [peopleTag(userId), userTag(userId)],
});

/** Whether the viewer is the person or follows them with their consent. */
export const followedById = defineLoader<string, boolean>({
  batch: async ({ db, viewer }, userIds) => {
    if (!viewer) return userIds.map(() => false);
    const followed = await relationships.findFollowed(db, viewer, userIds);
    return userIds.map((id) => followed.has(id));
  },
  tags: () => [],
});

const listPages = definePageLoader<ListedUser, PageShape & { readonly list: PeopleList }>(
  ({ db, viewer }, ownerIds, { list, ...shape }) => relationships.pagePeople(db, viewer, list, ownerIds, shape),
  ({ parentId, shape }, people) =>
    // The other lists are for their owner alone.
    shape.list === 'followers' || shape.list === 'following'
      ? [peopleTag(parentId), userTag(parentId), ...people.map(({ id }) => userTag(id))]
      : null,
);

/** The lists of people. Each row read is put where `userById` finds it. */
export class PeopleLists {
  constructor(private readonly pages: Pages) {}

  async page(context: RequestContext, list: PeopleList, ownerId: string, page: ForwardPage) {
    const request = this.pages.request(`${list}:${ownerId}`, page);
    const shape = { list, limit: request.limit, after: request.after };
    const rows = await context.loaders.load(listPages, { parentId: ownerId, shape });
    for (const row of rows) context.loaders.prime<string, UserRow | null>(userById, row.id, row);
    return this.pages.connection(request, rows, { position: (row) => [row.listedAt, row.id], node: (row) => row });
  }
}
