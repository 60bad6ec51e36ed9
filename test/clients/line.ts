import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A network between a client and the service, which can be cut. */
export interface Line {
  /** In the place of the service's own. */
  readonly url: string;
  /** Connections that were made over it. */
  readonly connections: number;
  /** Ends every connection at once, without a word of either side. */
  cut(): void;
  close(): Promise<void>;
}

export async function layLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let connections = 0;
  const keep = (socket: Socket, other: () => Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      other().destroy();
    });
  };
  const server = createServer((near) => {
    connections += 1;
    const far = dial(Number(port), hostname);
    keep(near, () => far);
    keep(far, () => near);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Does the work while the line is cut again and again. */
export async function whileCutting<Value>(line: Line, everyMs: number, work: () => Promise<Value>): Promise<Value> {
  const working = new AbortController();
  const cutting = (async () => {
    while (!working.signal.aborted) {
      await sleep(everyMs);
      line.cut();
    }
  })();
  try {
    return await work();
  } finally {
    working.abort();
    await cutting;
  }
}
