import type { Pool, PoolClient } from 'pg';
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

/** An open transaction. Whatever throws inside rolls it back; `afterCommit` effects run only once it is durable. */
export interface Transaction extends Executor {
  afterCommit(effect: () => void): void;
}

/** Counts what one operation costs; the operation log and the tests read it. */
export interface StatementCounter {
  statements: number;
}

export interface Database extends Executor {
  /**
   * Runs `work` in one transaction (READ COMMITTED) on one client of the pool. Deadlocks and serialization failures
   * (SQLSTATE 40P01, 40001) are retried, so `work` must be safe to run again: it may touch nothing but `tx`.
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** The same database, counting its statements into `counter`. */
  counting(counter: StatementCounter): Database;
}

const TRANSACTION_TRIES = 4;
const RETRY_DELAY_MS = 15;

export class PostgresDatabase implements Database {
  constructor(
    private readonly pool: Pool,
    private readonly counter: StatementCounter = { statements: 0 },
  ) {}

  counting(counter: StatementCounter): Database {
    return new PostgresDatabase(this.pool, counter);
  }

  async rows<Row>(statement: Statement): Promise<Row[]> {
    this.counter.statements += 1;
    const result = await this.pool.query({ text: statement.text, values: statement.values });
    return result.rows;
  }

  async row<Row>(statement: Statement): Promise<Row | null> {
    return (await this.rows<Row>(statement))[0] ?? null;
  }

  async run(statement: Statement): Promise<number> {
    this.counter.statements += 1;
    const result = await this.pool.query({ text: statement.text, values: statement.values });
    return result.rowCount ?? 0;
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
    const client = await checkOut(this.pool);
    const tx = new PostgresTransaction(client, this.counter);
    let failure: Error | undefined;
    try {
      await tx.run(sql`BEGIN`);
      const result = await work(tx);
      await tx.run(sql`COMMIT`);
      tx.committed();
      return result;
    } catch (error) {
      failure = await rollback(client);
      throw error;
    } finally {
      // A client that cannot even roll back is broken; the pool discards it.
      checkIn(client, failure);
    }
  }
}

class PostgresTransaction implements Transaction {
  private readonly effects: (() => void)[] = [];

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

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  committed(): void {
    for (const effect of this.effects) effect();
  }
}

/** A lost connection fails the statement in flight and is also emitted; unheard, it would end the process. */
const HEARD_ELSEWHERE = () => {};

async function checkOut(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  client.on('error', HEARD_ELSEWHERE);
  return client;
}

function checkIn(client: PoolClient, failure?: Error): void {
  client.off('error', HEARD_ELSEWHERE);
  client.release(failure);
}

async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
