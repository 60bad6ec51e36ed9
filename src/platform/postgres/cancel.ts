import type { Socket } from 'node:net';
import { Client, type Pool, type PoolClient } from 'pg';

/** A cancellation that does not get through by then is given up; `statement_timeout` ends the statement. */
const CANCEL_TIMEOUT_MS = 2_000;

/** Of node-postgres' connection, which its types do not show. */
interface WireConnection extends NodeJS.EventEmitter {
  readonly stream: Socket;
  connect(port: number | string, host?: string): void;
  cancel(processId: number, secretKey: number): void;
}

/**
 * Asks PostgreSQL to cancel what `client` runs, by a CancelRequest (PostgreSQL protocol §55.2.8) on a connection of its
 * own: the pool may have none left, and a pooler between knows the key of its own client only. Once this returns the
 * signal has been sent, so that it cannot hit a later statement. Never throws.
 */
export function cancelStatement(pool: Pool, client: PoolClient): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const canceller = new Client(pool.options);
  const { connection } = canceller as unknown as { connection: WireConnection };
  return new Promise((resolve) => {
    const timer = setTimeout(() => connection.stream.destroy(), CANCEL_TIMEOUT_MS);
    const ask = () => connection.cancel(processID, secretKey);
    const finish = () => {
      clearTimeout(timer);
      resolve();
    };
    connection.once('connect', ask);
    connection.once('sslconnect', ask);
    // PostgreSQL closes the connection after it has sent the signal.
    connection.on('error', finish);
    connection.once('end', finish);
    const { host, port } = canceller;
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}
