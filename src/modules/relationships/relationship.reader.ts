import type { Accompanied, Companion } from '../../graphql/companions';
import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import { definePageLoader, type PageShape } from '../../graphql/page-loader';
import { type UserRow, userById, userCompanions, userTag } from '../accounts';
import { type ListedUser, type PeopleList, pagePeople } from './relationship.repository';
import { peopleTag } from './relationship.tags';
import type { RelationshipCounts, Standing } from './standing.repository';
import * as standings from './standing.repository';

/** How the viewer stands to a person; null for an anonymous viewer. */
export const standingByUserId = defineLoader<string, Standing | null>({
  batch: async ({ db, viewer }, userIds) => {
    if (!viewer) return userIds.map(() => null);
    return inOrder(userIds, await standings.findStandings(db, viewer, userIds), (row) => row.userId);
  },
  tags: () => [],
});

export const countsByUserId = defineLoader<string, RelationshipCounts>({
  batch: async ({ db, viewer }, userIds) => {
    const rows = inOrder(userIds, await standings.findCounts(db, viewer, userIds), (row) => row.userId);
    return rows.map((row, index) => row ?? { userId: userIds[index] as string, followers: 0, following: 0 });
  },
  tags: (userId) => [peopleTag(userId), userTag(userId)],
});

/** What comes along with people: how the viewer stands to them, how many they know. */
export const RELATIONSHIPS_OF_USER = {
  /** For `standingByUserId`. */
  standing: {
    serves: ['User.relationship', 'UserCounts.posts'],
    /** Whom the viewer follows and blocks is enough to count a person's posts. */
    extent: { of: (context) => (context.leavesOut('User.relationship') ? 'part' : 'whole') },
    ...standings.STANDING_ALONG,
    prime: (loaders, { node, standing }) => loaders.prime(standingByUserId, node.id, standing),
  } satisfies Companion<Accompanied<UserRow> & { readonly standing: Standing | null }>,
  /** For `countsByUserId`. */
  counts: {
    serves: ['UserCounts.followers', 'UserCounts.following'],
    ...standings.COUNTS_ALONG,
    prime(loaders, { node, relationshipCounts: { followers, following } }) {
      loaders.prime(countsByUserId, node.id, { userId: node.id, followers: followers ?? 0, following: following ?? 0 });
    },
  } satisfies Companion<
    Accompanied<UserRow> & { readonly relationshipCounts: Record<'followers' | 'following', number | null> }
  >,
};

const listPages = definePageLoader<ListedUser, PageShape & { readonly list: PeopleList }>(
  (context, ownerIds, { list, ...shape }) =>
    userCompanions.read(context, (along) => pagePeople(context.db, context.viewer, list, ownerIds, shape, along)),
  ({ parentId, shape }, people) =>
    // The other lists are for their owner alone.
    shape.list === 'followers' || shape.list === 'following'
      ? [peopleTag(parentId), userTag(parentId), ...people.map(({ node }) => userTag(node.id))]
      : null,
);

/** The lists of people. Each row read is put where `userById` finds it. */
export class PeopleLists {
  constructor(private readonly pages: Pages) {}

  async page(context: RequestContext, list: PeopleList, ownerId: string, page: ForwardPage) {
    const request = this.pages.request(`${list}:${ownerId}`, page);
    const shape = { list, limit: request.limit, after: request.after };
    const rows = await context.loaders.load(listPages, { parentId: ownerId, shape });
    for (const { node } of rows) context.loaders.prime<string, UserRow | null>(userById, node.id, node);
    return this.pages.connection(request, rows, {
      position: ({ listedAt, node }) => [listedAt, node.id],
      node: ({ node }) => node,
    });
  }
}
