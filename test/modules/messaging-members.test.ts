import { type Person, startTestApp, type TestApp } from '../support/app';
import { pick, seeded } from '../support/interleaving';
import {
  add,
  answer,
  friends,
  inbox,
  leave,
  markRead,
  readMessages,
  see,
  send,
  start,
  textsIn,
} from '../support/messaging';
import { attempt, block, deleteAccount, unblock } from '../support/social';
import { relate } from '../support/verbs';

const STEPS = 60;

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

describe('a member', () => {
  it('reads what was sent during the membership, also of the ones before', async () => {
    const dan = await app.person(`${ada.handle}_dan`);
    await relate(app, dan, ada, { following: true });
    const id = await start(app, ada, [bob, cat]);
    await send(app, ada, id, 'before');
    await add(app, ada, id, dan);
    const first = await send(app, bob, id, 'during');
    await leave(app, dan, id);
    expect(await textsIn(app, dan, id)).toBeNull();
    const between = await send(app, bob, id, 'between');
    await add(app, bob, id, dan, cat);
    expect(await inbox(app, dan)).toEqual({ conversations: [], requests: [id], unread: 0 });
    await answer(app, dan, id, true);
    expect(await see(app, dan, id)).toMatchObject({ unreadCount: 0, lastReadMessage: { id: first.id } });
    await send(app, ada, id, 'again');
    expect(await textsIn(app, dan, id)).toEqual(['during', 'again']);
    expect((await readMessages(app, dan, id, { first: 1, after: first.cursor }))?.nodes[0]?.text).toBe('again');
    expect((await readMessages(app, dan, id, { last: 1, before: between.cursor }))?.nodes[0]?.text).toBe('during');
    expect((await see(app, dan, id))?.unreadCount).toBe(1);
    expect(await attempt(app, dan, 'markRead', { conversationId: id, upToMessageId: between.id })).toBe('NOT_FOUND');
    expect(await textsIn(app, ada, id)).toEqual(['before', 'during', 'between', 'again']);
  });

  it('who comes and goes while nothing is said reads each message once', async () => {
    const id = await start(app, ada, [bob, cat]);
    for (let n = 0; n < 3; n += 1) {
      await leave(app, bob, id);
      await add(app, ada, id, bob);
    }
    await send(app, ada, id, 'once');
    expect(await textsIn(app, bob, id)).toEqual(['once']);
    expect((await see(app, ada, id))?.participants.nodes).toHaveLength(3);
  });

  it('who has left a conversation of two is back in it with the next message', async () => {
    const id = await start(app, ada, [bob]);
    await send(app, ada, id, 'old');
    await leave(app, bob, id);
    expect(await inbox(app, bob)).toEqual({ conversations: [], requests: [], unread: 0 });
    expect((await see(app, ada, id))?.participants.nodes).toHaveLength(2);
    await send(app, ada, id, 'new');
    expect(await inbox(app, bob)).toEqual({ conversations: [id], requests: [], unread: 1 });
    expect(await textsIn(app, bob, id)).toEqual(['old', 'new']);
    await leave(app, bob, id);
    expect(await start(app, bob, [ada])).toBe(id);
    expect((await inbox(app, bob)).conversations).toEqual([id]);
  });
});

describe('a request', () => {
  let eve: Person;

  beforeEach(async () => {
    eve = await app.person(`${ada.handle}_eve`);
  });

  it('stands in its own list and in no badge until it is accepted', async () => {
    const id = await start(app, eve, [ada]);
    await send(app, eve, id, 'Hi');
    expect(await inbox(app, ada)).toEqual({ conversations: [], requests: [id], unread: 0 });
    expect(await inbox(app, eve)).toMatchObject({ conversations: [id], requests: [] });
    expect(await see(app, ada, id)).toMatchObject({ requested: true, unreadCount: 1 });
    await answer(app, ada, id, true);
    expect(await inbox(app, ada)).toEqual({ conversations: [id], requests: [], unread: 1 });
    expect(await attempt(app, ada, 'answerMessageRequest', { conversationId: id, accept: true })).toBe('NOT_FOUND');
  });

  it('is accepted by writing into it', async () => {
    const id = await start(app, eve, [ada]);
    await send(app, eve, id, 'Hi');
    await send(app, ada, id, 'Hello');
    expect(await inbox(app, ada)).toEqual({ conversations: [id], requests: [], unread: 1 });
  });

  it('that is declined is hidden, without its sender learning it, until the recipient writes', async () => {
    const id = await start(app, eve, [ada]);
    const before = await see(app, eve, id);
    await answer(app, ada, id, false);
    await send(app, eve, id, 'Hello?');
    expect(await inbox(app, ada)).toEqual({ conversations: [], requests: [], unread: 0 });
    expect(await see(app, ada, id)).toBeNull();
    expect(await attempt(app, ada, 'sendMessage', { conversationId: id, text: 'Hm' })).toBe('NOT_FOUND');
    expect(await see(app, eve, id)).toEqual({ ...before, lastReadMessage: { id: expect.any(String) } });
    expect(await start(app, eve, [ada])).toBe(id);
    expect((await inbox(app, ada)).requests).toEqual([]);
    expect(await start(app, ada, [eve])).toBe(id);
    await send(app, ada, id, 'Well then');
    expect(await inbox(app, ada)).toEqual({ conversations: [id], requests: [], unread: 1 });
    expect(await textsIn(app, ada, id)).toEqual(['Hello?', 'Well then']);
  });

  it('into a group is made of those who do not follow whoever starts it', async () => {
    await relate(app, bob, eve, { following: true });
    const id = await start(app, eve, [ada, bob]);
    expect([(await inbox(app, ada)).requests, (await inbox(app, bob)).conversations]).toEqual([[id], [id]]);
    const forbidden = { conversationId: id, title: 'Mine' };
    expect(await attempt(app, ada, 'updateConversation', forbidden)).toBe('FORBIDDEN');
    expect(await attempt(app, ada, 'addParticipants', { conversationId: id, userIds: [cat.id] })).toBe('FORBIDDEN');
    await answer(app, ada, id, false);
    expect((await see(app, eve, id))?.participants.nodes).toHaveLength(3);
    await add(app, eve, id, ada);
    expect((await inbox(app, ada)).requests).toEqual([]);
    await add(app, bob, id, ada);
    expect((await inbox(app, ada)).conversations).toEqual([id]);
    await send(app, eve, id, 'once');
    expect(await textsIn(app, ada, id)).toEqual(['once']);
  });
});

describe('a block', () => {
  it('takes the conversation of the two away from both while it lasts', async () => {
    const id = await start(app, ada, [bob]);
    const { id: messageId } = await send(app, ada, id, 'Hi');
    await block(app, bob, ada);
    for (const each of [ada, bob]) {
      expect(await see(app, each, id)).toBeNull();
      expect(await inbox(app, each)).toEqual({ conversations: [], requests: [], unread: 0 });
      expect(await attempt(app, each, 'sendMessage', { conversationId: id, text: 'Hi' })).toBe('NOT_FOUND');
      expect(await attempt(app, each, 'deleteNode', { id: messageId })).toBe('NOT_FOUND');
    }
    expect(await attempt(app, ada, 'startConversation', { participantIds: [bob.id] })).toBe('NOT_FOUND');
    expect(await attempt(app, bob, 'startConversation', { participantIds: [ada.id] })).toBe('BLOCKED');
    expect(await attempt(app, bob, 'startConversation', { participantIds: [ada.id, cat.id] })).toBe('BLOCKED');
    const group = await start(app, cat, [ada]);
    expect(group).not.toBe(id);
    await unblock(app, bob, ada);
    for (const each of [ada, bob]) expect(await textsIn(app, each, id)).toEqual(['Hi']);
    expect((await inbox(app, bob)).unread).toBe(1);
  });

  it('hides in a group what each of the two writes, and either, from the other', async () => {
    const id = await start(app, ada, [bob, cat]);
    for (const each of [ada, bob, cat]) await send(app, each, id, each === ada ? 'a' : each === bob ? 'b' : 'c');
    await block(app, ada, bob);
    await send(app, bob, id, 'b2');
    const views = await Promise.all(
      [ada, bob, cat].map(async (each) => {
        const seen = await see(app, each, id);
        return [(await textsIn(app, each, id))?.join(), seen?.participants.nodes.length, seen?.unreadCount];
      }),
    );
    expect(views).toEqual([
      ['a,c', 2, 1],
      ['b,c,b2', 2, 1],
      ['a,b,c,b2', 3, 3],
    ]);
    await unblock(app, ada, bob);
    expect([await textsIn(app, ada, id), (await see(app, ada, id))?.unreadCount]).toEqual([['a', 'b', 'c', 'b2'], 3]);
  });

  it('like a deleted account leaves the rest of a group as it was', async () => {
    const id = await start(app, ada, [bob, cat]);
    for (const each of [bob, cat]) await send(app, each, id, each.handle);
    await deleteAccount(app, bob);
    expect(await textsIn(app, ada, id)).toEqual([cat.handle]);
    expect(await see(app, ada, id)).toMatchObject({ unreadCount: 1 });
  });
});

describe('what is unread', () => {
  it('is marked up to a message, never back, and answered with the badge', async () => {
    const id = await start(app, ada, [bob]);
    const sent = [await send(app, ada, id), await send(app, ada, id), await send(app, ada, id)];
    expect((await see(app, bob, id))?.unreadCount).toBe(3);
    await markRead(app, bob, id, sent[1]?.id ?? '');
    await markRead(app, bob, id, sent[0]?.id ?? '');
    expect(await see(app, bob, id)).toMatchObject({ unreadCount: 1, lastReadMessage: { id: sent[1]?.id } });
    const document = `mutation Mark($input: MarkReadInput!) { markRead(input: $input) {
      badges { unreadConversations asOf } conversation { unreadCount } userErrors { code } } }`;
    const input = { conversationId: id, upToMessageId: sent[2]?.id };
    const { markRead: payload } = await app.ok(document, { input }, bob);
    expect(payload).toMatchObject({ badges: { unreadConversations: 0 }, conversation: { unreadCount: 0 } });
    const elsewhere = await start(app, ada, [cat]);
    expect(await attempt(app, ada, 'markRead', { ...input, conversationId: elsewhere })).toBe('NOT_FOUND');
  });

  it('leaves out what oneself wrote, and keeps what one has not seen while writing', async () => {
    const id = await start(app, ada, [bob]);
    await send(app, ada, id);
    expect(await see(app, ada, id)).toMatchObject({ unreadCount: 0, lastReadMessage: { id: expect.any(String) } });
    await send(app, bob, id);
    expect((await see(app, bob, id))?.unreadCount).toBe(1);
    expect((await inbox(app, bob)).unread).toBe(1);
  });

  it('equals what the list shows, whatever happens in a group', async () => {
    const random = seeded(20_261_122);
    const trio = [ada, bob, cat];
    const id = await start(app, ada, [bob, cat]);
    const sent: { id: string; by: Person }[] = [];
    const steps: (() => Promise<unknown>)[] = [
      ...Array(5).fill(async () => {
        const by = pick(random, trio);
        if (await see(app, by, id)) sent.push({ by, ...(await send(app, by, id)) });
      }),
      async () => {
        const one = sent.splice(Math.floor(random() * sent.length), 1)[0];
        if (one && (await see(app, one.by, id))) await attempt(app, one.by, 'deleteNode', { id: one.id });
      },
      async () => {
        const by = pick(random, trio);
        const page = await readMessages(app, by, id);
        if (page && page.nodes.length > 0) await markRead(app, by, id, pick(random, page.nodes).id);
      },
      async () => relate(app, bob, cat, { blocking: random() < 0.5 }),
      async () => {
        if (!(await see(app, cat, id))) return add(app, ada, id, cat);
        if (random() < 0.5) return leave(app, cat, id);
      },
    ];
    for (let n = 0; n < STEPS; n += 1) {
      await pick(random, steps)();
      await Promise.all(trio.map(async (viewer) => expect([n, await unreadAsSaid(viewer, id)]).toEqual([n, true])));
    }
  });

  /** Whether the counts that a viewer is told are what the list of messages shows. */
  async function unreadAsSaid(viewer: Person, id: string): Promise<boolean> {
    const document = `query All($id: ID!) { viewer { badges { unreadConversations } } node(id: $id) { ... on Conversation {
      requested unreadCount lastReadMessage { id } messages(last: 100) { nodes { id deleted sender { id } } } } } }`;
    const { node, viewer: own } = await app.ok(document, { id }, viewer);
    const { unreadConversations } = own.badges;
    if (!node) return unreadConversations === 0;
    const messages: { id: string; deleted: boolean; sender: { id: string } }[] = node.messages.nodes;
    const read = messages.findIndex((message) => message.id === node.lastReadMessage?.id);
    const unread = messages.slice(read + 1).filter(({ sender, deleted }) => sender.id !== viewer.id && !deleted).length;
    return node.unreadCount === unread && unreadConversations === (unread > 0 && !node.requested ? 1 : 0);
  }

  it('stands in the change log behind the place up to which badges are true', async () => {
    const id = await start(app, ada, [bob]);
    const ask = `query Badges { viewer { badges { asOf unreadConversations } } }`;
    const { badges } = (await app.ok(ask, {}, bob)).viewer;
    expect(badges.unreadConversations).toBe(0);
    await send(app, ada, id);
    const page = `query Behind($after: Cursor) { viewer { sync(after: $after) { changes { __typename
      ... on NodeUpserted { scope node { __typename ... on Message { text } } } } } } }`;
    const { changes } = (await app.ok(page, { after: badges.asOf }, bob)).viewer.sync;
    expect(changes).toEqual([
      { __typename: 'NodeUpserted', scope: 'MESSAGES', node: { __typename: 'Message', text: 'Hello' } },
    ]);
  });
});
