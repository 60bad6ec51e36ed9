import type { Connection } from 'pg';
import { Outbox } from './outbox';
import { RowStream } from './row-stream';
import type { StatementQuery } from './statement-query';

/** What node-postgres keeps for itself in its Connection. */
interface DriverConnection {
  readonly submittedNamedStatements: Record<string, string>;
}

/**
 * Several statements in one message, with one Sync behind all of them (PostgreSQL protocol §54.2.3 and §54.2.4): one
 * round trip, one packet each way. They run in their order; from the first that fails on PostgreSQL passes over the rest, and
 * all of these reject with its error. To node-postgres it is one query.
 */
export class StatementBatch {
  /** Settles when PostgreSQL is done with all of them. */
  readonly answered: Promise<void>;
  callback!: (error: Error | null) => void;
  /** How many are done; the next is the one that PostgreSQL speaks of. */
  private done = 0;

  constructor(readonly queries: readonly StatementQuery[]) {
    this.answered = new Promise((resolve, reject) => {
      this.callback = (error) => (error ? reject(error) : resolve());
    });
  }

  get name(): string | undefined {
    return this.queries[this.done]?.name;
  }

  get text(): string | undefined {
    return this.queries[this.done]?.text;
  }

  /** @returns what is wrong with a value; nothing has been sent then. */
  submit(connection: Connection): Error | null {
    const outbox = Outbox.of(connection);
    const fault = outbox.gather(() => {
      const wrong = this.prepareAll(connection, outbox);
      if (wrong === null) connection.sync();
      return wrong;
    });
    if (fault) return fault;
    RowStream.of(connection).taker = (bytes, start, end) => this.queries[this.done]?.take(bytes, start, end);
    return null;
  }

  private prepareAll(connection: Connection, outbox: Outbox): Error | null {
    outbox.isBatch = true;
    try {
      for (const query of this.queries) {
        const fault = prepare(query, connection);
        if (fault) return fault;
      }
      return null;
    } finally {
      outbox.isBatch = false;
    }
  }

  handleRowDescription(message: Parameters<StatementQuery['handleRowDescription']>[0]): void {
    this.queries[this.done]?.handleRowDescription(message);
  }

  handleCommandComplete(message: object, connection: Connection): void {
    this.queries[this.done]?.handleCommandComplete(message, connection);
    this.done += 1;
  }

  handleReadyForQuery(connection: Connection): void {
    this.settle(connection, null);
  }

  handleError(error: Error, connection: Connection): void {
    const { submittedNamedStatements } = connection as unknown as DriverConnection;
    for (const { name } of this.queries.slice(this.done)) if (name !== undefined) delete submittedNamedStatements[name];
    this.settle(connection, error);
  }

  private settle(connection: Connection, error: Error | null): void {
    RowStream.of(connection).taker = null;
    for (const [place, query] of this.queries.entries()) query.callback(place < this.done ? null : error);
    this.callback(error);
  }
}

/** node-postgres tells of a value that cannot be sent by the callback alone. */
function prepare(query: StatementQuery, connection: Connection): Error | null {
  const { callback } = query;
  let fault: Error | null = null;
  query.callback = (error) => {
    fault = error;
  };
  query.prepare(connection);
  query.callback = callback;
  return fault;
}
