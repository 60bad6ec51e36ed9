import type { ForwardPage, Pages } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import { defineLoader, inOrder, nodesOf } from '../../graphql/loader-scope';
import { type PageShape, rowsToRead } from '../../graphql/page-loader';
import type { Viewer } from '../../kernel/viewer';
import { type PostRow, postById, postCompanions, takePostCopies } from '../posts';
import * as feed from './feed.repository';

/** A post that stands in the viewer's home feed, or null. */
export const feedPostById = defineLoader<string, PostRow | null>({
  batch: async ({ db, viewer }, ids) =>
    viewer ? inOrder(ids, await feed.findInHome(db, viewer, ids), (post) => post.id) : ids.map(() => null),
});

async function readHome(context: RequestContext, viewer: Viewer, page: PageShape): Promise<PostRow[]> {
  const { db, cache } = context;
  const whole = () => postCompanions.read(context, (along) => feed.pageHome(db, viewer, page, along));
  if (!cache) return nodesOf(await whole());
  const stamps = nodesOf(await postCompanions.read(context, (along) => feed.pageHomeVersions(db, viewer, page, along)));
  const rows = await takePostCopies(context, cache, stamps);
  // Without what has gone meanwhile, the page would look like the last one.
  if (rows.length < stamps.length) return nodesOf(await whole());
  const byId = new Map(rows.map((row) => [row.id, row]));
  return stamps.flatMap(({ id }) => byId.get(id) ?? []);
}

/** Home feeds. Each row read is put where `postById` finds it. */
export class FeedLists {
  constructor(private readonly pages: Pages) {}

  async home(context: RequestContext, viewer: Viewer, page: ForwardPage) {
    const request = this.pages.request(`feed:${viewer.userId}:FOLLOWING`, page);
    const rows = await readHome(context, viewer, rowsToRead(context, request));
    for (const row of rows) context.loaders.prime<string, PostRow | null>(postById, row.id, row);
    return this.pages.connection(request, rows, {
      position: (row) => [row.createdAt, row.id],
      node: (row) => row,
      edge: () => ({ reason: 'FOLLOWING' as const }),
    });
  }
}
