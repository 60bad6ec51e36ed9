import { Agent, type IncomingMessage, request } from 'node:http';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Person } from './person';

export const TRANSPORTS = ['websocket', 'sse'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface Subscription {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of Server-Sent Events: the id of the last one received, from which the server goes on. */
  readonly lastEventId: string | null;
}

/** What came: an event's data, and the id that Server-Sent Events give it. */
export type OnEvent = (data: Record<string, unknown>, eventId: string | null) => void;

/** How a subscription ended. */
export interface Ending {
  /** The code of a refusal or of an event that is an error, or what ended the connection. */
  readonly why: string;
  readonly text: string;
}

/** What an app has open to one process. */
export interface LiveConnection {
  /** Resolves when the subscription is over, whoever ended it. Never throws. */
  follow(subscription: Subscription, onEvent: OnEvent): Promise<Ending>;
  /** Nothing can be subscribed on it any more. */
  readonly over: boolean;
  /** As when a phone loses its network: without a word to the server. */
  drop(): void;
}

/** How long an app waits for a sign of life before it gives a connection up. */
const SOCKET_PING_MS = 2_000;
const SOCKET_PONG_TIMEOUT_MS = 2_500;
/** The server writes a comment every 12 s to a stream that is silent. */
const SSE_SILENCE_MS = 14_000;
const OPEN_TIMEOUT_MS = 4_000;

export async function connectLive(transport: Transport, port: number, as: Person): Promise<LiveConnection> {
  const authorization = `Bearer ${await as.token()}`;
  return transport === 'websocket' ? openSocket(port, authorization) : openStreams(port, authorization);
}

interface EventResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message?: string; extensions?: { code?: string } }[];
}

/** One WebSocket with the client library that apps use; it holds any number of subscriptions. */
function openSocket(port: number, authorization: string): LiveConnection {
  let over = false;
  let overdue: NodeJS.Timeout | undefined;
  let reason = 'ended';
  const endings = new Set<() => void>();
  let socket: WebSocket | undefined;
  class Phone extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      socket = this;
      // The library tells of what it hears; what comes after it has given up must not end the run.
      this.on('error', () => undefined);
      if (over) setImmediate(() => this.terminate());
    }
  }
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: Phone,
    retryAttempts: 0,
    lazy: true,
    keepAlive: SOCKET_PING_MS,
    connectionAckWaitTimeout: OPEN_TIMEOUT_MS,
    connectionParams: { authorization },
    on: {
      ping: (received) => {
        if (received) return;
        clearTimeout(overdue);
        overdue = setTimeout(() => give('silent'), SOCKET_PONG_TIMEOUT_MS);
      },
      pong: (received) => received && clearTimeout(overdue),
      closed: (event) => {
        over = true;
        clearTimeout(overdue);
        const code = (event as { code?: number }).code;
        if (code !== undefined && reason === 'ended') reason = String(code);
        // After the code 1000 the library connects again by itself, whatever it is told, and asks again from where the
        // subscription once began; where to go on is for this run to say.
        for (const end of endings) end();
      },
    },
  });
  const opening = setTimeout(() => give('not opened in time'), OPEN_TIMEOUT_MS);
  client.on('connected', () => clearTimeout(opening));
  client.on('closed', () => clearTimeout(opening));
  const give = (why: string) => {
    reason = why;
    over = true;
    // First the connection itself, so that nothing is said on it any more; the library would say goodbye.
    socket?.terminate();
    client.terminate();
  };
  return {
    get over() {
      return over;
    },
    drop() {
      clearTimeout(opening);
      clearTimeout(overdue);
      give('left');
    },
    follow({ query, variables }, onEvent) {
      return new Promise((settle) => {
        let finished = false;
        const resolve = (ending: Ending) => {
          finished = true;
          endings.delete(closed);
          settle(ending);
        };
        const closed = () => resolve({ why: reason, text: '' });
        endings.add(closed);
        const end = client.subscribe<Record<string, unknown>>(
          { query, variables },
          {
            next(result) {
              if (finished) return;
              const failed = failureOf(result as EventResult);
              if (!failed) return onEvent(result.data as Record<string, unknown>, null);
              resolve(failed);
              end();
            },
            error(error) {
              if (Array.isArray(error)) return resolve(failureOf({ errors: error }) as Ending);
              const code = (error as { code?: number }).code;
              resolve({ why: reason === 'ended' ? String(code ?? 'lost') : reason, text: '' });
            },
            complete: () => resolve({ why: over ? reason : 'complete', text: '' }),
          },
        );
      });
    },
  };
}

/** A connection per subscription, over HTTP/1.1 as `fetch` does; the wire format is that of the HTML standard. */
function openStreams(port: number, authorization: string): LiveConnection {
  const open = new Set<() => void>();
  let over = false;
  return {
    get over() {
      return over;
    },
    drop() {
      over = true;
      for (const end of open) end();
    },
    follow({ query, variables, lastEventId }, onEvent) {
      const body = JSON.stringify({ query, variables });
      const headers = {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization,
        ...(lastEventId !== null && { 'last-event-id': lastEventId }),
      };
      return new Promise((resolve) => {
        // An agent of its own: a connection that ends takes nothing else along.
        const agent = new Agent({ keepAlive: false });
        const options = { host: '127.0.0.1', port, path: '/graphql/stream', method: 'POST', headers, agent };
        const sent = request(options, (response) => readEvents(response, onEvent, sign, finish));
        const finish = (why: string, text = '') => {
          clearTimeout(silence);
          open.delete(leave);
          sent.destroy();
          resolve({ why, text });
        };
        const leave = () => finish('left');
        let silence = setTimeout(() => finish('not opened in time'), OPEN_TIMEOUT_MS);
        const sign = () => {
          clearTimeout(silence);
          silence = setTimeout(() => finish('silent'), SSE_SILENCE_MS);
        };
        open.add(leave);
        sent.once('error', () => finish('lost'));
        sent.end(body);
      });
    },
  };
}

function readEvents(
  response: IncomingMessage,
  onEvent: OnEvent,
  sign: () => void,
  finish: (why: string, text?: string) => void,
): void {
  sign();
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    sign();
    if (response.statusCode !== 200) return;
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const { event, data, id } = readBlock(block);
      if (event === 'complete') return finish('complete');
      if (event !== 'next') continue;
      const result = JSON.parse(data) as EventResult;
      const failed = failureOf(result);
      if (failed) return finish(failed.why, failed.text);
      onEvent(result.data as Record<string, unknown>, id);
    }
  });
  response.once('error', () => finish('lost'));
  response.once('end', () => finish(response.statusCode === 200 ? 'ended' : String(response.statusCode)));
  response.once('close', () => finish('lost'));
}

function readBlock(block: string): { event: string; data: string; id: string | null } {
  let event = '';
  let data = '';
  let id: string | null = null;
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data += value;
    if (field === 'id') id = value;
  }
  return { event, data, id };
}

function failureOf({ data, errors }: EventResult): Ending | null {
  if (!errors && data) return null;
  return { why: errors?.[0]?.extensions?.code ?? 'NO DATA', text: JSON.stringify(errors ?? null) };
}
