import type { Pool, PoolClient } from 'pg';
import { keyOf } from '../cache/entity';
import type { EntityCopies } from '../cache/entity-copies';
import { cancelStatement } from './cancel';
import { Channel } from './channel';
import { isStalePlan, isTransient } from './failures';
import { checkOut, Lane, manyClients } from './lane';
import type { Statement } from './sql';
import type { Answer } from './statement-query';
import type { StopSignal } from './stop-signal';

/** Runs SQL: a pool, or one transaction. Functions that read or write take it as their first parameter. */
export interface Executor {
  /** The rows as objects; a column `author.id` is the property `id` of an object `author` in its row. */
  rows<Row>(statement: Statement): Promise<Row[]>;
  /** The only row, or null. */
  row<Row>(statement: Statement): Promise<Row | null>;
  /** How many rows the statement touched. */
  run(statement: Statement): Promise<number>;
}

/** An open transaction. Whatever throws inside rolls it back. */
export interface Transaction extends Executor {
  /** Runs `work` after everything else, just before the commit: a lock taken there is held briefly. */
  atEnd(work: () => Promise<void>): void;
  /** Runs `effect` once the transaction is durable. */
  afterCommit(effect: () => void): void;
  /** Says that the row of this id changes: whoever keeps copies of such rows drops them. */
  changed(name: string, id: string): void;
}

/** Told of the rows that transactions change. */
export interface CommitWatch {
  /**
   * Runs in the transaction, just before its commit. What it answers runs after it, also where nobody knows whether it has
   * become durable, and whoever wrote waits for it; it must not throw.
   */
  beforeCommit(tx: Executor, keys: readonly string[]): Promise<() => Promise<void>>;
}

/** Counts what one operation costs; the operation log and the tests read it. */
export interface StatementCounter {
  statements: number;
}

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

export class PostgresDatabase implements Database {
  constructor(
    private readonly pool: Pool,
    private readonly channel = new Channel(false),
    private readonly counter: StatementCounter = { statements: 0 },
    private readonly signal?: StopSignal,
    private readonly commits: CommitWatch | null = null,
    readonly cache: EntityCopies | null = null,
    private readonly clients = manyClients(pool),
  ) {}

  during(counter: StatementCounter, signal?: StopSignal): Database {
    const { pool, channel, commits, cache } = this;
    return new PostgresDatabase(pool, channel, counter, signal, commits, cache, new Lane(pool));
  }

  /** The same database, whose transactions tell `commits` what they change, and whose readers may take rows from `cache`. */
  watchedBy(commits: CommitWatch, cache: EntityCopies | null): PostgresDatabase {
    return new PostgresDatabase(this.pool, this.channel, this.counter, this.signal, commits, cache, this.clients);
  }

  async rows<Row>(statement: Statement): Promise<Row[]> {
    return (await this.query(statement)).rows as Row[];
  }

  async row<Row>(statement: Statement): Promise<Row | null> {
    return (await this.rows<Row>(statement))[0] ?? null;
  }

  async run(statement: Statement): Promise<number> {
    return (await this.query(statement)).count;
  }

  private async query(statement: Statement): Promise<Answer> {
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
      await tx.command('BEGIN');
      result = await work(tx);
      await tx.finish();
      settle = await tx.announce(this.commits);
      await tx.command('COMMIT');
    } catch (error) {
      failure = await rollback(client);
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

class PostgresTransaction implements Transaction {
  private readonly last: (() => Promise<void>)[] = [];
  private readonly effects: (() => void)[] = [];
  private readonly keys = new Set<string>();

  constructor(
    private readonly client: PoolClient,
    private readonly channel: Channel,
    private readonly counter: StatementCounter,
  ) {}

  async rows<Row>(statement: Statement): Promise<Row[]> {
    return (await this.query(statement)).rows as Row[];
  }

  async row<Row>(statement: Statement): Promise<Row | null> {
    return (await this.rows<Row>(statement))[0] ?? null;
  }

  async run(statement: Statement): Promise<number> {
    return (await this.query(statement)).count;
  }

  private query(statement: Statement): Promise<Answer> {
    this.counter.statements += 1;
    return this.channel.send(this.client, statement);
  }

  async command(text: 'BEGIN' | 'COMMIT'): Promise<void> {
    this.counter.statements += 1;
    await this.client.query(text);
  }

  atEnd(work: () => Promise<void>): void {
    this.last.push(work);
  }

  async finish(): Promise<void> {
    for (const work of this.last) await work();
  }

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  changed(name: string, id: string): void {
    this.keys.add(keyOf(name, id));
  }

  async announce(commits: CommitWatch | null): Promise<(() => Promise<void>) | null> {
    return commits && this.keys.size > 0 ? commits.beforeCommit(this, [...this.keys]) : null;
  }

  committed(): void {
    for (const effect of this.effects) effect();
  }
}

async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
