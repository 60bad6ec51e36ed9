import WebSocket, { type ClientOptions } from 'ws';
import type { TestApp } from './app';
import { socketUrl } from './comment-stream';
import { eventually } from './interleaving';

export interface RawMessage {
  readonly type: string;
  readonly id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read messages by the shape of what they sent
  readonly payload?: any;
}

/** A socket that is spoken to in the protocol's own words, below any client library. */
export interface RawSocket {
  readonly socket: WebSocket;
  /** Everything that came, in order. */
  readonly messages: readonly RawMessage[];
  /** What the service has closed it with. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  say(message: object): void;
  subscribe(id: string, query: string, variables?: object): void;
  /** The first message that fits, once it is there. */
  hear(what: string, fits: (message: RawMessage) => boolean): Promise<RawMessage>;
}

/** Opens a socket and waits until it is acknowledged, signed in with the token, or what else is sent to begin. */
export async function openRawSocket(
  to: TestApp,
  token?: string,
  options: ClientOptions = {},
  init: object | undefined = token ? { authorization: `Bearer ${token}` } : undefined,
): Promise<RawSocket> {
  const socket = new WebSocket(socketUrl(to), 'graphql-transport-ws', options);
  const messages: RawMessage[] = [];
  socket.on('error', () => {});
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.on('open', () => say({ type: 'connection_init', payload: init }));
  const raw: RawSocket = {
    socket,
    messages,
    closed: new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))),
    say,
    subscribe: (id, query, variables = {}) => say({ id, type: 'subscribe', payload: { query, variables } }),
    hear: (what, fits) => eventually(what, () => messages.find(fits)),
  };
  await raw.hear('the socket is acknowledged', ({ type }) => type === 'connection_ack');
  return raw;
}
