import { encodeId, newId } from '../../../src/kernel/ids';
import { type GraphqlAnswer, type Person, startTestApp, type TestApp } from '../../support/app';
import { connectLive } from '../../support/live';
import { acquaint, add, answer, leave, send, start } from '../../support/messaging';
import { block, deleteAccount, outcomeOf } from '../../support/social';
import { documentOf, type MutationName, people } from '../../support/verbs';

describe('what is hidden in conversations is answered as what does not exist, byte for byte', () => {
  let app: TestApp;
  let viewer: Person;
  let friend: Person;
  /** A conversation that the viewer may see, with a message in it. */
  let open: { readonly id: string; readonly messageId: string };
  let conversations: Record<string, string>;
  let messages: Record<string, string>;

  beforeAll(async () => {
    app = await startTestApp();
    const cast = await people(app, 'viewer', 'friend', 'other', 'enemy', 'foe', 'gone', 'stranger');
    ({ viewer, friend } = cast);
    const { other, enemy, foe, gone, stranger } = cast;
    await acquaint(app, viewer, friend, other, enemy, foe, gone);
    const group = await start(app, friend, [enemy, foe, gone]);
    const early = (await send(app, friend, group)).id;
    await add(app, friend, group, viewer);
    const seen = (await send(app, friend, group)).id;
    const late: Record<string, string> = {};
    await leave(app, viewer, group);
    const between = (await send(app, friend, group)).id;
    await add(app, friend, group, viewer);
    for (const [name, by] of Object.entries({ enemy, foe, gone })) late[name] = (await send(app, by, group)).id;
    open = { id: group, messageId: seen };

    const left = await start(app, viewer, [friend, other]);
    const declined = await start(app, stranger, [viewer]);
    const made = {
      'a conversation of others': await start(app, friend, [other]),
      'a group that the viewer has left': left,
      'a request that the viewer has declined': declined,
      'a conversation with somebody who blocked the viewer': await start(app, viewer, [enemy]),
      'a conversation with somebody whom the viewer blocked': await start(app, viewer, [foe]),
    };
    const within: Record<string, string> = {};
    const writers = [friend, friend, stranger, viewer, viewer];
    for (const [i, [name, id]] of Object.entries(made).entries()) {
      within[`a message in ${name}`] = (await send(app, writers[i] as Person, id)).id;
    }
    await leave(app, viewer, left);
    await answer(app, viewer, declined, false);
    await block(app, enemy, viewer);
    await block(app, viewer, foe);
    await deleteAccount(app, gone);
    conversations = made;
    messages = {
      ...within,
      'a message from before the viewer came': early,
      'a message from while the viewer was away': between,
      'a message by somebody who blocked the viewer': String(late['enemy']),
      'a message by somebody whom the viewer blocked': String(late['foe']),
      'a message by a deleted account': String(late['gone']),
    };
  });
  afterAll(() => app.close());

  /** Sends the same operation about the hidden id and about one that nobody has; both bodies must be equal. */
  async function expectAlike(id: string, ask: (id: string) => Promise<GraphqlAnswer>): Promise<GraphqlAnswer> {
    const absentId = encodeId(id.split('_')[0] as string, newId());
    const [hidden, absent] = [await ask(id), await ask(absentId)];
    expect(hidden.status).toBe(absent.status);
    expect(hidden.text.replaceAll(id, '<id>')).toBe(absent.text.replaceAll(absentId, '<id>'));
    return hidden;
  }

  const hidden = () => Object.values({ ...conversations, ...messages });

  it('to who reads them, also without signing in', async () => {
    for (const as of [viewer, null]) {
      for (const id of [...hidden(), ...(as ? [] : [open.id, open.messageId])]) {
        const one = (each: string) =>
          app.query('query A($id: ID!) { node(id: $id) { __typename id } }', { id: each }, as);
        const many = (each: string) =>
          app.query('query B($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: [each, friend.id] }, as);
        expect((await expectAlike(id, one)).data).toEqual({ node: null });
        expect((await expectAlike(id, many)).data.nodes[0]).toBeNull();
      }
    }
  });

  it('to who reads lists', async () => {
    const document = `{ viewer { conversations { nodes { id messages { nodes { id } } } } messageRequests { nodes { id } } } }`;
    const { text } = await app.query(document, {}, viewer);
    for (const id of hidden()) expect(text).not.toContain(id);
    for (const id of Object.values(open)) expect(text).toContain(id);
  });

  it.each<[string, MutationName, (id: string) => object]>([
    ['writes', 'sendMessage', (conversationId) => ({ conversationId, text: 'Hi' })],
    [
      'writes under an id',
      'sendMessage',
      (conversationId) => ({ conversationId, text: 'Hi', id: encodeId('message', newId()) }),
    ],
    ['names it', 'updateConversation', (conversationId) => ({ conversationId, title: 'Mine' })],
    [
      'names an old version',
      'updateConversation',
      (conversationId) => ({ conversationId, title: 'Mine', ifVersion: 9 }),
    ],
    ['mutes it', 'updateConversation', (conversationId) => ({ conversationId, muted: true })],
    ['brings people in', 'addParticipants', (conversationId) => ({ conversationId, userIds: [friend.id] })],
    ['leaves it', 'leaveConversation', (conversationId) => ({ conversationId })],
    ['accepts it', 'answerMessageRequest', (conversationId) => ({ conversationId, accept: true })],
    ['declines it', 'answerMessageRequest', (conversationId) => ({ conversationId, accept: false })],
    ['has read it', 'markRead', (conversationId) => ({ conversationId, upToMessageId: open.messageId })],
  ])('to who %s', async (_what, name, input) => {
    for (const id of Object.values(conversations)) {
      const answered = await expectAlike(id, (each) => app.query(documentOf(name), { input: input(each) }, viewer));
      expect(outcomeOf(answered, name)).toBe('NOT_FOUND');
    }
  });

  it.each<[string, MutationName, (id: string) => object]>([
    ['edits a message', 'updateMessage', (id) => ({ id, text: 'Rewritten' })],
    ['edits a version that no message has', 'updateMessage', (id) => ({ id, text: 'Rewritten', ifVersion: 7 })],
    ['edits a message badly', 'updateMessage', (id) => ({ id, text: '' })],
    ['deletes a message', 'deleteNode', (id) => ({ id })],
    ['has read a message', 'markRead', (upToMessageId) => ({ conversationId: open.id, upToMessageId })],
  ])('to who %s', async (_what, name, input) => {
    for (const id of Object.values(messages)) {
      const answered = await expectAlike(id, (each) => app.query(documentOf(name), { input: input(each) }, viewer));
      expect(outcomeOf(answered, name)).toBe('NOT_FOUND');
    }
  });

  it('to who says to be typing', async () => {
    for (const id of Object.values(conversations)) {
      const input = (conversationId: string) => ({ input: { conversationId } });
      const answered = await expectAlike(id, (each) => app.query(documentOf('setTyping'), input(each), viewer));
      expect(outcomeOf(answered, 'setTyping')).toBe('OK');
    }
  });

  it('to who asks people into a conversation', async () => {
    const input = (userId: string) => ({ input: { participantIds: [userId, friend.id] } });
    const ask = (each: string) => app.query(documentOf('startConversation'), input(each), viewer);
    const { rows } = await app.sql.query(`SELECT id FROM users WHERE handle IN ('enemy', 'gone')`);
    for (const { id } of rows)
      expect(outcomeOf(await expectAlike(encodeId('user', id), ask), 'startConversation')).toBe('NOT_FOUND');
  });

  it.each(['messageAdded', 'typing'])('to who follows %s', async (field) => {
    const live = connectLive(app, viewer);
    const document = `subscription Watch($id: ID!) { ${field}(conversationId: $id) { __typename } }`;
    const refusal = async (id: string) => JSON.stringify(await live.subscribe(document, { id }).next());
    const absent = await refusal(encodeId('conversation', newId()));
    expect(absent).toContain('NOT_FOUND');
    for (const id of Object.values(conversations)) expect(await refusal(id)).toBe(absent);
    await live.close();
  });
});
