import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { add, friends, inbox, leave, see, send, start } from '../support/messaging';
import { attempt } from '../support/social';
import { crowd, mutate } from '../support/verbs';

let app: TestApp;
let ada: Person;
let bob: Person;
let cat: Person;

beforeAll(async () => {
  app = await startTestApp({ env: { CONVERSATION_MEMBERS_MAX: '4' } });
});
beforeEach(async () => {
  [ada, bob, cat] = await friends(app);
});
afterAll(() => app.close());

describe('a conversation', () => {
  it('of two is the one of the pair, whoever starts it and however often', async () => {
    const id = await start(app, ada, [bob]);
    expect(await start(app, bob, [ada])).toBe(id);
    expect(await start(app, ada, [bob, ada, bob])).toBe(id);
    expect(await see(app, bob, id)).toMatchObject({ title: null, requested: false, muted: false, unreadCount: 0 });
  });

  it('of two is one when both start it at the same time', async () => {
    const starters = Array.from({ length: 12 }, (_, i) => (i % 2 ? start(app, ada, [bob]) : start(app, bob, [ada])));
    expect(new Set(await Promise.all(starters)).size).toBe(1);
    const { rows } = await app.sql.query('SELECT count(*)::int AS n FROM conversation_members WHERE user_id = $1', [
      ada.uuid,
    ]);
    expect(rows[0].n).toBe(1);
  });

  it('of more is a new one each time, with a title if it is given one', async () => {
    const id = await start(app, ada, [bob, cat], 'Trip');
    expect(await start(app, ada, [bob, cat])).not.toBe(id);
    const seen = await see(app, cat, id);
    expect(seen).toMatchObject({ title: 'Trip', version: 1 });
    expect(seen?.participants.nodes.map(({ handle }) => handle).sort()).toEqual(
      [ada, bob, cat].map(({ handle }) => handle).sort(),
    );
  });

  it.each([
    ['nobody else', () => ({ participantIds: [ada.id] }), 'INVALID'],
    ['nobody', () => ({ participantIds: [] }), 'INVALID'],
    ['somebody who is not there', () => ({ participantIds: [bob.id, encodeId('user', newId())] }), 'NOT_FOUND'],
    ['what is no person', () => ({ participantIds: [encodeId('post', newId())] }), 'INVALID'],
    ['two and a title', () => ({ participantIds: [bob.id], title: 'Us' }), 'INVALID'],
    ['a title of spaces', () => ({ participantIds: [bob.id, cat.id], title: '  ' }), 'INVALID'],
  ])('cannot be started with %s', async (_what, input, code) => {
    expect(await attempt(app, ada, 'startConversation', input())).toBe(code);
  });

  it('has room for as many as the service is told, whoever counts', async () => {
    const [dan, eve] = await crowd(app, `${ada.handle}_extra`, 2);
    const everybody = [bob, cat, dan, eve] as Person[];
    expect(await attempt(app, ada, 'startConversation', { participantIds: everybody.map(({ id }) => id) })).toBe(
      'INVALID',
    );
    const id = await start(app, ada, [bob, cat]);
    const extra = { conversationId: id, userIds: [dan?.id, eve?.id] };
    expect(await attempt(app, ada, 'addParticipants', extra)).toBe('INVALID');
    await add(app, ada, id, dan as Person);
    expect(await attempt(app, ada, 'addParticipants', { ...extra, userIds: [eve?.id] })).toBe('INVALID');
    await leave(app, cat, id);
    await add(app, ada, id, eve as Person);
  });

  it('keeps an id that the app made, and refuses one that is taken', async () => {
    const id = encodeId('conversation', newId());
    const input = { id, participantIds: [bob.id, cat.id] };
    const payload = await mutate(app, ada, 'startConversation', input, 'conversation { id }');
    expect(payload.conversation.id).toBe(id);
    expect(await attempt(app, ada, 'startConversation', input)).toBe('CONFLICT');
    expect(await attempt(app, bob, 'startConversation', { id, participantIds: [cat.id] })).toBe('CONFLICT');
  });

  it('is not there for anybody else', async () => {
    const id = await start(app, ada, [bob]);
    const { id: messageId } = await send(app, ada, id);
    for (const stranger of [cat, null]) {
      expect(await see(app, stranger, id)).toBeNull();
      expect((await app.ok('query N($id: ID!) { node(id: $id) { id } }', { id: messageId }, stranger)).node).toBeNull();
    }
    const attempts = {
      sendMessage: { conversationId: id, text: 'Hi' },
      updateConversation: { conversationId: id, muted: true },
      addParticipants: { conversationId: id, userIds: [cat.id] },
      leaveConversation: { conversationId: id },
      answerMessageRequest: { conversationId: id, accept: true },
      markRead: { conversationId: id, upToMessageId: messageId },
      updateMessage: { id: messageId, text: 'Mine' },
      deleteNode: { id: messageId },
    } as const;
    for (const [name, input] of Object.entries(attempts)) {
      expect([name, await attempt(app, cat, name as keyof typeof attempts, input)]).toEqual([name, 'NOT_FOUND']);
    }
  });

  it('is named by anybody in a group, which ifVersion guards, and muted by each for themselves', async () => {
    const id = await start(app, ada, [bob, cat]);
    const named = await mutate(
      app,
      bob,
      'updateConversation',
      { conversationId: id, title: ' Trip ', ifVersion: 1 },
      'conversation { title version }',
    );
    expect(named.conversation).toEqual({ title: 'Trip', version: 2 });
    expect(await attempt(app, cat, 'updateConversation', { conversationId: id, title: 'Late', ifVersion: 1 })).toBe(
      'CONFLICT',
    );
    await mutate(app, cat, 'updateConversation', { conversationId: id, muted: true });
    expect(await see(app, cat, id)).toMatchObject({ title: 'Trip', muted: true, version: 2 });
    expect(await see(app, ada, id)).toMatchObject({ muted: false });
    await mutate(app, ada, 'updateConversation', { conversationId: id, title: null });
    expect(await see(app, ada, id)).toMatchObject({ title: null, version: 3 });
    const direct = await start(app, ada, [bob]);
    expect(await attempt(app, ada, 'updateConversation', { conversationId: direct, title: 'Us' })).toBe('INVALID');
    expect(await attempt(app, ada, 'addParticipants', { conversationId: direct, userIds: [cat.id] })).toBe('INVALID');
  });

  it('moves to the front of its people’s lists with each message', async () => {
    const ids = [await start(app, ada, [bob]), await start(app, ada, [cat]), await start(app, ada, [bob, cat])];
    for (const id of [ids[1], ids[0], ids[2], ids[0]]) await send(app, ada, id as string);
    expect((await inbox(app, ada)).conversations).toEqual([ids[0], ids[2], ids[1]]);
    const page = `query Page($after: String) { viewer { conversations(first: 1, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } }`;
    const seen = [];
    for (let after: string | null = null; ; ) {
      const list: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = (
        await app.ok(page, { after }, ada)
      ).viewer.conversations;
      seen.push(...list.nodes.map(({ id }) => id));
      if (!list.pageInfo.hasNextPage) break;
      after = list.pageInfo.endCursor;
    }
    expect(seen).toEqual([ids[0], ids[2], ids[1]]);
  });
});
