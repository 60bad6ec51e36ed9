import { EventSource } from 'eventsource';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Person, TestApp } from './app';
import { eventually } from './interleaving';

/** An item of `sync` or `stream`, as far as tests look at it. */
export interface Item {
  readonly __typename: 'StreamReady' | 'StreamReset' | 'StreamTick' | 'NodeUpserted' | 'NodeRemoved';
  readonly cursor: string;
  readonly recovered?: boolean;
  readonly resetReason?: string;
  readonly scope?: string;
  readonly node?: { readonly __typename: string; readonly id: string; readonly text?: string; readonly name?: string };
  readonly nodeId?: string;
  readonly typename?: string;
  readonly reason?: string;
}

export interface SyncArguments {
  readonly after?: string | null;
  readonly first?: number;
  readonly scopes?: readonly string[];
}

export interface Page {
  readonly changes: readonly Item[];
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly resetRequired: boolean;
}

const CHANGES = `... on NodeUpserted { cursor scope node { __typename id ... on User { name } ... on Post { text } ... on Comment { text } } }
  ... on NodeRemoved { cursor scope nodeId typename reason }`;
const SYNC = `query Sync($after: Cursor, $first: Int, $scopes: [SyncScope!]) {
  viewer { sync(after: $after, first: $first, scopes: $scopes) {
    cursor hasMore resetRequired changes { __typename ${CHANGES} }
  } }
}`;
const STREAM = `subscription Stream($after: Cursor, $scopes: [SyncScope!]) {
  stream(after: $after, scopes: $scopes) {
    __typename ${CHANGES} ... on StreamTick { cursor serverTime }
    ... on StreamReady { cursor recovered } ... on StreamReset { cursor resetReason: reason }
  }
}`;

export async function syncPage(app: TestApp, as: Person, args: SyncArguments = {}): Promise<Page> {
  return (await app.ok(SYNC, args, as)).viewer.sync;
}

/** The place that is now. */
export async function placeNow(app: TestApp, as: Person): Promise<string> {
  return (await syncPage(app, as)).cursor;
}

/** `+ post_…`, `- post_… HIDDEN` and the like: what an item does to a copy. */
export function effectOf(item: Item): string {
  if (item.__typename === 'NodeUpserted') return `+ ${item.node?.id}`;
  return item.__typename === 'NodeRemoved' ? `- ${item.nodeId} ${item.reason}` : item.__typename;
}

export interface ChangeStream {
  /** Everything that came, in order. */
  readonly items: readonly Item[];
  /** Waits until so many items have come, and answers them. */
  first(count: number): Promise<readonly Item[]>;
  stop(): void;
}

/** Follows a viewer's changes over a connection of its own. */
export function followChanges(
  app: TestApp,
  by: 'websocket' | 'sse',
  as: Person,
  args: Omit<SyncArguments, 'first'> = {},
): ChangeStream {
  const items: Item[] = [];
  const take = (result: { data?: { stream: Item } | null; errors?: unknown }) => {
    if (!result.data) throw new Error(`the stream brought ${JSON.stringify(result)}`);
    items.push(result.data.stream);
  };
  const stop = by === 'websocket' ? overWebSocket(app, as, args, take) : overEventSource(app.url, as, args, take);
  return {
    items,
    stop,
    async first(count) {
      await eventually(`${count} items came over ${by} (${items.length})`, () => items.length >= count);
      return items.slice(0, count);
    },
  };
}

type Take = (result: { data?: { stream: Item } | null }) => void;

function overWebSocket(app: TestApp, as: Person, args: SyncArguments, take: Take): () => void {
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${as.token}` },
  });
  const sink = { next: take as never, error: () => {}, complete: () => {} };
  client.subscribe({ query: STREAM, variables: { ...args } }, sink);
  return () => client.dispose();
}

/** An EventSource as a browser has it, but for the token. It connects again by itself, with Last-Event-ID. */
export function overEventSource(url: string, as: Person, args: SyncArguments, take: Take): () => void {
  const query = new URLSearchParams({ query: STREAM, variables: JSON.stringify(args) });
  const source = new EventSource(`${url}/graphql/stream?${query}`, {
    fetch: (input, init) =>
      fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${as.token}` } }),
  });
  source.addEventListener('next', ({ data }) => take(JSON.parse(data)));
  return () => source.close();
}
