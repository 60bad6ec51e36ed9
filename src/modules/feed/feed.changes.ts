import type { Change, ChangeLog } from '../../platform/changelog/change-log';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import { POST_PREFIX } from '../posts';
import type { PairChanged } from '../relationships';
import * as feed from './feed.repository';

/** That posts came into a home feed, left it, or are to be looked at again there. */
export function feedChanges(viewerId: string, postIds: readonly string[]): Change[] {
  return postIds.map((nodeId) => ({ viewerId, scope: 'FEED', kind: POST_PREFIX, nodeId }));
}

/** The tasks that tell people of posts that a changed relationship takes out of their home feed or puts back. */
export class FeedChanges {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeLog,
  ) {}

  /** Task: for the feed of one of the two. */
  readonly ofViewer: Task = async (payload) => {
    const { viewerId, otherId, eventId } = payload as PairChanged;
    const postIds = await feed.findStanding(this.database, viewerId, otherId);
    await this.changes.appendOnce(this.database, eventId, feedChanges(viewerId, postIds));
  };

  /** Task: for the feeds of both. */
  readonly ofBoth: Task = async (payload) => {
    const { viewerId, otherId, eventId } = payload as PairChanged;
    await this.ofViewer({ viewerId, otherId, eventId });
    await this.ofViewer({ viewerId: otherId, otherId: viewerId, eventId });
  };
}
