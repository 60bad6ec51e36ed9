import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import type { Transaction } from '../../platform/postgres/database';
import { isPostVisible } from '../posts';
import * as likes from './like.repository';

export class LikeService {
  constructor(private readonly clock: Clock) {}

  /** Sets whether the viewer likes a post; setting it twice is setting it once. @throws UserErrors NOT_FOUND. */
  async setPostLiked(tx: Transaction, viewer: Viewer, postId: string, liked: boolean): Promise<{ postId: string }> {
    if (!(await isPostVisible(tx, viewer, postId))) refuse('NOT_FOUND', 'There is no such post.', ['input', 'postId']);
    await likes.set(tx, postId, viewer.userId, liked, this.clock.now());
    return { postId };
  }
}
