import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { keyOf } from '../cache/entity';
import type { EntityCache } from '../cache/entity-cache';
import { cancelStatement } from './cancel';
import { isTransient } from './failures';
import type { Statement } from './sql';
import { sql } from './sql';

/** Runs SQL: a pool, or one transaction. Functions that read or write take it as their first parameter. */
export interface Executor {
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
  readonly cache: EntityCache | null;
  /**
   * Runs `work` in one transaction (READ COMMITTED) on one client of the pool. Deadlocks and serialization failures
   * (SQLSTATE 40P01, 40001) are retried, so `work` must be safe to run again: it may touch nothing but `tx`.
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /**
   * The same database for one operation: counts its statements into `counter`; once `signal` is aborted no statement
   * begins, and one in flight is cancelled in PostgreSQL. Transactions run to their end: what has begun to be written
   * is finished.
   */
  during(counter: StatementCounter, signal?: AbortSignal): Database;
}

const TRANSACTION_TRIES = 4;
const RETRY_DELAY_MS = 15;

export class PostgresDatabase implements Database {
  constructor(
    private readonly pool: Pool,
    private readonly counter: StatementCounter = { statements: 0 },
    private readonly signal?: AbortSignal,
    private readonly commits: CommitWatch | null = null,
    readonly cache: EntityCache | null = null,
  ) {}

  during(counter: StatementCounter, signal?: AbortSignal): Database {
    return new PostgresDatabase(this.pool, counter, signal, this.commits, this.cache);
  }

  /** The same database, whose transactions tell `commits` what they change, and whose readers may take rows from `cache`. */
  watchedBy(commits: CommitWatch, cache: EntityCache | null): PostgresDatabase {
    return new PostgresDatabase(this.pool, this.counter, this.signal, commits, cache);
  }

  async rows<Row>(statement: Statement): Promise<Row[]> {
    return (await this.query<Row & QueryResultRow>(statement)).rows;
  }

  async row<Row>(statement: Statement): Promise<Row | null> {
    return (await this.rows<Row>(statement))[0] ?? null;
  }

  async run(statement: Statement): Promise<number> {
    return (await this.query(statement)).rowCount ?? 0;
  }

  private async query<Row extends QueryResultRow>({ text, values }: Statement): Promise<QueryResult<Row>> {
    const { signal, pool } = this;
    signal?.throwIfAborted();
    const client = await checkOut(pool, signal);
    let cancelling: Promise<unknown> | undefined;
    const cancel = () => {
      cancelling = cancelStatement(pool, client);
    };
    try {
      signal?.throwIfAborted();
      this.counter.statements += 1;
      signal?.addEventListener('abort', cancel, { once: true });
      return await client.query<Row>({ text, values });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      // A cancellation still under way would hit whatever this connection does next.
      await cancelling;
      client.release();
    }
  }

  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (attempt >= TRANSACTION_TRIES || !isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * attempt));
      }
    }
  }

  private async attempt<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    this.signal?.throwIfAborted();
    const client = await checkOut(this.pool, this.signal);
    const tx = new PostgresTransaction(client, this.counter);
    let failure: Error | undefined;
    let result: Result;
    let settle: (() => Promise<void>) | null = null;
    try {
      await tx.run(sql`BEGIN`);
      result = await work(tx);
      await tx.finish();
      settle = await tx.announce(this.commits);
      await tx.run(sql`COMMIT`);
    } catch (error) {
      failure = await rollback(client);
      await settle?.();
      throw error;
    } finally {
      // A client that cannot even roll back is broken; the pool discards it.
      client.release(failure);
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
    private readonly counter: StatementCounter,
  ) {}

  async rows<Row>(statement: Statement): Promise<Row[]> {
    this.counter.statements += 1;
    const result = await this.client.query({ text: statement.text, values: statement.values });
    return result.rows;
  }

  async row<Row>(statement: Statement): Promise<Row | null> {
    return (await this.rows<Row>(statement))[0] ?? null;
  }

  async run(statement: Statement): Promise<number> {
    this.counter.statements += 1;
    const result = await this.client.query({ text: statement.text, values: statement.values });
    return result.rowCount ?? 0;
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

/** Waits for a client no longer than the operation has time: the pool hands one that comes later to somebody else. */
function checkOut(pool: Pool, signal?: AbortSignal): Promise<PoolClient> {
  return new Promise<PoolClient>((resolve, reject) => {
    const giveUp = () => {
      reject(signal?.reason);
      arriving.then(
        (late) => late.release(),
        () => {},
      );
    };
    const stopListening = () => signal?.removeEventListener('abort', giveUp);
    const arriving = pool.connect();
    signal?.addEventListener('abort', giveUp, { once: true });
    arriving.then(stopListening, stopListening);
    arriving.then(resolve, reject);
  });
}

async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
