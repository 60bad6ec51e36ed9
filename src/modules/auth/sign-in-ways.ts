import type { Executor, Transaction } from '../../platform/postgres/database';
import * as credentials from './credential.repository';

/** How many ways of one kind, such as passkeys, a person has to sign in. */
export type CountWays = (executor: Executor, userId: string) => Promise<number>;

/** The ways in which people can sign in, of whichever module, so that nobody gives up the last one. */
export class SignInWays {
  private readonly counts: CountWays[] = [];

  add(count: CountWays): void {
    this.counts.push(count);
  }

  /** Counts them. Until the transaction ends nobody else counts those of this person, who could then take two last ones. */
  async count(tx: Transaction, userId: string): Promise<number> {
    await credentials.lockOwner(tx, userId);
    let ways = 0;
    for (const count of this.counts) ways += await count(tx, userId);
    return ways;
  }
}
