import type { Change } from '../../platform/changelog/change-log';
import type { Transaction } from '../../platform/postgres/database';
import { POST_PREFIX } from '../posts';
import * as feeds from './feed.erasure.repository';

export { emptyNext as emptyNextFeed, unmarkPullAuthor } from './feed.erasure.repository';

/** Takes the posts of somebody whose account is deleted out of these people's feeds; answers what they learn. */
export async function takeOutOfFeeds(
  tx: Transaction,
  authorId: string,
  viewerIds: readonly string[],
): Promise<readonly Change[]> {
  const stood = await feeds.takeOut(tx, authorId, viewerIds);
  return stood.map(({ viewerId, postId: nodeId }) => {
    return { viewerId, scope: 'FEED', kind: POST_PREFIX, nodeId, deleted: true };
  });
}
