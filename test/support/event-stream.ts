import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Person, TestApp } from './app';
import { eventually } from './interleaving';

export type Transport = 'websocket' | 'sse';
export const TRANSPORTS: readonly Transport[] = ['websocket', 'sse'];

/** What a client was told instead of events: codes of errors, or what else ended its stream. */
export interface Refusal {
  readonly codes: readonly string[];
  readonly text: string;
}

export interface EventStream<Event> {
  /** Everything that came, in the order in which it came. */
  readonly added: readonly Event[];
  /** The first `count` events, once they are there. @throws Error when the stream ends before. */
  first(count: number): Promise<Event[]>;
  /** Resolves when the server or the connection ends the stream: with null, or with why. */
  readonly ended: Promise<Refusal | null>;
  /** Unsubscribes and closes the connection. */
  stop(): void;
}

/** Follows the only field of a subscription with the client library of a transport, over a connection of its own. */
export function followEvents<Event>(
  app: TestApp,
  transport: Transport,
  as: Person | null,
  payload: { readonly query: string; readonly variables: Record<string, unknown> },
): EventStream<Event> {
  const added: Event[] = [];
  const client = connect(app, transport, as);
  let over = false;
  let refused: Refusal | null = null;
  const ended = new Promise<Refusal | null>((resolve) => {
    const end = (refusal: Refusal | null) => {
      over = true;
      refused = refusal;
      resolve(refusal);
    };
    client.subscribe(payload, {
      next(result: EventResult) {
        if (result.errors) end(refusalOf(result.errors));
        else if (result.data) added.push(Object.values<Event>(result.data)[0] as Event);
      },
      error: (error: unknown) => end(refusalOf(Array.isArray(error) ? error : [error])),
      // Errors may come before the end; the first word counts.
      complete: () => over || end(null),
    });
  });
  return {
    added,
    ended,
    async first(count) {
      await eventually(`${count} events came over ${transport}`, () => {
        if (over) throw new Error(`the stream ended after ${added.length} events: ${JSON.stringify(refused)}`);
        return added.length >= count;
      });
      return added.slice(0, count);
    },
    stop: () => client.dispose(),
  };
}

interface EventResult {
  // biome-ignore lint/suspicious/noExplicitAny: tests read events by the shape of their own document
  readonly data?: any;
  readonly errors?: readonly unknown[];
}

export interface Sink {
  next(result: EventResult): void;
  error(error: unknown): void;
  complete(): void;
}

export interface StreamClient {
  subscribe(payload: { query: string; variables: Record<string, unknown> }, sink: Sink): unknown;
  dispose(): void;
}

/** The client library of a transport, with a connection of its own. */
export function connect(app: TestApp, transport: Transport, as: Person | null): StreamClient {
  const authorization = as && { authorization: `Bearer ${as.token}` };
  const client =
    transport === 'websocket'
      ? createSocketClient({
          url: socketUrl(app),
          webSocketImpl: WebSocket,
          retryAttempts: 0,
          ...(authorization && { connectionParams: authorization }),
        })
      : createSseClient({
          url: `${app.url}/graphql/stream`,
          retryAttempts: 0,
          ...(authorization && { headers: authorization }),
        });
  // The two libraries differ in the types of their results only.
  return client as unknown as StreamClient;
}

export function socketUrl(app: TestApp): string {
  return `${app.url.replace('http', 'ws')}/graphql`;
}

export function refusalOf(errors: readonly unknown[]): Refusal {
  const codes = errors.map((error) => (error as { extensions?: { code?: string } }).extensions?.code ?? String(error));
  return { codes, text: JSON.stringify(errors) };
}
