/** Stands between a server and PostgreSQL and counts what is sent to be run, the same way for every server. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface StatementCounter {
  /** The database, by way of the counter. */
  readonly databaseUrl: string;
  /** Statements so far: simple queries, and executions of prepared ones. */
  count(): number;
  stop(): Promise<void>;
}

const QUERY = 'Q'.charCodeAt(0);
const EXECUTE = 'E'.charCodeAt(0);
const LENGTH_BYTES = 4;

/** Relays without TLS, to a PostgreSQL on this machine. */
export async function startStatementCounter(databaseUrl: string): Promise<StatementCounter> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let statements = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    const messages = new MessageReader((type) => {
      if (type === QUERY || type === EXECUTE) statements += 1;
    });
    client.on('data', (chunk: Buffer) => messages.read(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxied = new URL(databaseUrl);
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    databaseUrl: proxied.toString(),
    count: () => statements,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Finds the messages in what a client of PostgreSQL sends (protocol 3: a type and a length, the first without a type). */
class MessageReader {
  private rest: Buffer = Buffer.alloc(0);
  private started = false;
  private skip = 0;

  constructor(private readonly onMessage: (type: number) => void) {}

  read(chunk: Buffer): void {
    let data = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    for (;;) {
      const skipped = Math.min(this.skip, data.length);
      data = data.subarray(skipped);
      this.skip -= skipped;
      const header = this.started ? 1 + LENGTH_BYTES : LENGTH_BYTES;
      if (this.skip > 0 || data.length < header) break;
      if (this.started) this.onMessage(data[0] as number);
      this.skip = data.readInt32BE(header - LENGTH_BYTES) + header - LENGTH_BYTES;
      this.started = true;
    }
    this.rest = Buffer.from(data);
  }
}
