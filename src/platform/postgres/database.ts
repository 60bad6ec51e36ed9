import type { Pool } from 'pg';
import type { EntityCopies } from '../cache/entity-copies';
import { cancelStatement } from './cancel';
import { Channel } from './channel';
import {
  type CommitWatch,
  type Executor,
  type StatementCounter,
  StatementExecutor,
  type Transaction,
} from './executor';
import { isStalePlan, isTransient } from './failures';
import { checkOut, Lane, manyClients } from './lane';
import type { Statement } from './sql';
import type { Answer } from './statement-query';
import type { StopSignal } from './stop-signal';
import { PostgresTransaction } from './transaction';

export type { CommitWatch, Executor, StatementCounter, Transaction };

export interface Database extends Executor {
  /** Rows that many read, kept outside of PostgreSQL; null when nothing is. */
  readonly cache: EntityCopies | null;
  /**
   * Runs `work` in one transaction (READ COMMITTED) on one client of the pool. Deadlocks and serialization failures
   * (SQLSTATE 40P01, 40001) are retried, so `work` must be safe to run again: it may touch nothing but `tx`.
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /**
   * The same database for one operation: counts its statements into `counter`; once `signal` is aborted no statement
   * begins, and one in flight is cancelled in PostgreSQL. Its statements take turns on one client. Transactions run to their end: what has begun to be written
   * is finished.
   */
  during(counter: StatementCounter, signal?: StopSignal): Database;
}

const TRANSACTION_TRIES = 4;
const RETRY_DELAY_MS = 15;

export class PostgresDatabase extends StatementExecutor implements Database {
  constructor(
    private readonly pool: Pool,
    private readonly channel = new Channel(false),
    private readonly counter: StatementCounter = { statements: 0 },
    private readonly signal?: StopSignal,
    private readonly commits: CommitWatch | null = null,
    readonly cache: EntityCopies | null = null,
    private readonly clients = manyClients(pool),
  ) {
    super();
  }

  during(counter: StatementCounter, signal?: StopSignal): Database {
    const { pool, channel, commits, cache } = this;
    return new PostgresDatabase(pool, channel, counter, signal, commits, cache, new Lane(pool));
  }

  /** The same database, whose transactions tell `commits` what they change, and whose readers may take rows from `cache`. */
  watchedBy(commits: CommitWatch, cache: EntityCopies | null): PostgresDatabase {
    return new PostgresDatabase(this.pool, this.channel, this.counter, this.signal, commits, cache, this.clients);
  }

  protected async query(statement: Statement): Promise<Answer> {
    const { signal, pool } = this;
    signal?.throwIfAborted();
    const client = await this.clients.take(signal);
    let state: 'used' | 'doubtful' = 'doubtful';
    let cancelling: Promise<unknown> | undefined;
    const cancel = () => {
      cancelling = cancelStatement(pool, client);
    };
    try {
      signal?.throwIfAborted();
      this.counter.statements += 1;
      signal?.addEventListener('abort', cancel, { once: true });
      const answer = await this.channel.send(client, statement).catch((error) => {
        if (!isStalePlan(error)) throw error;
        return this.channel.send(client, statement);
      });
      state = 'used';
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      // A cancellation still under way would hit whatever this connection does next.
      await cancelling;
      this.clients.give(client, this.channel.isFull(client) ? 'closed' : state);
    }
  }

  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (attempt >= TRANSACTION_TRIES || !(isTransient(error) || isStalePlan(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * attempt));
      }
    }
  }

  private async attempt<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    this.signal?.throwIfAborted();
    const client = await checkOut(this.pool, this.signal);
    const tx = new PostgresTransaction(client, this.channel, this.counter);
    let failure: Error | undefined;
    let result: Result;
    let settle: (() => Promise<void>) | null = null;
    try {
      result = await work(tx);
      await tx.finish();
      settle = await tx.announce(this.commits);
      await tx.commit();
    } catch (error) {
      failure = await tx.rollback(error);
      await settle?.();
      throw error;
    } finally {
      // A client that cannot even roll back is broken; the pool discards it.
      client.release(failure ?? this.channel.isFull(client));
    }
    // Before anybody is told to look: what they find must be what was written.
    if (settle) await settle();
    tx.committed();
    return result;
  }
}
