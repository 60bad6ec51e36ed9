import { type Connection, Query, types } from 'pg';
import type { DecodeRow } from './row-decoder';
import type { ReadRow, ReadValue } from './row-reader';
import { RowStream } from './row-stream';
import type { KnownText } from './statement-texts';

export interface Answer {
  readonly rows: readonly object[];
  /** How many rows the statement touched. */
  readonly count: number;
}

/** What node-postgres has for itself in its Query. */
interface QueryInside {
  callback: (error: Error | null) => void;
  _result: Result;
  hasBeenParsed(connection: Connection): unknown;
  prepare(connection: Connection): void;
}
interface Result {
  readonly rowCount: number | null;
  readonly _types?: { getTypeParser: typeof types.getTypeParser };
}
interface Description {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

const OID_TEXT = 25;
const asText = types.getTypeParser(OID_TEXT);
const NO_ROWS: readonly object[] = [];
const inside = Query.prototype as unknown as QueryInside;
/** By connection, the same without asking for descriptions. */
const terse = new WeakMap<Connection, Connection>();

/**
 * One statement on its way. What node-postgres asks and finds out for every execution is done once for a text: the
 * columns of the answer, how their values are read, and how rows are made of them. PostgreSQL refuses a prepared statement
 * whose columns are no longer those that were described (SQLSTATE 0A000, "cached plan must not change result type").
 */
export class StatementQuery extends Query {
  /** Rejects with the driver's error. */
  readonly answered: Promise<Answer>;
  private read: ReadRow | undefined;
  private readonly found: object[] = [];
  private decode: DecodeRow | undefined;
  private stream: RowStream | undefined;
  private fault: Error | undefined;

  constructor(
    { text, values, name }: { text: string; values: unknown[]; name: string | undefined },
    private readonly known: KnownText,
  ) {
    super({ text, values, ...(name !== undefined && { name }) });
    this.read = known.read;
    this.answered = new Promise((resolve, reject) => {
      this.ours.callback = (error) => {
        if (this.stream) this.stream.taker = null;
        if (error || this.fault) return reject(this.fault ?? error);
        known.described = true;
        resolve({ rows: this.found.length === 0 ? NO_ROWS : this.found, count: this.ours._result.rowCount ?? 0 });
      };
    });
  }

  prepare(connection: Connection): void {
    this.stream = RowStream.of(connection);
    if (this.stream) this.stream.taker = this.take;
    this.decode = this.known.decode;
    const hasReader = this.stream === undefined || this.decode !== undefined;
    const described = hasReader && this.known.described && this.ours.hasBeenParsed(connection);
    inside.prepare.call(this, described ? terseOf(connection) : connection);
  }

  handleRowDescription({ fields }: Description): void {
    if (this.stream) this.decode = this.known.describeColumns(fields);
    const { _types } = this.ours._result;
    const valueReaders = fields.map(({ dataTypeID }): ReadValue | null => {
      const read = (_types ?? types).getTypeParser(dataTypeID, 'text');
      return read === asText ? null : read;
    });
    this.read = this.known.describe(
      fields.map(({ name }) => name),
      valueReaders,
    );
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.found.push((this.read as ReadRow)(fields));
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

  private get ours(): QueryInside {
    return this as unknown as QueryInside;
  }
}

function terseOf(connection: Connection): Connection {
  let silent = terse.get(connection);
  if (!silent) {
    silent = Object.create(connection, { describe: { value: () => {} } }) as Connection;
    terse.set(connection, silent);
  }
  return silent;
}
