import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request that a client has sent. */
export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What the script can do with one subscription of a client. */
export interface Asking extends Asked {
  /** How many were asked before. */
  readonly index: number;
  /** Sends an item as the root field `stream`. */
  item(item: object): void;
  result(result: object): void;
  refuse(code: string, extensions?: object): void;
  complete(): void;
  /** Closes the socket with a code. */
  close(code: number): void;
  /** Ends the connection without a word. */
  cut(): void;
}

/** A service that says exactly what a test wants it to say, over graphql-transport-ws. */
export interface ScriptedServer {
  readonly url: string;
  /** What was asked, in order. */
  readonly asked: readonly Asked[];
  readonly sockets: number;
  close(): Promise<void>;
}

export async function startScriptedServer(script: (asking: Asking) => void): Promise<ScriptedServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  await new Promise((resolve) => server.once('listening', resolve));
  const asked: Asked[] = [];
  let sockets = 0;
  server.on('connection', (socket: WebSocket) => {
    sockets += 1;
    const send = (message: object) => socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      const { type, id, payload } = JSON.parse(String(data));
      if (type === 'connection_init') send({ type: 'connection_ack' });
      if (type !== 'subscribe') return;
      asked.push(payload);
      const result = (result: object) => send({ id, type: 'next', payload: result });
      script({
        ...payload,
        index: asked.length - 1,
        result,
        item: (item) => result({ data: { stream: item } }),
        refuse: (code, extensions) =>
          send({ id, type: 'error', payload: [{ message: code, extensions: { code, ...extensions } }] }),
        complete: () => send({ id, type: 'complete' }),
        close: (code) => socket.close(code, 'Scripted'),
        cut: () => socket.terminate(),
      });
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get sockets() {
      return sockets;
    },
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
