import type { ResumableOptions } from '../../src/clients/graphql-ws-resume';
import { eventually } from '../support/interleaving';
import { closeAll, follow, inTurn, ready, removed, reset, STREAM, tick, upserted } from './following';
import type { Asking } from './scripted-server';

const WAYS_TO_LOSE: readonly (readonly [string, (asking: Asking) => void])[] = [
  ['the network', (asking) => asking.cut()],
  ...[1001, 1012, 1013, 4403, 4408, 4499].map(
    (code) => [`a close with ${code}`, (asking: Asking) => asking.close(code)] as const,
  ),
  ['a close in order', (asking) => asking.close(1000)],
  ['a refusal for now', (asking) => asking.refuse('SERVICE_UNAVAILABLE')],
  [
    'an event that could not be read',
    (asking) => asking.result({ data: null, errors: [{ message: '', extensions: { code: 'SERVICE_UNAVAILABLE' } }] }),
  ],
];

afterEach(closeAll);

describe('a subscription that was lost', () => {
  it.each(WAYS_TO_LOSE)('by %s continues behind the last item', async (_, lose) => {
    const followed = await follow(
      inTurn((asking) => {
        for (const item of [ready('c0'), upserted('c1'), removed('c2')]) asking.item(item);
        setTimeout(() => lose(asking), 10);
      }),
    );
    await followed.ended();
    expect(followed.asked()).toEqual(['c0', 'c2']);
    expect(followed.cursors()).toEqual(['c0', 'c1', 'c2']);
    expect(followed.end).toEqual({ completed: true });
  });

  it.each([1002, 1003, 1007, 1008, 1009, 1011, 4400, 4401, 4406, 4409, 4429, 4500])(
    'by a close with %d is over',
    async (code) => {
      const followed = await follow(({ close }) => close(code));
      await followed.ended();
      expect(followed.end.failure).toMatchObject({ code });
      expect(followed.asked()).toEqual(['c0']);
    },
  );

  it('by errors that stay is over', async () => {
    const followed = await follow(({ refuse }) => refuse('NOT_FOUND'));
    await followed.ended();
    expect(followed.end.failure).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    expect(followed.asked()).toHaveLength(1);
  });

  it('waits as long as the service asks, and tells', async () => {
    const waits: number[] = [];
    const options: ResumableOptions = { onLost: (_, waitMs) => waits.push(waitMs) };
    const followed = await follow(
      inTurn((asking) => asking.refuse('RATE_LIMITED', { retryAfterMs: 120 })),
      options,
    );
    await followed.ended();
    expect(waits).toEqual([120]);
  });

  it('waits longer each time, and ends when told how often is enough', async () => {
    const spread = jest.spyOn(Math, 'random').mockReturnValue(0.001);
    const waits: number[] = [];
    const options: ResumableOptions = {
      firstWaitMs: 1_000,
      longestWaitMs: 6_000,
      attemptsMax: 5,
      onLost: (_, waitMs) => waits.push(waitMs),
    };
    const followed = await follow((asking) => asking.cut(), options);
    await followed.ended();
    spread.mockRestore();
    expect(followed.end.failure).toMatchObject({ code: 1006 });
    expect(waits).toEqual([1, 2, 4, 6, 6]);
  });

  it('is found to be when its line died without a word', async () => {
    const losses: unknown[] = [];
    const options: ResumableOptions = { pongWaitMs: 30, onLost: (failure) => losses.push(failure) };
    // The server on a script answers no ping.
    const followed = await follow(
      inTurn((asking) => asking.item(upserted('c1'))),
      options,
      {},
      10,
    );
    await followed.ended();
    expect(losses).toMatchObject([{ code: 4499 }]);
    expect(followed.asked()).toEqual(['c0', 'c1']);
  });

  it('comes back when the app is ready for it', async () => {
    let show = () => {};
    const shown = new Promise<void>((resolve) => {
      show = resolve;
    });
    const followed = await follow(
      inTurn((asking) => asking.cut()),
      { ready: () => shown },
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(followed.asked()).toHaveLength(1);
    show();
    await followed.ended();
    expect(followed.asked()).toHaveLength(2);
  });

  it('stays away when the app says so, or has left, or has closed its client', async () => {
    const followed = await follow(({ cut }) => cut(), { isFinal: () => true });
    await followed.ended();
    expect(followed.asked()).toHaveLength(1);
    const left = await follow(({ cut }) => cut(), { onLost: () => left.leave() });
    await eventually('it was asked', () => left.asked().length > 0);
    const closed = await follow(({ cut }) => cut(), { onLost: () => void closed.live.dispose() });
    await closed.ended();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([left.asked().length, closed.asked().length]).toEqual([1, 1]);
    expect([left.end, closed.end]).toEqual([{}, { completed: true }]);
  });
});

describe('what comes again', () => {
  it('is dropped, but for the signs of the stream, which stand at cursors of changes', async () => {
    const followed = await follow(
      inTurn(
        (asking) => {
          for (const item of [upserted('c1'), tick('c1'), upserted('c2'), tick('c2')]) asking.item(item);
          asking.cut();
        },
        (asking) => {
          for (const item of [ready('c2'), upserted('c1'), upserted('c2'), upserted('c3')]) asking.item(item);
        },
      ),
    );
    await eventually('all came', () => followed.items.length === 6);
    expect(followed.items.map(({ __typename, cursor }) => `${__typename} ${cursor}`)).toEqual([
      'NodeUpserted c1',
      'StreamTick c1',
      'NodeUpserted c2',
      'StreamTick c2',
      'StreamReady c2',
      'NodeUpserted c3',
    ]);
  });

  it('is delivered again only after more than is remembered', async () => {
    const followed = await follow(
      (asking) => {
        for (const cursor of ['c1', 'c2', 'c3', 'c2', 'c1']) asking.item(upserted(cursor));
        asking.complete();
      },
      { rememberedMax: 2 },
    );
    await followed.ended();
    expect(followed.cursors()).toEqual(['c1', 'c2', 'c3', 'c1']);
  });
});

describe('which request is continued', () => {
  it('one that has another name for the field or the variable', async () => {
    const query = 'subscription ($from: String) { news: commentAdded(after: $from) { cursor node { id } } }';
    const script = inTurn((asking) => {
      asking.result({ data: { news: { cursor: 'c1', node: { id: 'a' } } } });
      asking.cut();
    });
    const followed = await follow(script, { cursorVariables: ['after', 'from'] }, { query, variables: {} });
    await followed.ended();
    expect(followed.server.asked.map(({ variables }) => variables)).toEqual([{}, { from: 'c1' }]);
  });

  it('one of a document by its name, or without a text by its variable', async () => {
    const script = () =>
      inTurn((asking) => {
        asking.item(upserted('c1'));
        asking.cut();
      });
    const named = await follow(script(), {}, { query: `query Q { a } ${STREAM}`, operationName: 'Changes' });
    await named.ended();
    expect(named.asked()).toEqual(['c0', 'c1']);
    const persisted = await follow(script(), {}, { query: '', variables: { after: null } });
    await persisted.ended();
    expect(persisted.asked()).toEqual([null, 'c1']);
  });

  it('none without a cursor, which begins anew with the variables that it had', async () => {
    const query = 'subscription ($postId: ID!) { stream: postEngagement(postId: $postId) { likeCount } }';
    const followed = await follow(
      inTurn((asking) => {
        for (const item of [{ likeCount: 1 }, { likeCount: 1 }]) asking.item(item);
        asking.cut();
      }),
      {},
      { query, variables: { postId: 'post_1' } },
    );
    await followed.ended();
    expect(followed.items).toEqual([{ likeCount: 1 }, { likeCount: 1 }]);
    expect(followed.server.asked.map(({ variables }) => variables)).toEqual([
      { postId: 'post_1' },
      { postId: 'post_1' },
    ]);
  });

  it.each(['mutation ($after: String) { add(after: $after) { cursor } }', 'query { viewer { id } }', '{ broken'])(
    'none that is no subscription, which is sent once: %s',
    async (query) => {
      const followed = await follow(({ cut }) => cut(), {}, { query });
      await followed.ended();
      expect(followed.end.failure).toMatchObject({ code: 1006 });
      expect(followed.asked()).toHaveLength(1);
    },
  );

  it('leaves the variables of the app alone', async () => {
    const variables = Object.freeze({ after: 'c0' });
    const followed = await follow(({ item }) => item(upserted('c1')), {}, { variables });
    await eventually('it came', () => followed.items.length > 0);
    expect(variables).toEqual({ after: 'c0' });
  });
});

it('hands a reset on, before what follows it, and continues from its cursor', async () => {
  const seen: unknown[] = [];
  const followed = await follow(
    inTurn(
      (asking) => {
        for (const item of [upserted('c1'), reset('r5')]) asking.item(item);
        asking.close(1012);
      },
      (asking) => asking.item(upserted('c1')),
    ),
    {
      onReset: ({ cursor, reason, request }) =>
        void seen.push({ cursor, reason, had: followed.cursors(), of: request.variables }),
    },
  );
  await eventually('all came', () => followed.items.length === 3);
  expect(seen).toEqual([{ cursor: 'r5', reason: 'CURSOR_EXPIRED', had: ['c1'], of: { after: 'c0' } }]);
  expect(followed.asked()).toEqual(['c0', 'r5']);
  expect(followed.cursors()).toEqual(['c1', 'r5', 'c1']);
});
