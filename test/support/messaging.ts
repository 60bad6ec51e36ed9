import type { Person, TestApp } from './app';
import { crowd, type MutationName, mutate } from './verbs';

/** What people do in conversations, one call each, through the public API. */

/** A message as tests look at it. */
export interface Message {
  readonly id: string;
  readonly seq: number;
  readonly text: string;
  readonly deleted: boolean;
  readonly sender: { readonly id: string };
}

export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

export interface TwoWayArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export const PAGE_INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

/** Starts a conversation; answers its id. With one other person it is the pair's. */
export async function start(app: TestApp, by: Person, others: readonly Person[], title?: string): Promise<string> {
  const input = { participantIds: others.map(({ id }) => id), ...(title && { title }) };
  return (await done(app, by, 'startConversation', input, 'conversation { id }')).conversation.id;
}

/** Sends a message; answers its id and its cursor in the conversation's list. */
export async function send(
  app: TestApp,
  by: Person,
  conversationId: string,
  text = 'Hello',
): Promise<{ id: string; cursor: string; seq: number }> {
  const payload = await done(
    app,
    by,
    'sendMessage',
    { conversationId, text },
    'messageEdge { cursor node { id seq } }',
  );
  return { cursor: payload.messageEdge.cursor, ...payload.messageEdge.node };
}

export async function markRead(app: TestApp, by: Person, conversationId: string, upToMessageId: string): Promise<void> {
  await done(app, by, 'markRead', { conversationId, upToMessageId });
}

export async function leave(app: TestApp, by: Person, conversationId: string): Promise<void> {
  await done(app, by, 'leaveConversation', { conversationId });
}

export async function add(app: TestApp, by: Person, conversationId: string, ...people: Person[]): Promise<void> {
  await done(app, by, 'addParticipants', { conversationId, userIds: people.map(({ id }) => id) });
}

export async function answer(app: TestApp, by: Person, conversationId: string, accept: boolean): Promise<void> {
  await done(app, by, 'answerMessageRequest', { conversationId, accept });
}

let trios = 0;

/** Three people who follow each other and have never talked. */
export async function friends(app: TestApp): Promise<[Person, Person, Person]> {
  trios += 1;
  const trio = (await crowd(app, `friend${trios}_`, 3)) as [Person, Person, Person];
  await acquaint(app, ...trio);
  return trio;
}

/** Everybody follows everybody, so that nobody has to be asked; without the cost of the mutations. */
export async function acquaint(app: TestApp, ...people: Person[]): Promise<void> {
  await app.sql.query(
    `WITH made AS (
       INSERT INTO follows (follower_id, followee_id, state, created_at)
       SELECT a, b, 'accepted', now() FROM unnest($1::uuid[]) a, unnest($1::uuid[]) b WHERE a <> b)
     INSERT INTO relationship_counters (user_id, followers, following)
     SELECT a, cardinality($1::uuid[]) - 1, cardinality($1::uuid[]) - 1 FROM unnest($1::uuid[]) a`,
    [people.map(({ uuid }) => uuid)],
  );
}

/** A page of a conversation's messages; null when it is not there. */
export async function readMessages(
  app: TestApp,
  as: Person | null,
  id: string,
  args: TwoWayArguments = { last: 100 },
): Promise<Page<Message> | null> {
  const document = `query Messages($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) { ... on Conversation { messages(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id seq text deleted sender { id } } } nodes { id seq text deleted sender { id } } ${PAGE_INFO} } } }
  }`;
  return (await app.ok(document, { id, ...args }, as)).node?.messages ?? null;
}

/** What a viewer reads in a conversation, oldest first; null when it is not there. */
export async function textsIn(app: TestApp, as: Person | null, id: string): Promise<string[] | null> {
  return (await readMessages(app, as, id))?.nodes.map(({ text, deleted }) => (deleted ? '(deleted)' : text)) ?? null;
}

export interface Seen {
  readonly id: string;
  readonly title: string | null;
  readonly requested: boolean;
  readonly muted: boolean;
  readonly version: number;
  readonly unreadCount: number;
  readonly lastReadMessage: { readonly id: string } | null;
  readonly participants: { readonly nodes: readonly { readonly handle: string }[] };
}

const SEEN = 'id title requested muted version unreadCount lastReadMessage { id } participants { nodes { handle } }';

/** A conversation as somebody sees it; null when it is not there. */
export async function see(app: TestApp, as: Person | null, id: string): Promise<Seen | null> {
  const document = `query See($id: ID!) { node(id: $id) { ... on Conversation { ${SEEN} } } }`;
  return (await app.ok(document, { id }, as)).node;
}

/** The ids in a person's two lists of conversations, and their badge. */
export async function inbox(app: TestApp, as: Person) {
  const { viewer } = await app.ok(
    `query Inbox { viewer { conversations { nodes { id } } messageRequests { nodes { id } }
      badges { unreadConversations } } }`,
    {},
    as,
  );
  const ids = (list: { nodes: { id: string }[] }) => list.nodes.map(({ id }) => id);
  return {
    conversations: ids(viewer.conversations),
    requests: ids(viewer.messageRequests),
    unread: viewer.badges.unreadConversations as number,
  };
}

async function done(app: TestApp, as: Person, name: MutationName, input: object, selection = '') {
  const payload = await mutate(app, as, name, input, selection);
  if (payload.userErrors.length > 0) throw new Error(`${name} was refused: ${JSON.stringify(payload.userErrors)}`);
  return payload;
}
