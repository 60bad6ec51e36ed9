import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Person, TestApp } from './app';

/** What a subscription brought: a result, the code of its refusal, or its end. */
export type LiveEvent =
  | { readonly kind: 'data'; readonly data: Record<string, unknown> }
  | { readonly kind: 'refused'; readonly code: string; readonly text: string }
  | { readonly kind: 'ended' };

export interface LiveStream {
  /** The next event. @throws Error when none comes in time. */
  next(): Promise<LiveEvent>;
  /** How many events have come and were not asked for yet. */
  waiting(): number;
  end(): void;
}

export interface LiveConnection {
  subscribe(document: string, variables: Record<string, unknown>): LiveStream;
  close(): Promise<void>;
}

const PATIENCE_MS = 5_000;

/** One socket with the client that apps use (graphql-ws), signed in or anonymous. */
export function connectLive(app: TestApp, as: Person | null): LiveConnection {
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(as && { connectionParams: { authorization: `Bearer ${as.token}` } }),
  });
  return {
    subscribe(query, variables) {
      const events: LiveEvent[] = [];
      let arrived = () => {};
      const add = (event: LiveEvent) => {
        events.push(event);
        arrived();
      };
      const end = client.subscribe<Record<string, unknown>>(
        { query, variables },
        {
          next: (result) => add(eventOf(result)),
          error: (error) => add(refusalOf(Array.isArray(error) ? error : [error])),
          complete: () => add({ kind: 'ended' }),
        },
      );
      return {
        async next() {
          const deadline = Date.now() + PATIENCE_MS;
          while (events.length === 0) {
            if (Date.now() > deadline) throw new Error('the subscription brought nothing');
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, deadline - Date.now() + 1);
              arrived = () => {
                clearTimeout(timer);
                resolve();
              };
            });
          }
          return events.shift() as LiveEvent;
        },
        waiting: () => events.length,
        end,
      };
    },
    close: async () => client.dispose(),
  };
}

function eventOf(result: { errors?: readonly unknown[]; data?: Record<string, unknown> | null }): LiveEvent {
  if (result.errors) return refusalOf(result.errors);
  return { kind: 'data', data: result.data ?? {} };
}

function refusalOf(errors: readonly unknown[]): LiveEvent {
  const first = errors[0] as { extensions?: { code?: string } } | undefined;
  return { kind: 'refused', code: first?.extensions?.code ?? 'NONE', text: JSON.stringify(errors) };
}
