import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Connections of one server to PostgreSQL: as many as Portico has. */
export const POOL_MAX = 10;

export const DATABASE_URL = process.env['DATABASE_URL'] as string;
/** Whose request it is: the peers believe this header, where Portico checks the signature of a token. */
export const VIEWER_HEADER = 'x-viewer';

/** Listens on a free port of this machine, and says where in the line that Portico's log has, too. */
export function listen(server: Server): void {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
  });
  process.once('SIGTERM', () => process.exit(0));
}
