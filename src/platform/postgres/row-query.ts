import { type Connection, Query, type QueryConfig } from 'pg';
import type { Column, DecodeRow } from './row-decoder';
import type { RowStream } from './row-stream';
import type { KnownText } from './statement-texts';

export interface Answer {
  readonly rows: readonly object[];
  /** How many rows the statement touched. */
  readonly count: number;
}

/** What node-postgres calls of a query, and what it leaves to be called when all has come. */
interface DriverQuery {
  callback: (error: Error | null, result?: { readonly rowCount: number | null }) => void;
  submit(connection: DriverConnection): Error | null;
  handleError(error: Error, connection: DriverConnection): void;
  handleReadyForQuery(connection: DriverConnection): void;
}

interface DriverConnection extends Connection {
  /** The texts of statements that PostgreSQL has prepared on it, by their names. */
  readonly parsedStatements: Readonly<Record<string, string>>;
}

const BaseQuery = Query as unknown as new (config: QueryConfig) => DriverQuery;

export interface Sent {
  readonly text: string;
  readonly values: unknown[];
  /** Under which it is prepared. */
  readonly name: string | undefined;
}

/** A query whose rows go from the socket into their objects. Calls `done` once. */
export class RowQuery extends BaseQuery {
  private readonly found: object[] = [];
  private decode: DecodeRow | undefined;
  private fault: Error | undefined;

  constructor(
    private readonly sent: Sent,
    private readonly known: KnownText,
    private readonly stream: RowStream,
    done: (error: Error | null, answer: Answer) => void,
  ) {
    super({ text: sent.text, values: sent.values, ...(sent.name !== undefined && { name: sent.name }) });
    this.callback = (error, result) => done(error, { rows: this.found, count: result?.rowCount ?? 0 });
  }

  override submit(connection: DriverConnection): Error | null {
    const { name } = this.sent;
    this.stream.taker = this.take;
    // What PostgreSQL has prepared keeps its columns: they need not be told again.
    this.decode = name !== undefined && connection.parsedStatements[name] ? this.known.decoder : undefined;
    return super.submit(this.decode ? withoutDescription(connection) : connection);
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.decode = this.known.describe(fields);
  }

  /** Of a statement that has failed already. */
  handleDataRow(): void {}

  override handleError(error: Error, connection: DriverConnection): void {
    this.stream.taker = null;
    super.handleError(this.fault ?? error, connection);
  }

  override handleReadyForQuery(connection: DriverConnection): void {
    if (this.fault) this.handleError(this.fault, connection);
    this.stream.taker = null;
    if (!this.fault) super.handleReadyForQuery(connection);
  }

  private readonly take = (bytes: Buffer, start: number, end: number): void => {
    if (this.fault) return;
    try {
      if (!this.decode) throw new Error('PostgreSQL did not say what columns a row has');
      this.found.push(this.decode(bytes, start, end));
    } catch (error) {
      this.fault = error as Error;
    }
  };
}

const UNDESCRIBED = { describe: { value: () => {} } };

function withoutDescription(connection: DriverConnection): DriverConnection {
  return Object.create(connection, UNDESCRIBED);
}
