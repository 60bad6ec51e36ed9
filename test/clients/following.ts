import { createClient, type Client as SocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type ResumableOptions, resumable } from '../../src/clients/graphql-ws-resume';
import type { LiveRequest } from '../../src/clients/resume';
import { eventually } from '../support/interleaving';
import { type Asking, type ScriptedServer, startScriptedServer } from './scripted-server';

export const STREAM = `subscription Changes($after: Cursor, $scopes: [SyncScope!]) {
  stream(after: $after, scopes: $scopes) { ... on NodeUpserted { cursor node { id } } }
}`;
const QUICKLY: ResumableOptions = { firstWaitMs: 1, longestWaitMs: 20 };
export const upserted = (cursor: string) => ({ __typename: 'NodeUpserted', cursor, node: { id: `post_${cursor}` } });
export const removed = (cursor: string) => ({ cursor, nodeId: `post_${cursor}`, reason: 'DELETED' });
export const ready = (cursor: string) => ({ __typename: 'StreamReady', cursor, recovered: true });
export const tick = (cursor: string) => ({ __typename: 'StreamTick', cursor, serverTime: '2026-01-05T00:00:00.000Z' });
export const reset = (cursor: string) => ({ __typename: 'StreamReset', cursor, reason: 'CURSOR_EXPIRED' });

const opened: { readonly client: SocketClient; readonly server: ScriptedServer }[] = [];

/** Closes what `follow` opened. */
export async function closeAll() {
  for (const { client, server } of opened.splice(0)) {
    await client.dispose();
    await server.close();
  }
}

/** A server on a script, and what a subscriber to it sees. */
export async function follow(
  script: (asking: Asking) => void,
  options: ResumableOptions = {},
  { query = STREAM, variables = { after: 'c0' }, ...request }: Partial<LiveRequest> = {},
  keepAlive = 0,
) {
  const server = await startScriptedServer(script);
  const socket = createClient({ url: server.url, webSocketImpl: WebSocket, retryAttempts: 0, keepAlive });
  const live = resumable(socket, { ...QUICKLY, ...options });
  opened.push({ client: live, server });
  const items: Record<string, unknown>[] = [];
  const end: { failure?: unknown; completed?: boolean } = {};
  const leave = live.subscribe<{ stream: Record<string, unknown> }>(
    { query, variables: variables as Record<string, unknown>, operationName: request.operationName },
    {
      next: ({ data, errors }) => items.push(data?.stream ?? { errors }),
      error: (failure) => {
        end.failure = failure;
      },
      complete: () => {
        end.completed = true;
      },
    },
  );
  const ended = () => eventually('it ended', () => 'failure' in end || 'completed' in end);
  return {
    items,
    end,
    ended,
    leave,
    live,
    server,
    cursors: () => items.map(({ cursor }) => cursor),
    asked: () => server.asked.map((each) => each.variables['after']),
  };
}

/** A script with one part for each time that is asked; the last one ends the subscription. */
export function inTurn(...parts: ((asking: Asking) => void)[]) {
  return (asking: Asking) => {
    parts[asking.index]?.(asking);
    if (asking.index >= parts.length) asking.complete();
  };
}
