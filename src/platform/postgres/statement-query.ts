import { type Connection, Query } from 'pg';
import { Outbox } from './outbox';
import type { Column, DecodeRow } from './row-decoder';
import { RowStream } from './row-stream';
import type { KnownText } from './statement-texts';

export interface Answer {
  readonly rows: readonly object[];
  /** How many rows the statement touched. */
  readonly count: number;
}

/** What node-postgres has for itself in its Query. */
interface DriverQuery {
  readonly text: string;
  values: unknown[];
  name: string | undefined;
  callback: (error: Error | null) => void;
  _result: { readonly rowCount: number | null };
  submit(connection: Connection): Error | null;
  hasBeenParsed(connection: Connection): unknown;
  handleCommandComplete(message: object, connection: Connection): void;
  prepare(connection: Connection): void;
}

const BaseQuery = Query as unknown as new (text: string) => DriverQuery;
const NO_ROWS: readonly object[] = [];

/**
 * One statement on its way. What node-postgres asks and finds out for every execution is done once for a text: the
 * columns of the answer, how their values are read, and how rows are made of them. PostgreSQL refuses a prepared statement
 * whose columns are no longer those that were described (SQLSTATE 0A000, "cached plan must not change result type").
 */
export class StatementQuery extends BaseQuery {
  /** Rejects with the driver's error. */
  readonly answered: Promise<Answer>;
  private readonly found: object[] = [];
  private stream: RowStream | undefined;
  private decode: DecodeRow | undefined;
  private fault: Error | undefined;

  constructor(
    private readonly known: KnownText,
    values: unknown[],
    /** Under which it is prepared, if it is. */
    name: string | undefined,
  ) {
    // The text alone: of an object node-postgres makes a copy, descriptor by descriptor.
    super(known.text);
    this.values = values;
    this.name = name;
    this.answered = new Promise((resolve, reject) => {
      this.callback = (error) => {
        if (this.stream) this.stream.taker = null;
        if (error || this.fault) return reject(this.fault ?? error);
        known.described = true;
        resolve({ rows: this.found.length === 0 ? NO_ROWS : this.found, count: this._result.rowCount ?? 0 });
      };
    });
  }

  override submit(connection: Connection): Error | null {
    this.stream = RowStream.of(connection);
    this.stream.taker = this.take;
    return Outbox.of(connection).gather(() => super.submit(connection));
  }

  override prepare(connection: Connection): void {
    this.decode = this.known.decode;
    const outbox = Outbox.of(connection);
    outbox.isTerse = this.known.described && Boolean(this.hasBeenParsed(connection));
    try {
      super.prepare(connection);
    } finally {
      outbox.isTerse = false;
    }
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.decode = this.known.describe(fields);
  }

  readonly take = (bytes: Buffer, start: number, end: number): void => {
    if (this.fault) return;
    try {
      if (!this.decode) throw new Error('PostgreSQL did not say what columns a row has');
      this.found.push(this.decode(bytes, start, end));
    } catch (error) {
      this.fault = error as Error;
    }
  };
}
