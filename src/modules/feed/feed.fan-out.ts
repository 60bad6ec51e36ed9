import type { Clock } from '../../kernel/clock';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import { findLivePost } from '../posts';
import { countFollowers } from '../relationships';
import * as feed from './feed.repository';

export interface FanOutOptions {
  /** An author with this many followers or more is read at page time from then on. */
  readonly pullThreshold: number;
  /** How many recent posts a new follower finds. */
  readonly backfillPosts: number;
}

/** Feeds written in one statement. */
const FOLLOWERS_AT_ONCE = 1_000;

/**
 * The tasks that write posts to feeds. Both may run twice, late, or at the same time: entries are unique, and what may
 * no longer be shown is left out when a page is read. A follower who comes while a post is being written finds it
 * through the task of the follow, which starts after the follow is committed.
 */
export class FanOut {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly options: FanOutOptions,
  ) {}

  /** Task: writes a post to its author's followers, or marks the author as one whose posts are read at page time. */
  readonly published: Task = async (payload) => {
    const { postId } = payload as { postId: string };
    const post = await findLivePost(this.database, postId);
    if (!post || post.audience === 'PRIVATE' || (await feed.isPullAuthor(this.database, post.authorId))) return;
    if ((await countFollowers(this.database, post.authorId)) >= this.options.pullThreshold) {
      return feed.markPullAuthor(this.database, post.authorId, this.clock.now());
    }
    let last: string | null = null;
    do last = await feed.writeToFollowers(this.database, post, last, FOLLOWERS_AT_ONCE);
    while (last !== null);
  };

  /** Task: writes an author's recent posts to the feed of somebody who has just begun to follow. */
  readonly followed: Task = async (payload) => {
    const { followerId, followeeId } = payload as { followerId: string; followeeId: string };
    if (await feed.isPullAuthor(this.database, followeeId)) return;
    await feed.writeRecent(this.database, followerId, followeeId, this.options.backfillPosts);
  };
}
