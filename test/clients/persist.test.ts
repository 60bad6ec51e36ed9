import { createClient, type Client as SocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type ResumableOptions, resumable } from '../../src/clients/graphql-ws-resume';
import { eventually } from '../support/interleaving';
import { type Asking, type ScriptedServer, startScriptedServer } from './scripted-server';

const STREAM =
  'subscription Changes($after: Cursor) { stream(after: $after) { ... on NodeUpserted { cursor node { id } } } }';
const KEY = JSON.stringify(['Changes', []]);
const upserted = (cursor: string) => ({ cursor, node: { id: `post_${cursor}` } });
const reset = (cursor: string) => ({ cursor, reason: 'CURSOR_EXPIRED' });

let server: ScriptedServer;
let client: SocketClient;

async function end() {
  await client.dispose();
  await server.close();
}
afterEach(end);

/** An app that keeps cursors in a map, on a server with a script. */
async function launch(
  script: (asking: Asking) => void,
  options: ResumableOptions = {},
  kept = new Map<string, string | null>(),
) {
  server = await startScriptedServer(script);
  const writes: (string | null)[] = [];
  client = resumable(createClient({ url: server.url, webSocketImpl: WebSocket, retryAttempts: 0 }), {
    firstWaitMs: 1,
    persist(key, cursor) {
      writes.push(cursor);
      kept.set(key, cursor);
    },
    restore: async (key) => kept.get(key),
    ...options,
  });
  return { kept, writes };
}

/** Subscribes; answers how it ended. */
function follow(variables: Record<string, unknown> = {}) {
  return new Promise<unknown>((resolve) => {
    client.subscribe(
      { query: STREAM, operationName: 'Changes', variables },
      { next() {}, error: resolve, complete: () => resolve(null) },
    );
  });
}

it('keeps the cursor across launches, under the operation and its variables', async () => {
  const { kept } = await launch(({ item, complete }) => {
    item(upserted('c1'));
    item(upserted('c2'));
    complete();
  });
  await follow();
  expect([...kept]).toEqual([[KEY, 'c2']]);
  await end();
  await launch(({ complete }) => complete(), {}, kept);
  await follow();
  await follow({ after: 'mine' });
  expect(server.asked.map(({ variables }) => variables['after'])).toEqual(['c2', 'mine']);
});

it('keeps nothing from a reset until the app has loaded afresh', async () => {
  let loaded = () => {};
  const loading = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  const { writes } = await launch(
    ({ item, complete }) => {
      for (const each of [upserted('c1'), reset('r5'), upserted('r6')]) item(each);
      complete();
    },
    { onReset: () => loading },
  );
  await follow();
  expect(writes).toEqual(['c1', null]);
  loaded();
  await eventually('the cursor is kept', () => writes.length > 2);
  expect(writes).toEqual(['c1', null, 'r6']);
});

it('ends with what kept the app from loading afresh', async () => {
  const failure = new Error('no network');
  await launch(({ item }) => item(reset('r5')), { onReset: () => Promise.reject(failure) });
  expect(await follow()).toBe(failure);
});

it('forgets a kept cursor that is refused, and ends when none can be read', async () => {
  const { kept } = await launch(({ refuse }) => refuse('BAD_USER_INPUT'), {}, new Map([[KEY, 'too old']]));
  expect(await follow()).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect([...kept]).toEqual([[KEY, null]]);
  await end();
  await launch(({ complete }) => complete(), {
    restore: () => {
      throw new Error('disk');
    },
  });
  expect(await follow()).toEqual(new Error('disk'));
});

describe('a for await', () => {
  const changes = () => client.iterate<{ stream: { cursor: string } }>({ query: STREAM, operationName: 'Changes' });

  it('keeps the cursor of what its body is done with, over a lost connection', async () => {
    const { writes } = await launch(({ index, item, cut, complete }) => {
      item(upserted(`c${index}`));
      item(upserted(`d${index}`));
      if (index < 2) cut();
      else complete();
    });
    const seen: [string | undefined, number][] = [];
    for await (const { data } of changes()) seen.push([data?.stream.cursor, writes.length]);
    expect(seen).toEqual(['c0', 'd0', 'c1', 'd1', 'c2', 'd2'].map((cursor, index) => [cursor, index]));
    expect(writes).toHaveLength(6);
  });

  it('throws what ended it', async () => {
    await launch(({ item, close }) => {
      item(upserted('c1'));
      close(4400);
    });
    const seen: unknown[] = [];
    const failing = (async () => {
      for await (const { data } of changes()) seen.push(data?.stream.cursor);
    })();
    await expect(failing).rejects.toMatchObject({ code: 4400 });
    expect(seen).toEqual(['c1']);
  });

  it('can be left in its body, and while it waits', async () => {
    await launch(({ item }) => item(upserted('c1')));
    for await (const { data } of changes()) if (data) break;
    const waiting = changes();
    await waiting.next();
    const next = waiting.next();
    await waiting.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(server.asked).toHaveLength(2);
  });
});
