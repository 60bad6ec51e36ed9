import { refuse } from '../../kernel/errors';
import type { Transaction } from '../../platform/postgres/database';
import * as credentials from './credential.repository';

/** A way into accounts. */
export interface SignInWay {
  /** Whether this account can be signed in to by it. */
  readonly isOpen: (tx: Transaction, userId: string) => Promise<boolean>;
  /** Closes it for this account. `address`: of whoever caused it. */
  readonly takeAway: (tx: Transaction, userId: string, address: string) => Promise<void>;
}

/** All ways into an account, of whichever module, so that none is taken away that is the last. */
export class SignInWays {
  /** Besides the password. */
  private readonly ways: SignInWay[] = [];

  add(way: SignInWay): void {
    this.ways.push(way);
  }

  /** From here until the transaction ends, nobody else adds or removes a way into the account. */
  async lock(tx: Transaction, userId: string): Promise<void> {
    await credentials.lockAccount(tx, userId);
  }

  /**
   * Comes after the removal of a way, in its transaction: of removals at once, the last sees the others.
   * @throws UserErrors FORBIDDEN when nobody could get into the account any more.
   */
  async assertOneLeft(tx: Transaction, userId: string): Promise<void> {
    await this.lock(tx, userId);
    if (await credentials.hasPassword(tx, userId)) return;
    for (const way of this.ways) if (await way.isOpen(tx, userId)) return;
    refuse('FORBIDDEN', 'This is the last way into your account. Add a passkey or a password first.');
  }

  /** Leaves the account with the password alone. */
  async takeAwayOthers(tx: Transaction, userId: string, address: string): Promise<void> {
    await this.lock(tx, userId);
    for (const way of this.ways) await way.takeAway(tx, userId, address);
  }
}
