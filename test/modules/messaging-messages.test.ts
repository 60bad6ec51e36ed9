import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { together } from '../support/interleaving';
import { friends, readMessages, send, start, textsIn } from '../support/messaging';
import { attempt } from '../support/social';
import { mutate, remove } from '../support/verbs';

const SENDERS = 50;

let app: TestApp;
let ada: Person;
let bob: Person;
let cat: Person;

beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(async () => {
  [ada, bob, cat] = await friends(app);
});
afterAll(() => app.close());

describe('messages', () => {
  it('count 1, 2, 3 … in the order in which they become visible, under fifty senders at once', async () => {
    const id = await start(app, ada, [bob, cat]);
    const senders = [ada, bob, cat];
    const sent = Array.from({ length: SENDERS }, (_, i) => send(app, senders[i % 3] as Person, id, `Message ${i}`));
    const seqs = (await Promise.all(sent)).map(({ seq }) => seq);
    expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: SENDERS }, (_, i) => i + 1));
    const page = await readMessages(app, bob, id, { last: 100 });
    expect(page?.nodes.map(({ seq }) => seq)).toEqual(Array.from({ length: SENDERS }, (_, i) => i + 1));
  });

  it('are edited and deleted by their sender alone, and stay in their place', async () => {
    const id = await start(app, ada, [bob]);
    const first = await send(app, ada, id, 'Helo');
    await send(app, bob, id, 'Hi');
    expect(await attempt(app, bob, 'updateMessage', { id: first.id, text: 'Mine' })).toBe('FORBIDDEN');
    expect(await attempt(app, bob, 'deleteNode', { id: first.id })).toBe('FORBIDDEN');
    const edit = await mutate(
      app,
      ada,
      'updateMessage',
      { id: first.id, text: 'Hello', ifVersion: 1 },
      'message { text version }',
    );
    expect(edit.message).toEqual({ text: 'Hello', version: 2 });
    expect(await attempt(app, ada, 'updateMessage', { id: first.id, text: 'X', ifVersion: 1 })).toBe('CONFLICT');
    await remove(app, ada, first.id);
    expect(await textsIn(app, bob, id)).toEqual(['(deleted)', 'Hi']);
    expect((await readMessages(app, bob, id))?.nodes[0]).toMatchObject({ seq: 1, text: '', deleted: true });
    expect(await attempt(app, ada, 'updateMessage', { id: first.id, text: 'Back' })).toBe('NOT_FOUND');
    expect(await attempt(app, ada, 'deleteNode', { id: first.id })).toBe('NOT_FOUND');
  });

  it.each([
    ['nothing', ' ', 'INVALID'],
    ['too much', 'x'.repeat(5_001), 'INVALID'],
    ['just enough', 'x'.repeat(5_000), 'OK'],
    ['what cannot be shown', 'a\u202eb', 'INVALID'],
  ])('that say %s are answered so', async (_what, text, code) => {
    const id = await start(app, ada, [bob]);
    expect(await attempt(app, ada, 'sendMessage', { conversationId: id, text })).toBe(code);
  });

  it('are sent once, however often one is sent', async () => {
    const id = await start(app, ada, [bob]);
    const input = { conversationId: id, text: 'Once', clientMutationId: 'once' };
    const payloads = [];
    for (let i = 0; i < 3; i += 1) {
      payloads.push(
        await mutate(app, ada, 'sendMessage', input, 'messageEdge { cursor node { id seq } } conversation { id }'),
      );
    }
    expect(payloads.map(({ replayed }) => replayed)).toEqual([false, true, true]);
    expect(new Set(payloads.map(({ messageEdge }) => JSON.stringify(messageEdge))).size).toBe(1);
    expect(await textsIn(app, bob, id)).toEqual(['Once']);
    expect(await attempt(app, ada, 'sendMessage', { ...input, text: 'Twice' })).toBe('DUPLICATE_KEY_MISMATCH');
  });

  it('have ids that nobody can take a second time, in whatever conversation', async () => {
    const [one, other] = [await start(app, ada, [bob]), await start(app, ada, [cat])];
    const id = encodeId('message', newId());
    const payload = await mutate(
      app,
      ada,
      'sendMessage',
      { id, conversationId: one, text: 'Mine' },
      'messageEdge { node { id } }',
    );
    expect(payload.messageEdge.node.id).toBe(id);
    for (const [sender, conversationId] of [
      [ada, one],
      [bob, one],
      [cat, other],
    ] as const) {
      expect(await attempt(app, sender, 'sendMessage', { id, conversationId, text: 'Also' })).toBe('CONFLICT');
    }
  });

  it('come in pages from both ends, which meet while people write', async () => {
    const id = await start(app, ada, [bob]);
    for (let n = 1; n <= 25; n += 1) await send(app, ada, id, String(n));
    const writing = together(2, 20, () => send(app, bob, id, 'more'));
    const forward: number[] = [];
    for (let after: string | null = null; ; ) {
      const page = await readMessages(app, bob, id, { first: 7, after });
      forward.push(...(page?.nodes.map(({ seq }) => seq) ?? []));
      if (!page?.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    const newest = await readMessages(app, bob, id, { last: 7 });
    const backward: number[] = [...(newest?.nodes.map(({ seq }) => seq) ?? [])];
    for (let page = newest; page?.pageInfo.hasPreviousPage; ) {
      page = await readMessages(app, bob, id, { last: 7, before: page.pageInfo.startCursor });
      backward.unshift(...(page?.nodes.map(({ seq }) => seq) ?? []));
    }
    await writing;
    for (const read of [forward, backward]) {
      expect(read.length).toBeGreaterThanOrEqual(25);
      expect(read).toEqual(read.map((_, i) => i + 1));
    }
  });

  it('know what lies before and behind a page', async () => {
    const id = await start(app, ada, [bob]);
    const cursors = [];
    for (let n = 1; n <= 5; n += 1) cursors.push((await send(app, ada, id, String(n))).cursor);
    const window = async (args: object) => {
      const page = await readMessages(app, ada, id, args);
      const { hasPreviousPage, hasNextPage } = page?.pageInfo ?? {};
      return [page?.nodes.map(({ text }) => text).join(''), hasPreviousPage, hasNextPage];
    };
    expect(await window({ first: 2 })).toEqual(['12', false, true]);
    expect(await window({ last: 2 })).toEqual(['45', true, false]);
    expect(await window({})).toEqual(['12345', false, false]);
    expect(await window({ last: 5 })).toEqual(['12345', false, false]);
    expect(await window({ first: 2, after: cursors[1] })).toEqual(['34', true, true]);
    expect(await window({ first: 2, after: cursors[2] })).toEqual(['45', true, false]);
    expect(await window({ last: 2, before: cursors[3] })).toEqual(['23', true, true]);
    expect(await window({ last: 3, before: cursors[3] })).toEqual(['123', false, true]);
    expect(await window({ last: 2, after: cursors[0], before: cursors[4] })).toEqual(['34', true, true]);
    expect(await window({ first: 2, after: cursors[0], before: cursors[4] })).toEqual(['23', true, true]);
    expect(await window({ last: 2, before: cursors[0] })).toEqual(['', false, true]);
  });

  it.each([{ first: 1, last: 1 }, { last: 0 }, { last: 101 }, { first: 0 }, { last: -1 }, { before: 'x' }])(
    'are not given out for %j',
    async (args) => {
      const id = await start(app, ada, [bob]);
      const document = `query Bad($id: ID!, $first: Int, $last: Int, $before: String) { node(id: $id) {
        ... on Conversation { messages(first: $first, last: $last, before: $before) { nodes { id } } } } }`;
      const { errors } = await app.query(document, { id, ...args }, ada);
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    },
  );
});
