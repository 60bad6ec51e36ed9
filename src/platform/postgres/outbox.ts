/** What node-postgres keeps for itself in its Connection. */
interface DriverConnection {
  _send(bytes: Buffer): unknown;
  describe(what: object): unknown;
  sync(): unknown;
}

/**
 * Stands between node-postgres and the socket of a connection. It hands the socket each of the four parts of a statement
 * by itself; from here they go in one piece.
 */
export class Outbox {
  private static readonly boxes = new WeakMap<object, Outbox>();

  /** Whether the statement that is being sent goes without asking what its answer looks like. */
  isTerse = false;
  /** Whether the Sync behind each statement is left out, since others follow it. */
  isBatch = false;
  private parts: Buffer[] | null = null;
  private readonly write: (bytes: Buffer) => unknown;

  /** That of a connection of a `RowClient`. @throws Error for one of another client. */
  static of(connection: object): Outbox {
    const box = Outbox.boxes.get(connection);
    if (!box) throw new Error('Statements go by clients of the class RowClient.');
    return box;
  }

  constructor(connection: object) {
    Outbox.boxes.set(connection, this);
    // Set on the connection itself: one that another object inherits from is slow to everybody who uses it.
    const driver = connection as DriverConnection;
    const write = driver._send.bind(driver);
    const describe = driver.describe.bind(driver);
    const sync = driver.sync.bind(driver);
    this.write = write;
    driver._send = (bytes) => (this.parts === null ? write(bytes) : this.parts.push(bytes));
    driver.describe = (what) => this.isTerse || describe(what);
    driver.sync = () => this.isBatch || sync();
  }

  /** Sends in one piece all that `submit` sends, unless it answers that something is wrong: then nothing. */
  gather(submit: () => Error | null): Error | null {
    const parts: Buffer[] = [];
    this.parts = parts;
    let fault: Error | null;
    try {
      fault = submit();
    } finally {
      this.parts = null;
    }
    if (fault === null && parts.length > 0) this.write(Buffer.concat(parts));
    return fault;
  }
}
