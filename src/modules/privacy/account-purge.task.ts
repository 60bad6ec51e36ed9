import type { Clock } from '../../kernel/clock';
import { type ChangeLog, forgetLog } from '../../platform/changelog/change-log';
import type { Erased } from '../../platform/changelog/erased';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import { eraseNextComments } from '../comments';
import { emptyNextFeed, takeOutOfFeeds, unmarkPullAuthor } from '../feed';
import { leaveNextConversation } from '../messaging';
import { dropPostCounters, eraseNextPosts } from '../posts';
import { eraseNextLikes } from '../reactions';
import { dropRelationshipCounters, partFromNext } from '../relationships';
import { forgetAccess } from './account-access';
import type { AccountPurgeRow } from './account-purge.entity';
import * as purges from './account-purge.repository';

/** Job: an account was deleted. Payload `{ userId }`. */
export const PURGE_ACCOUNT = 'privacy.purge-account';

/** Handled in one transaction. */
export interface PageSizes {
  /** Each may have hundreds of posts in their feed to be told of. */
  readonly people: number;
  /** Each is told to everybody in its conversation. */
  readonly messages: number;
  readonly texts: number;
  readonly likes: number;
  /** Of the person's own feed and change log, which nobody else sees. */
  readonly ownRows: number;
}

const PAGE_SIZES: PageSizes = { people: 20, messages: 100, texts: 100, likes: 200, ownRows: 2_000 };
/** Then the job is put at the end of the queue: others are not to wait for a large account, nor a shutdown. */
const PAGES_A_RUN = 25;

export interface AccountPurgeDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly changes: ChangeLog;
  readonly doorbell: Doorbell;
  readonly enqueue: Enqueue;
  readonly sizes?: PageSizes;
}

const NOBODY_LEARNS: Erased = { changes: [], topics: [] };

type Step = (tx: Transaction, purge: AccountPurgeRow) => Promise<Erased | null>;

/**
 * Removes what somebody left whose account is deleted, page by page, each in a transaction with its counters and what
 * others learn of it. Begun again after an interruption it goes on where it was, since what is done is gone; two runs
 * at once take turns.
 */
export class AccountPurge {
  private readonly steps: readonly Step[];

  constructor(private readonly deps: AccountPurgeDeps) {
    const { clock, sizes = PAGE_SIZES } = deps;
    const silently = async (erased: boolean) => (erased ? NOBODY_LEARNS : null);
    this.steps = [
      // Before the blocks go: they say which conversations of two stay hidden.
      (tx, purge) => this.leaveConversation(tx, purge, sizes.messages),
      // Before the posts go: of some authors they say what stood in a feed.
      (tx, { userId }) => this.part(tx, userId, sizes.people),
      (tx, { userId }) => eraseNextComments(tx, userId, sizes.texts, clock.now()),
      (tx, { userId }) => eraseNextLikes(tx, userId, sizes.likes),
      async (tx, { userId }) => silently(await eraseNextPosts(tx, userId, sizes.texts, clock.now())),
      async (tx, { userId }) => silently(await emptyNextFeed(tx, userId, sizes.ownRows)),
      async (tx, { userId }) => silently(await forgetLog(tx, userId, sizes.ownRows)),
    ];
  }

  readonly task: Task = async (payload) => {
    const { userId } = payload as { userId: string };
    const { database, enqueue } = this.deps;
    for (let page = 0; page < PAGES_A_RUN; page += 1) if (!(await this.nextPage(userId))) return;
    await database.transaction((tx) => enqueue(tx, PURGE_ACCOUNT, { userId }, { key: `${PURGE_ACCOUNT}:${userId}` }));
  };

  /** False once nothing is left. */
  private nextPage(userId: string): Promise<boolean> {
    const { database, changes, doorbell } = this.deps;
    return database.transaction(async (tx) => {
      const purge = await purges.lock(tx, userId);
      if (!purge) return false;
      for (const step of this.steps) {
        const erased = await step(tx, purge);
        if (!erased) continue;
        await changes.appendOnceIn(tx, purge.eventId, erased.changes);
        tx.afterCommit(() => doorbell.ring(...erased.topics));
        return true;
      }
      await this.finish(tx, userId);
      return false;
    });
  }

  private async leaveConversation(tx: Transaction, purge: AccountPurgeRow, messages: number): Promise<Erased | null> {
    const left = await leaveNextConversation(tx, purge, messages, this.deps.clock.now());
    if (left && left.conversationId !== null) await purges.passConversation(tx, purge.userId, left.conversationId);
    return left;
  }

  private async part(tx: Transaction, userId: string, people: number): Promise<Erased | null> {
    const parted = await partFromNext(tx, userId, people);
    if (!parted) return null;
    const posts = await takeOutOfFeeds(tx, userId, parted.followerIds);
    return { changes: [...parted.changes, ...posts], topics: [] };
  }

  private async finish(tx: Transaction, userId: string): Promise<void> {
    await dropRelationshipCounters(tx, userId);
    await dropPostCounters(tx, userId);
    await unmarkPullAuthor(tx, userId);
    // What came in with the deletion: a sign-in that was under way has opened a session, worth nothing.
    await forgetAccess(tx, userId);
    await purges.remove(tx, userId);
  }
}
