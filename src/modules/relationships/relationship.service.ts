import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import type { Touched } from '../../platform/cache/touched';
import { type ChangeLog, newEventId } from '../../platform/changelog/change-log';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import { USER_PREFIX } from '../accounts';
import { type RelationshipChange, refusal } from './relationship.policy';
import type { Pair } from './relationship.repository';
import * as relationships from './relationship.repository';
import { peopleTag } from './relationship.tags';

/** Job: a follow was accepted. Payload `{ followerId, followeeId, eventId }`. */
export const FOLLOWED = 'relationships.followed';

/** Job: the posts of `otherId` came into the home feed of `viewerId` or left it. Payload `PairChanged`. */
export const FEED_CHANGED = 'relationships.feed-changed';

/** Job: a block was set or lifted. What it hides or shows again, it hides from both. Payload `PairChanged`. */
export const BLOCK_CHANGED = 'relationships.block-changed';

/** Under the same `eventId`, a task that is repeated appends nothing twice. */
export interface PairChanged {
  readonly viewerId: string;
  readonly otherId: string;
  readonly eventId: string;
}

const ACCEPTED_AT_ONCE = 100;

export class RelationshipService {
  constructor(
    private readonly clock: Clock,
    private readonly enqueue: Enqueue,
    private readonly changes: ChangeLog,
    private readonly touched: Touched,
  ) {}

  /**
   * Sets how the viewer stands to somebody. A block ends follows and requests both ways in the same transaction.
   * @throws UserErrors INVALID (oneself), NOT_FOUND, BLOCKED.
   */
  async setRelationship(tx: Transaction, viewer: Viewer, userId: string, change: RelationshipChange) {
    if (userId === viewer.userId) refuse('INVALID', 'This is you.', ['input', 'userId']);
    if (!(await relationships.isReachable(tx, viewer, userId))) {
      refuse('NOT_FOUND', 'There is no such person.', ['input', 'userId']);
    }
    await relationships.lockPair(tx, viewer.userId, userId);
    const pair = await relationships.findPair(tx, viewer.userId, userId);
    const refused = refusal(pair, change);
    if (refused || !pair) return refuse(refused?.code ?? 'NOT_FOUND', refused?.message ?? '', ['input', 'userId']);
    const done = await this.carryOut(tx, viewer.userId, userId, change, pair);
    await this.report(tx, viewer.userId, userId, { ...done, isKnownToOther: done.followsChanged || pair.mutedBy });
    return { userId };
  }

  private async carryOut(tx: Transaction, viewerId: string, userId: string, change: RelationshipChange, pair: Pair) {
    const now = this.clock.now();
    const { blocking, muting, following } = change;
    const blockChanged = blocking != null && (await relationships.setBlock(tx, viewerId, userId, blocking, now));
    const muteChanged = muting != null && (await relationships.setMute(tx, viewerId, userId, muting, now));
    const ended = blocking || following === false ? await relationships.deleteFollow(tx, viewerId, userId) : null;
    const endedBack = blocking ? await relationships.deleteFollow(tx, userId, viewerId) : null;
    const begun = following === true && pair.followState === null;
    if (begun) await this.follow(tx, viewerId, userId, pair.otherIsPrivate);
    return {
      blockChanged,
      muteChanged,
      followsChanged: begun || ended !== null || endedBack !== null,
      // A follow that begins brings its own job, and a block one that says more.
      feedChanged: !blockChanged && (ended === 'accepted' || (muteChanged && pair.followState === 'accepted')),
    };
  }

  private async report(tx: Transaction, viewerId: string, otherId: string, done: Done): Promise<void> {
    const told = done.muteChanged || done.blockChanged || done.followsChanged;
    if (told) this.tell(tx, viewerId, otherId);
    if (done.followsChanged) this.touched.add(tx, peopleTag(viewerId), peopleTag(otherId));
    // Whoever keeps no copy of the viewer would learn of the block by being told to drop it.
    if (done.followsChanged || (done.blockChanged && done.isKnownToOther)) this.tell(tx, otherId, viewerId);
    const task = done.blockChanged ? BLOCK_CHANGED : done.feedChanged ? FEED_CHANGED : null;
    if (task === null) return;
    const payload: PairChanged = { viewerId, otherId, eventId: newEventId() };
    // One that still waits reports how the two stand by then.
    await this.enqueue(tx, task, payload, { key: `${task}:${viewerId}:${otherId}` });
  }

  private tell(tx: Transaction, viewerId: string, aboutId: string): void {
    this.changes.add(tx, { viewerId, scope: 'SOCIAL_GRAPH', kind: USER_PREFIX, nodeId: aboutId });
  }

  /** Accepts or declines somebody's request to follow the viewer. @throws UserErrors NOT_FOUND without a request. */
  async answerFollowRequest(tx: Transaction, viewer: Viewer, followerId: string, accept: boolean) {
    // Somebody whose account was deleted since is not listed among the requests, and cannot be answered either.
    const reachable = followerId !== viewer.userId && (await relationships.isReachable(tx, viewer, followerId));
    const answered = reachable && (await this.answer(tx, viewer.userId, followerId, accept));
    if (!answered) refuse('NOT_FOUND', 'There is no such request any more.', ['input', 'userId']);
    return { userId: followerId };
  }

  /** Task: accepts every waiting request of an account that has been opened. */
  acceptWaiting(database: Database): Task {
    return async (payload) => {
      const { userId } = payload as { userId: string };
      for (;;) {
        const waiting = await relationships.findRequesters(database, userId, ACCEPTED_AT_ONCE);
        for (const followerId of waiting) {
          // Stops when the account has been closed again, or deleted, in between.
          if (!(await database.transaction((tx) => this.acceptIfOpen(tx, userId, followerId)))) return;
        }
        if (waiting.length < ACCEPTED_AT_ONCE) return;
      }
    };
  }

  private async acceptIfOpen(tx: Transaction, userId: string, followerId: string): Promise<boolean> {
    // Before the account is looked at, as in setRelationship: everybody locks in one order.
    await relationships.lockPair(tx, userId, followerId);
    const pair = await relationships.findPair(tx, followerId, userId);
    if (!pair || pair.otherIsPrivate) return false;
    await this.answer(tx, userId, followerId, true);
    return true;
  }

  private async answer(tx: Transaction, userId: string, followerId: string, accept: boolean): Promise<boolean> {
    await relationships.lockPair(tx, userId, followerId);
    const pair = await relationships.findPair(tx, followerId, userId);
    if (pair?.followState !== 'requested') return false;
    if (accept) {
      await relationships.acceptFollow(tx, followerId, userId, this.clock.now());
      this.touched.add(tx, peopleTag(followerId), peopleTag(userId));
      await this.reportFollow(tx, followerId, userId);
    } else {
      await relationships.deleteFollow(tx, followerId, userId);
    }
    this.tell(tx, followerId, userId);
    this.tell(tx, userId, followerId);
    return true;
  }

  private async follow(tx: Transaction, followerId: string, followeeId: string, asks: boolean): Promise<void> {
    const state = asks ? 'requested' : 'accepted';
    await relationships.insertFollow(tx, { followerId, followeeId, state, now: this.clock.now() });
    if (!asks) await this.reportFollow(tx, followerId, followeeId);
  }

  private async reportFollow(tx: Transaction, followerId: string, followeeId: string): Promise<void> {
    await this.enqueue(tx, FOLLOWED, { followerId, followeeId, eventId: newEventId() });
  }
}

/** What a change of how two people stand has really changed. */
interface Done {
  readonly blockChanged: boolean;
  readonly muteChanged: boolean;
  readonly followsChanged: boolean;
  /** Other posts than before stand in the viewer's home feed. */
  readonly feedChanged: boolean;
  /** The other one keeps a copy of the viewer, as of somebody they follow or mute. */
  readonly isKnownToOther: boolean;
}
