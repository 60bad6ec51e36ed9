import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder } from '../../graphql/loader-scope';
import type { Viewer } from '../../kernel/viewer';
import { type PostRow, postById, postCompanions } from '../posts';
import * as feed from './feed.repository';

/** A post that stands in the viewer's home feed, or null. */
export const feedPostById = defineLoader<string, PostRow | null>({
  batch: async ({ db, viewer }, ids) =>
    viewer ? inOrder(ids, await feed.findInHome(db, viewer, ids), (post) => post.id) : ids.map(() => null),
});

/** Home feeds. Each row read is put where `postById` finds it. */
export class FeedLists {
  constructor(private readonly pages: Pages) {}

  async home(context: RequestContext, viewer: Viewer, page: ForwardPage) {
    const request = this.pages.request(`feed:${viewer.userId}:FOLLOWING`, page);
    const rows = await postCompanions.read(context, (along) => feed.pageHome(context.db, viewer, request, along));
    for (const { node } of rows) context.loaders.prime<string, PostRow | null>(postById, node.id, node);
    return this.pages.connection(request, rows, {
      position: ({ node }) => [node.createdAt, node.id],
      node: ({ node }) => node,
      edge: () => ({ reason: 'FOLLOWING' as const }),
    });
  }
}
