import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import { LogHub } from '../../src/platform/changelog/hub';
import type { LogEntry } from '../../src/platform/changelog/log-reader';
import type { Person, TestApp } from './app';
import { eventually } from './interleaving';

export type Transport = 'websocket' | 'sse';
export const TRANSPORTS: readonly Transport[] = ['websocket', 'sse'];

/** An event of `commentAdded`, as far as tests look at it. */
export interface Added {
  readonly cursor: string;
  readonly node: {
    readonly id: string;
    readonly text: string;
    readonly author: { readonly name: string };
    readonly post: { readonly commentCount: number };
  };
}

/** What a client was told instead of events: codes of errors, or what else ended its stream. */
export interface Refusal {
  readonly codes: readonly string[];
  readonly text: string;
}

export interface CommentStream {
  /** Everything that came, in the order in which it came. */
  readonly added: readonly Added[];
  /** The first `count` events, once they are there. @throws Error when the stream ends before. */
  first(count: number): Promise<Added[]>;
  /** Resolves when the server or the connection ends the stream: with null, or with why. */
  readonly ended: Promise<Refusal | null>;
  /** Unsubscribes and closes the connection. */
  stop(): void;
}

export interface CommentStreamOptions {
  readonly postId: string;
  readonly after?: string | null;
}

export const COMMENT_ADDED = `subscription Added($postId: ID!, $after: String) {
  commentAdded(postId: $postId, after: $after) {
    cursor node { id text author { name } post { commentCount } }
  }
}`;

/** Follows a post's comments with the client library of a transport, over a connection of its own. */
export function followComments(
  app: TestApp,
  transport: Transport,
  as: Person | null,
  options: CommentStreamOptions,
): CommentStream {
  const added: Added[] = [];
  const client = connect(app, transport, as);
  let over = false;
  let refused: Refusal | null = null;
  const ended = new Promise<Refusal | null>((resolve) => {
    const end = (refusal: Refusal | null) => {
      over = true;
      refused = refusal;
      resolve(refusal);
    };
    client.subscribe(
      { query: COMMENT_ADDED, variables: { postId: options.postId, after: options.after ?? null } },
      {
        next(result: EventResult) {
          if (result.errors) end(refusalOf(result.errors));
          else if (result.data) added.push(result.data.commentAdded);
        },
        error: (error: unknown) => end(refusalOf(Array.isArray(error) ? error : [error])),
        // Errors may come before the end; the first word counts.
        complete: () => over || end(null),
      },
    );
  });
  return {
    added,
    ended,
    async first(count) {
      await eventually(`${count} comments came over ${transport}`, () => {
        if (over) throw new Error(`the stream ended after ${added.length} comments: ${JSON.stringify(refused)}`);
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

export interface ReaderCount {
  /** Readers of live logs in this process that have not been let go. */
  readonly active: number;
  /** All that there ever were. */
  readonly total: number;
}

/** Counts the readers of live logs from now on; call before the app starts. */
export function countReaders(): ReaderCount {
  const count = { active: 0, total: 0 };
  const { follow } = LogHub.prototype;
  jest.spyOn(LogHub.prototype, 'follow').mockImplementation(function (this: LogHub<LogEntry>, streamId, after) {
    const reader = follow.call(this, streamId, after);
    const close = reader.close.bind(reader);
    let open = true;
    count.active += 1;
    count.total += 1;
    reader.close = () => {
      if (open) count.active -= 1;
      open = false;
      close();
    };
    return reader;
  });
  return count;
}
