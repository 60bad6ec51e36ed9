import { type Person, startTestApp, type TestApp } from '../support/app';
import { appendedBy, namesOf, readLog, sentences } from '../support/change-log';
import { acquaint, add, answer, friends, leave, markRead, send, start } from '../support/messaging';
import { block, unblock } from '../support/social';
import { MESSAGING_MUTATIONS, type MessagingMutation, type MutationName, mutate } from '../support/verbs';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Ada, Bob and Cat are in a group, where Ada wrote `hello`; Dan knows nobody, and Eve asked Ada in `plea`. */
interface Cast {
  readonly ada: Person;
  readonly bob: Person;
  readonly cat: Person;
  readonly dan: Person;
  readonly eve: Person;
  readonly group: string;
  readonly direct: string;
  readonly plea: string;
  readonly hello: string;
}

let casts = 0;
async function makeCast(): Promise<Cast> {
  casts += 1;
  const [ada, bob, cat] = await friends(app);
  const [dan, eve] = await Promise.all([app.person(`dan${casts}`), app.person(`eve${casts}`)]);
  const group = await start(app, ada, [bob, cat]);
  const { id: hello } = await send(app, ada, group);
  const [direct, plea] = [await start(app, ada, [bob]), await start(app, eve, [ada])];
  return { ada, bob, cat, dan, eve, group, direct, plea, hello };
}

interface Case {
  readonly as: 'ada' | 'bob' | 'cat' | 'eve';
  readonly name?: MutationName;
  readonly input: (cast: Cast) => object;
  readonly before?: (cast: Cast) => Promise<unknown>;
  /** Exactly these, each once; `new` is what is made. */
  readonly appends: readonly string[];
}

const told = (kind: string, node: string, ...people: string[]) =>
  people.map((who) => `${who} MESSAGES ${kind} ${node}`);
const all = ['ada', 'bob', 'cat'];

/** Every mutation of conversations, by what it is used for. */
const MUTATIONS: Readonly<Record<MessagingMutation | 'deleteNode', Readonly<Record<string, Case>>>> = {
  startConversation: {
    'with one': {
      as: 'bob',
      input: ({ cat }) => ({ participantIds: [cat.id] }),
      appends: told('conversation', 'new', 'bob', 'cat'),
    },
    'with strangers': {
      as: 'eve',
      input: ({ bob, dan }) => ({ participantIds: [bob.id, dan.id] }),
      appends: told('conversation', 'new', 'bob', 'dan', 'eve'),
    },
    'with one again': { as: 'bob', input: ({ ada }) => ({ participantIds: [ada.id] }), appends: [] },
    'with one whom one had declined': {
      as: 'ada',
      before: ({ ada, plea }) => answer(app, ada, plea, false),
      input: ({ eve }) => ({ participantIds: [eve.id] }),
      appends: told('conversation', 'plea', 'ada'),
    },
  },
  updateConversation: {
    'in its title': {
      as: 'bob',
      input: ({ group }) => ({ conversationId: group, title: 'Trip' }),
      appends: told('conversation', 'group', ...all),
    },
    'to the same title': { as: 'bob', input: ({ group }) => ({ conversationId: group, title: null }), appends: [] },
    'muting it': {
      as: 'bob',
      input: ({ group }) => ({ conversationId: group, muted: true }),
      appends: told('conversation', 'group', 'bob'),
    },
  },
  addParticipants: {
    'of somebody new': {
      as: 'bob',
      input: ({ group, dan }) => ({ conversationId: group, userIds: [dan.id] }),
      appends: told('conversation', 'group', ...all, 'dan'),
    },
    'of somebody who is there': {
      as: 'bob',
      input: ({ group, cat }) => ({ conversationId: group, userIds: [cat.id] }),
      appends: [],
    },
  },
  leaveConversation: {
    'for good': {
      as: 'bob',
      input: ({ group }) => ({ conversationId: group }),
      appends: told('conversation', 'group', ...all),
    },
  },
  answerMessageRequest: {
    'with yes': {
      as: 'ada',
      input: ({ plea }) => ({ conversationId: plea, accept: true }),
      appends: told('conversation', 'plea', 'ada'),
    },
    'with no': {
      as: 'ada',
      input: ({ plea }) => ({ conversationId: plea, accept: false }),
      appends: told('conversation', 'plea', 'ada'),
    },
  },
  markRead: {
    'for the first time': {
      as: 'bob',
      input: ({ group, hello }) => ({ conversationId: group, upToMessageId: hello }),
      appends: told('conversation', 'group', 'bob'),
    },
    'up to where it was read': {
      as: 'bob',
      before: ({ bob, group, hello }) => markRead(app, bob, group, hello),
      input: ({ group, hello }) => ({ conversationId: group, upToMessageId: hello }),
      appends: [],
    },
  },
  sendMessage: {
    'to a group': {
      as: 'bob',
      input: ({ group }) => ({ conversationId: group, text: 'Hi' }),
      appends: told('message', 'new', ...all),
    },
    'to a group that somebody has left': {
      as: 'bob',
      before: ({ cat, group }) => leave(app, cat, group),
      input: ({ group }) => ({ conversationId: group, text: 'Hi' }),
      appends: told('message', 'new', 'ada', 'bob'),
    },
    'to a group in which it is hidden from one': {
      as: 'bob',
      before: ({ cat, bob }) => block(app, cat, bob),
      input: ({ group }) => ({ conversationId: group, text: 'Hi' }),
      appends: told('message', 'new', 'ada', 'bob'),
    },
    'to one who has left': {
      as: 'ada',
      before: ({ bob, direct }) => leave(app, bob, direct),
      input: ({ direct }) => ({ conversationId: direct, text: 'Hi' }),
      appends: [...told('message', 'new', 'ada', 'bob'), ...told('conversation', 'direct', 'bob')],
    },
    'as the answer to a request': {
      as: 'ada',
      input: ({ plea }) => ({ conversationId: plea, text: 'Hi' }),
      appends: [...told('message', 'new', 'ada', 'eve'), ...told('conversation', 'plea', 'ada')],
    },
    'to one who declined': {
      as: 'eve',
      before: ({ ada, plea }) => answer(app, ada, plea, false),
      input: ({ plea }) => ({ conversationId: plea, text: 'Hi' }),
      appends: told('message', 'new', 'eve'),
    },
  },
  updateMessage: {
    'in its text': {
      as: 'ada',
      input: ({ hello }) => ({ id: hello, text: 'Hi' }),
      appends: told('message', 'hello', ...all),
    },
    'that one came too late for': {
      as: 'ada',
      before: async ({ ada, bob, dan, group }) => {
        await add(app, ada, group, dan);
        await leave(app, bob, group);
      },
      input: ({ hello }) => ({ id: hello, text: 'Hi' }),
      appends: told('message', 'hello', 'ada', 'cat'),
    },
  },
  deleteNode: {
    'of a message': { as: 'ada', input: ({ hello }) => ({ id: hello }), appends: told('message', 'hello', ...all) },
  },
  setTyping: { anywhere: { as: 'ada', input: ({ group }) => ({ conversationId: group }), appends: [] } },
};

const CASES = Object.entries(MUTATIONS).flatMap(([name, uses]) =>
  Object.entries(uses).map(([use, each]) => [`${name} ${use}`, name as MutationName, each] as const),
);

describe('the change logs', () => {
  it('are tested with every mutation of conversations', () => {
    expect(Object.keys(MUTATIONS).sort()).toEqual([...MESSAGING_MUTATIONS, 'deleteNode'].sort());
  });

  it.each(CASES)('tell exactly those concerned of %s, once', async (_use, name, { as, input, before, appends }) => {
    const cast = await makeCast();
    await before?.(cast);
    const sent = { ...input(cast), clientMutationId: 'once' };
    const rows = await appendedBy(app, async () => {
      for (const replayed of [false, name !== 'setTyping']) {
        expect(await mutate(app, cast[as], name, sent)).toMatchObject({ userErrors: [], replayed });
      }
    });
    const names = namesOf({ ...cast });
    for (const { nodeId } of rows) if (!names.has(nodeId)) names.set(nodeId, 'new');
    expect(sentences(rows, names)).toEqual([...appends].sort());
    expect(rows.filter(({ deleted }) => deleted)).toEqual([]);
  });

  it.each([
    ['comes', (cast: Cast) => block(app, cast.ada, cast.bob)],
    ['goes', (cast: Cast) => unblock(app, cast.ada, cast.bob)],
  ])('tell both people what they share when a block between them %s', async (what, change) => {
    const cast = await makeCast();
    const { id: reply } = await send(app, cast.bob, cast.group);
    await send(app, cast.cat, cast.group);
    await send(app, cast.ada, cast.direct);
    if (what === 'goes') await block(app, cast.ada, cast.bob);
    const rows = await appendedBy(app, () => change(cast));
    const names = namesOf({ ...cast, reply });
    expect(sentences(rows, names).filter((each) => each.includes('MESSAGES'))).toEqual(
      [
        ...told('conversation', 'group', 'ada', 'bob'),
        ...told('conversation', 'direct', 'ada', 'bob'),
        ...told('message', 'reply', 'ada'),
        ...told('message', 'hello', 'bob'),
      ].sort(),
    );
  });

  it('tell of the group alone when a block hides more than an app should take one by one', async () => {
    const cast = await makeCast();
    const { rows: made } = await app.sql.query(
      `WITH c AS (UPDATE conversations SET last_seq = 601 WHERE id = (
         SELECT conversation_id FROM messages WHERE sender_id = $1 AND text = 'Hello') RETURNING id)
       INSERT INTO messages (conversation_id, id, seq, sender_id, text, sent_at, updated_at)
       SELECT c.id, gen_random_uuid(), n, $1, 'More', now(), now() FROM c, generate_series(2, 601) n RETURNING id`,
      [cast.ada.uuid],
    );
    expect(made).toHaveLength(600);
    const rows = await appendedBy(app, () => block(app, cast.bob, cast.ada));
    const bobs = rows.filter(({ viewerId, scope }) => viewerId === cast.bob.uuid && scope === 'MESSAGES');
    expect(sentences(bobs, namesOf({ ...cast }))).toEqual(
      [...told('conversation', 'direct', 'bob'), ...told('conversation', 'group', 'bob')].sort(),
    );
  });

  it('carry to an app what came, changed and went, as it is then', async () => {
    const cast = await makeCast();
    await acquaint(app, cast.dan);
    const place = (await app.ok('{ viewer { badges { asOf } } }', {}, cast.bob)).viewer.badges.asOf;
    await mutate(app, cast.ada, 'deleteNode', { id: cast.hello });
    await leave(app, cast.bob, cast.group);
    await send(app, cast.ada, cast.group, 'Without bob');
    await send(app, cast.ada, cast.direct, 'To bob');
    const document = `query Sync($after: Cursor) { viewer { sync(after: $after) { changes { __typename
      ... on NodeUpserted { node { __typename ... on Message { text } } }
      ... on NodeRemoved { typename reason nodeId } } } } }`;
    const { changes } = (await app.ok(document, { after: place }, cast.bob)).viewer.sync;
    expect(changes).toEqual([
      { __typename: 'NodeRemoved', typename: 'Message', reason: 'HIDDEN', nodeId: cast.hello },
      { __typename: 'NodeRemoved', typename: 'Conversation', reason: 'HIDDEN', nodeId: cast.group },
      { __typename: 'NodeUpserted', node: { __typename: 'Message', text: 'To bob' } },
    ]);
    const versions = (await readLog(app, cast.ada)).filter(({ kind }) => kind === 'message').map((row) => row.version);
    expect(versions).toEqual([1, 2, 1, 1]);
  });
});
