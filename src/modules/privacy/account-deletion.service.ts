import type { Clock } from '../../kernel/clock';
import { refuse, Unauthenticated } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import { newEventId } from '../../platform/changelog/change-log';
import type { Enqueue } from '../../platform/jobs/jobs';
import type { Transaction } from '../../platform/postgres/database';
import { handleKey, type UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import type { SessionService, SignInWays } from '../auth';
import { forgetAccess } from './account-access';
import * as purges from './account-purge.repository';
import { PURGE_ACCOUNT } from './account-purge.task';

export interface AccountDeletionDeps {
  readonly clock: Clock;
  readonly enqueue: Enqueue;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly signInWays: SignInWays;
  readonly audit: AuditTrail;
}

/** Deletes accounts: from one moment to the next nobody sees the person, and what they left is removed by a job. */
export class AccountDeletionService {
  constructor(private readonly deps: AccountDeletionDeps) {}

  /**
   * Waits for everything that is being written as this person or with them, and ends all of it: sessions, ways in, the
   * profile. The address may sign up again at once, the handle only when some time has passed.
   * @throws UserErrors INVALID (confirmHandle). @throws Unauthenticated when the session has ended.
   */
  async delete(tx: Transaction, viewer: Viewer, confirmHandle: string, address: string): Promise<{ userId: string }> {
    const { clock, enqueue, users, sessions, signInWays, audit } = this.deps;
    const { userId, sessionId } = viewer;
    // First of all: whoever writes as this person holds the row, and would wait for what is locked here otherwise.
    const user = await users.lockWhole(tx, userId);
    if (!user) throw new Unauthenticated('This account no longer exists.');
    await sessions.assertLive(tx, viewer);
    if (handleKey(confirmHandle) !== handleKey(user.handle)) {
      refuse('INVALID', 'This is not the handle of your account. Write it as your profile shows it, without the @.', [
        'input',
        'confirmHandle',
      ]);
    }
    audit.append(tx, { kind: 'account.deleted', userId, sessionId, address });
    await sessions.endAll(tx, userId, 'deleted', address);
    await signInWays.takeAwayOthers(tx, userId, address);
    await forgetAccess(tx, userId);
    await users.retire(tx, user);
    await purges.insert(tx, { userId, eventId: newEventId(), conversationId: null, createdAt: clock.now() });
    await enqueue(tx, PURGE_ACCOUNT, { userId }, { key: `${PURGE_ACCOUNT}:${userId}` });
    return { userId };
  }
}
