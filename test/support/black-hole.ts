import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';

/** Which way bytes are swallowed: from whom they come. */
export type Swallowing = 'nothing' | 'from clients' | 'from the server' | 'everything';

/** A TCP proxy that can die as networks do: connections stay open, and bytes go nowhere. */
export interface BlackHole {
  readonly port: number;
  /** Holds for connections that are open and for those to come; what was swallowed is gone. */
  swallow(what: Swallowing): void;
  /** Breaks the connections that are open; further ones may come. */
  cut(): void;
  close(): Promise<void>;
}

export async function digBlackHole(targetPort: number): Promise<BlackHole> {
  const sockets = new Set<Socket>();
  let swallowing: Swallowing = 'nothing';
  const forward = (from: Socket, to: Socket, side: Swallowing) => {
    sockets.add(from);
    from.on('data', (bytes) => {
      if (swallowing !== 'everything' && swallowing !== side) to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((near) => {
    const far = dial(targetPort, '127.0.0.1');
    forward(near, far, 'from clients');
    forward(far, near, 'from the server');
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    swallow: (what) => {
      swallowing = what;
    },
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
