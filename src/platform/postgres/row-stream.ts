import { EventEmitter } from 'node:events';

/** Reads one row: the body of a DataRow message stands in `bytes` from `start` to `end`. Must not throw. */
export type TakeRow = (bytes: Buffer, start: number, end: number) => void;

const DATA_ROW = 'D'.charCodeAt(0);
/** What a message is, and its length without that. */
const TYPE_BYTES = 1;
const HEADER_BYTES = 5;

/**
 * Stands between a connection's socket and node-postgres and takes out the rows, which are nearly all that comes:
 * node-postgres makes a message, an event and two arrays of each, and calls the decoder for every column.
 */
export class RowStream {
  private static readonly streams = new WeakMap<object, RowStream>();

  /** Takes the rows of the statement under way; while it is null node-postgres reads them. */
  taker: TakeRow | null = null;
  private parts: Buffer[] = [];
  private length = 0;
  /** Of the message whose beginning is there. */
  private needed = 0;

  /** That of a connection of a `RowClient`. @throws Error for one of another client, whose rows go past us. */
  static of(connection: object): RowStream {
    const stream = RowStream.streams.get(connection);
    if (!stream) throw new Error('Statements go by clients of the class RowClient.');
    return stream;
  }

  constructor(connection: object) {
    RowStream.streams.set(connection, this);
  }

  /** @returns what node-postgres is to read in place of the socket. */
  follow(socket: EventEmitter): EventEmitter {
    const others = new EventEmitter();
    socket.on('data', (chunk: Buffer) => this.read(chunk, others));
    socket.on('end', () => others.emit('end'));
    return others;
  }

  private read(chunk: Buffer, others: EventEmitter): void {
    this.parts.push(chunk);
    this.length += chunk.length;
    if (this.length < this.needed) return;
    const bytes = this.parts.length === 1 ? chunk : Buffer.concat(this.parts);
    const whole = this.keepRest(bytes);
    let passed = 0;
    for (let at = 0; at < whole; at = endOf(bytes, at)) {
      if (this.taker === null || bytes[at] !== DATA_ROW) continue;
      if (passed < at) others.emit('data', bytes.subarray(passed, at));
      passed = at;
      if (this.taker === null) continue;
      passed = endOf(bytes, at);
      this.taker(bytes, at + HEADER_BYTES, passed);
    }
    if (passed < whole) others.emit('data', bytes.subarray(passed, whole));
  }

  /** Keeps the beginning of a message that is yet to come. @returns where the whole ones end. */
  private keepRest(bytes: Buffer): number {
    let at = 0;
    this.needed = HEADER_BYTES;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = endOf(bytes, at);
      this.needed = end - at;
      if (end > bytes.length) break;
      this.needed = HEADER_BYTES;
      at = end;
    }
    this.parts = at < bytes.length ? [bytes.subarray(at)] : [];
    this.length = bytes.length - at;
    return at;
  }
}

function endOf(bytes: Buffer, at: number): number {
  return at + TYPE_BYTES + bytes.readUInt32BE(at + TYPE_BYTES);
}
