import type { Pages } from '../../graphql/connection';
import type { Clock } from '../../kernel/clock';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import { POST_PUBLISHED } from '../posts';
import { BLOCK_CHANGED, FEED_CHANGED, FOLLOWED } from '../relationships';
import { FeedChanges } from './feed.changes';
import { FeedEntryEntity, FeedPullAuthorEntity } from './feed.entity';
import { FanOut, type FanOutOptions } from './feed.fan-out';
import { FeedLists } from './feed.reader';
import { FeedResolver } from './feed.resolver';

export { emptyNextFeed, takeOutOfFeeds, unmarkPullAuthor } from './feed.erasure';
export { feedPostById } from './feed.reader';

export const FEED_ENTITIES = [FeedEntryEntity, FeedPullAuthorEntity];

export interface FeedDeps {
  readonly clock: Clock;
  readonly changes: ChangeLog;
  readonly database: Database;
  readonly pages: Pages;
  readonly options: FanOutOptions;
}

/** Home feeds: written when something is published, completed and filtered when a page is read. */
export function createFeed({ clock, changes, database, pages, options }: FeedDeps) {
  const fanOut = new FanOut(database, changes, clock, options);
  const feedChanges = new FeedChanges(database, changes);
  return {
    resolvers: [new FeedResolver(new FeedLists(pages))],
    tasks: new Map<string, Task>([
      [POST_PUBLISHED, fanOut.published],
      [FOLLOWED, fanOut.followed],
      [FEED_CHANGED, feedChanges.ofViewer],
      [BLOCK_CHANGED, feedChanges.ofBoth],
    ]),
  };
}
