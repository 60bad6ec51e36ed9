import { type Person, startTestApp, type TestApp } from '../support/app';
import { acquaint, send, start } from '../support/messaging';
import { sentTexts, watchStatements } from '../support/sent-statements';
import { crowd } from '../support/verbs';

const CONVERSATIONS = 20;
const SIZES = [1, 5, 20];
/** The list, the messages, their senders, the people, what is unread and what is read. */
const LIST_BUDGET = 6;
/** Begin, session, key, conversation, seq, message, members, log, result, commit; and what is answered. */
const SEND_BUDGET = 13;

let app: TestApp;
let viewer: Person;
let others: Person[];
let queries: ReturnType<typeof watchStatements>;

beforeAll(async () => {
  app = await startTestApp();
  viewer = await app.person('viewer');
  others = await crowd(app, 'other', CONVERSATIONS);
  await acquaint(app, viewer, ...others);
  await Promise.all(
    others.map(async (other, i) => {
      const id = await start(app, viewer, i % 2 ? [other] : [other, others[(i + 1) % CONVERSATIONS] as Person]);
      for (let n = 0; n < 3; n += 1) await send(app, n % 2 ? viewer : other, id, `Message ${n}`);
    }),
  );
  // What they read and write would be counted.
  await app.jobsDone();
  queries = watchStatements();
});
afterAll(async () => {
  queries.mockRestore();
  await app.close();
});

/** Runs an operation as the viewer; answers its data and the statements it took, by the log and by the driver. */
async function measure(name: string, document: string, variables: object) {
  queries.mockClear();
  const data = await app.ok(document, variables, viewer);
  const sent = sentTexts(queries).length;
  expect([name, app.statementsOf(name)]).toEqual([name, sent]);
  return { data, statements: sent };
}

describe('the statements of a page', () => {
  it.each(['conversations', 'messageRequests'])('are the same for %s of any length', async (field) => {
    const document = `query List($first: Int!) { viewer { ${field}(first: $first) { edges { cursor node {
      id kind title muted requested lastActivityAt unreadCount lastReadMessage { id text sender { name } }
      messages(last: 3) { edges { cursor node { id text sender { id name } conversation { id } } } pageInfo { hasPreviousPage } }
      participants(first: 10) { nodes { id name } }
    } } pageInfo { hasNextPage endCursor } } } }`;
    if (field === 'messageRequests') {
      await app.sql.query(`UPDATE conversation_members SET state = 'requested' WHERE user_id = $1`, [viewer.uuid]);
    }
    const costs: number[] = [];
    for (const first of SIZES) {
      const { data, statements } = await measure('List', document, { first });
      expect(data.viewer[field].edges).toHaveLength(first);
      for (const { node } of data.viewer[field].edges) expect(node.messages.edges).toHaveLength(3);
      costs.push(statements);
    }
    expect(costs).toEqual(SIZES.map(() => costs[0]));
    expect(costs[0]).toBeLessThanOrEqual(LIST_BUDGET);
    await app.sql.query(`UPDATE conversation_members SET state = 'active' WHERE user_id = $1`, [viewer.uuid]);
  });

  it('are two for the badges, whatever there is to read', async () => {
    const document = 'query Badges { viewer { badges { unreadConversations asOf } } }';
    const { data, statements } = await measure('Badges', document, {});
    expect([data.viewer.badges.unreadConversations, statements]).toEqual([CONVERSATIONS, 2]);
  });

  it('are the same for a message, however many are in the group', async () => {
    const document = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) {
      messageEdge { node { id } } conversation { unreadCount } userErrors { code } } }`;
    const costs: number[] = [];
    for (const size of [2, CONVERSATIONS]) {
      const id = await start(app, viewer, others.slice(0, size));
      const input = { conversationId: id, text: 'Hi', clientMutationId: id };
      costs.push((await measure('Send', document, { input })).statements);
    }
    expect(costs).toEqual([SEND_BUDGET, SEND_BUDGET]);
  });
});
