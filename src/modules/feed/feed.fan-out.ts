import type { Clock } from '../../kernel/clock';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Task } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import { findLivePost, type PostRow } from '../posts';
import { countFollowers, pageFollowers } from '../relationships';
import { feedChanges } from './feed.changes';
import * as feed from './feed.repository';

export interface FanOutOptions {
  /** An author with this many followers or more is read at page time from then on. */
  readonly pullThreshold: number;
  /** How many recent posts a new follower finds. */
  readonly backfillPosts: number;
  /** Feeds written in one transaction. */
  readonly feedsAtOnce?: number;
}

const FEEDS_AT_ONCE = 1_000;

interface Publication {
  readonly post: PostRow;
  readonly eventId: string;
  /** The author's posts are read at page time: they are written to logs, not to feeds. */
  readonly pulled: boolean;
}

/**
 * The tasks that write posts to feeds, and to the change logs of those whose feeds they are. Both may run twice, late,
 * or at the same time: entries are unique, and what may no longer be shown is left out when a page is read. A follower
 * who comes while a post is being written finds it through the task of the follow, which starts after the follow is
 * committed.
 */
export class FanOut {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
    private readonly options: FanOutOptions,
  ) {}

  /** Task: writes a post to its author's followers; to their logs alone when the author is read at page time. */
  readonly published: Task = async (payload) => {
    const { postId, eventId } = payload as { postId: string; eventId: string };
    const post = await findLivePost(this.database, postId);
    if (!post || post.audience === 'PRIVATE') return;
    const pulled = await this.isPulled(post.authorId);
    const publication: Publication = { post, eventId, pulled };
    let after: string | null = null;
    do after = await this.database.transaction((tx) => this.writePage(tx, publication, after));
    while (after !== null);
  };

  private async writePage(
    tx: Transaction,
    { post, eventId, pulled }: Publication,
    after: string | null,
  ): Promise<string | null> {
    const { feedsAtOnce = FEEDS_AT_ONCE } = this.options;
    const { viewerIds, next } = await pageFollowers(tx, post.authorId, after, feedsAtOnce);
    if (!pulled) await feed.writeToFeeds(tx, post, viewerIds);
    const entries = viewerIds.flatMap((viewerId) => feedChanges(viewerId, [post.id]));
    await this.changes.appendOnceIn(tx, eventId, entries);
    return next;
  }

  /** Whether an author's posts are read at page time; with so many followers, they are from now on. */
  private async isPulled(authorId: string): Promise<boolean> {
    if (await feed.isPullAuthor(this.database, authorId)) return true;
    if ((await countFollowers(this.database, authorId)) < this.options.pullThreshold) return false;
    await feed.markPullAuthor(this.database, authorId, this.clock.now());
    return true;
  }

  /** Task: writes an author's recent posts to the feed of somebody who has just begun to follow. */
  readonly followed: Task = async (payload) => {
    const { followerId, followeeId, eventId } = payload as Record<'followerId' | 'followeeId' | 'eventId', string>;
    await this.database.transaction(async (tx) => {
      if (!(await feed.isPullAuthor(tx, followeeId))) {
        await feed.writeRecent(tx, followerId, followeeId, this.options.backfillPosts);
      }
      // Posts that stand there since an earlier follow are shown again as well.
      const standing = await feed.findStanding(tx, followerId, followeeId);
      await this.changes.appendOnceIn(tx, eventId, feedChanges(followerId, standing));
    });
  };
}
