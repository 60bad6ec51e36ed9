import { once } from 'node:events';
import WebSocket from 'ws';
import type { TestApp } from '../support/app';
import { socketUrl } from '../support/comment-stream';
import type { Hostile, HostileTransport } from './corpus';

/** How a request was answered, whatever the transport. */
export interface Verdict {
  readonly codes: readonly string[];
  readonly messages: string;
  /** Of the answer as sent, without headers. */
  readonly bytes: number;
}

interface Errors {
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends one operation and waits for its verdict. */
export type Send = (payload: Hostile['payload']) => Promise<Verdict>;

export interface Clients {
  readonly send: Readonly<Record<HostileTransport, Send>>;
  close(): void;
}

/** One client for each transport, anonymous. All operations go through one socket. */
export async function connectClients(app: TestApp): Promise<Clients> {
  const socket = await connectSocket(app);
  return {
    send: {
      http: async (payload) => verdictOf(await post(`${app.url}/graphql`, 'application/json', payload)),
      sse: async (payload) => {
        const text = await post(`${app.url}/graphql/stream`, 'text/event-stream', payload);
        // Before there is a stream, errors come as a plain answer.
        const data = /^event: next\ndata: (.*)$/m.exec(text)?.[1] ?? text;
        return { ...verdictOf(data), bytes: Buffer.byteLength(text) };
      },
      websocket: socket.send,
    },
    close: socket.close,
  };
}

async function post(url: string, accept: string, payload: unknown): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...JSON_TYPE, accept },
    body: JSON.stringify(payload),
  });
  return response.text();
}

async function connectSocket(app: TestApp): Promise<{ send: Send; close: () => void }> {
  const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws');
  const waiting = new Map<string, (verdict: Verdict) => void>();
  let sent = 0;
  socket.on('message', (data) => {
    const text = String(data);
    const { id, type, payload } = JSON.parse(text);
    if (type === 'complete') return;
    const errors = type === 'error' ? { errors: payload } : payload;
    waiting.get(id)?.({ ...verdictOf(JSON.stringify(errors)), bytes: Buffer.byteLength(text) });
    waiting.delete(id);
  });
  socket.on('close', (code, reason) => {
    for (const resolve of waiting.values()) resolve({ codes: [`closed ${code}`], messages: String(reason), bytes: 0 });
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  return {
    send: (payload) =>
      new Promise((resolve) => {
        const id = String(++sent);
        waiting.set(id, resolve);
        socket.send(JSON.stringify({ id, type: 'subscribe', payload }));
      }),
    close: () => socket.terminate(),
  };
}

function verdictOf(text: string): Verdict {
  let answer: Errors;
  try {
    answer = JSON.parse(text) as Errors;
  } catch {
    return { codes: ['no JSON'], messages: text.slice(0, 100), bytes: Buffer.byteLength(text) };
  }
  const errors = answer.errors ?? [];
  const codes = [...new Set(errors.map(({ extensions }) => extensions?.code ?? 'none'))];
  return { codes, messages: errors.map(({ message }) => message).join('\n'), bytes: Buffer.byteLength(text) };
}
