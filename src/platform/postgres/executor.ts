import type { Statement } from './sql';
import type { Answer } from './statement-query';

/** Runs SQL: a pool, or one transaction. Functions that read or write take it as their first parameter. */
export interface Executor {
  /** The rows as objects; a column `author.id` is the property `id` of an object `author` in its row. */
  rows<Row>(statement: Statement): Promise<Row[]>;
  /** The only row, or null. */
  row<Row>(statement: Statement): Promise<Row | null>;
  /** How many rows the statement touched. */
  run(statement: Statement): Promise<number>;
}

/** What reads an answer in each of the three ways, for whoever can ask. */
export abstract class StatementExecutor implements Executor {
  async rows<Row>(statement: Statement): Promise<Row[]> {
    return (await this.query(statement)).rows as Row[];
  }

  async row<Row>(statement: Statement): Promise<Row | null> {
    return (await this.rows<Row>(statement))[0] ?? null;
  }

  async run(statement: Statement): Promise<number> {
    return (await this.query(statement)).count;
  }

  protected abstract query(statement: Statement): Promise<Answer>;
}

/**
 * An open transaction. Whatever throws inside rolls it back. Statements that are asked without waiting in between go to
 * PostgreSQL in one message and run in their order; when one fails, all behind it fail with its error.
 */
export interface Transaction extends Executor {
  /** Runs `work` after everything else, just before the commit: a lock taken there is held briefly. */
  atEnd(work: () => Promise<void>): void;
  /**
   * Has a statement sent along with the next one, or with the commit, for what nobody waits for: that costs no round trip.
   * When it fails, so does the transaction. `take`, which must not throw, is given its rows before the commit is known.
   */
  send<Row>(statement: Statement, take?: (rows: readonly Row[]) => void): void;
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
