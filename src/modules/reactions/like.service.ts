import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import type { Touched } from '../../platform/cache/touched';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Transaction } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import { engagementTopic, POST_PREFIX } from '../posts';
import * as likes from './like.repository';
import { likesTag } from './like.tags';

export class LikeService {
  constructor(
    private readonly clock: Clock,
    private readonly changes: ChangeLog,
    private readonly doorbell: Doorbell,
    private readonly touched: Touched,
  ) {}

  /** Sets whether the viewer likes a post; setting it twice is setting it once. @throws UserErrors NOT_FOUND. */
  async setPostLiked(tx: Transaction, viewer: Viewer, postId: string, liked: boolean): Promise<{ postId: string }> {
    const { isVisible, hasChanged } = await likes.set(tx, postId, viewer, liked, this.clock.now());
    if (!isVisible) refuse('NOT_FOUND', 'There is no such post.', ['input', 'postId']);
    if (hasChanged) {
      const { userId } = viewer;
      // For the liker's other devices alone: a much liked author's log would be one lock for all who like.
      this.changes.add(tx, { viewerId: userId, scope: 'FEED', kind: POST_PREFIX, nodeId: postId });
      this.touched.add(tx, likesTag(postId));
      tx.afterCommit(() => this.doorbell.ring(engagementTopic(postId)));
    }
    return { postId };
  }
}
