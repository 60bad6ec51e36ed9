import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import { type RelationshipChange, refusal } from './relationship.policy';
import * as relationships from './relationship.repository';

/** Job: a follow was accepted. Payload `{ followerId, followeeId }`. */
export const FOLLOWED = 'relationships.followed';

const ACCEPTED_AT_ONCE = 100;

export class RelationshipService {
  constructor(
    private readonly clock: Clock,
    private readonly enqueue: Enqueue,
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
    const now = this.clock.now();
    if (change.blocking != null) await relationships.setBlock(tx, viewer.userId, userId, change.blocking, now);
    if (change.blocking) {
      await relationships.deleteFollow(tx, viewer.userId, userId);
      await relationships.deleteFollow(tx, userId, viewer.userId);
    }
    if (change.muting != null) await relationships.setMute(tx, viewer.userId, userId, change.muting, now);
    if (change.following && pair.followState === null)
      await this.follow(tx, viewer.userId, userId, pair.otherIsPrivate);
    if (change.following === false) await relationships.deleteFollow(tx, viewer.userId, userId);
    return { userId };
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
    if (!accept) return relationships.deleteFollow(tx, followerId, userId);
    await relationships.acceptFollow(tx, followerId, userId, this.clock.now());
    await this.enqueue(tx, FOLLOWED, { followerId, followeeId: userId });
    return true;
  }

  private async follow(tx: Transaction, followerId: string, followeeId: string, asks: boolean): Promise<void> {
    const state = asks ? 'requested' : 'accepted';
    await relationships.insertFollow(tx, { followerId, followeeId, state, now: this.clock.now() });
    if (!asks) await this.enqueue(tx, FOLLOWED, { followerId, followeeId });
  }
}
