import { purgeEnded } from '../src/modules/auth/session.repository';
import type { Executor } from '../src/platform/postgres/database';
import { purgeIdempotencyKeys } from '../src/platform/postgres/idempotency';
import type { Statement } from '../src/platform/postgres/sql';
import { type Person, startTestApp, type TestApp } from './support/app';
import { createTestDatabase, type TestDatabase } from './support/database';
import { describePlanWorld, fillDatabase, type PlanWorld } from './support/plan-world';
import { type PlanStep, planOf, settledPlanOf, statementsDuring, undone } from './support/query-plan';
import type { SentStatement } from './support/sent-statements';

const LOAD_DEADLINE_MS = 180_000;
const PAGE = 20;
/** "Deep" is behind this many pages of a hundred, or behind the last full one. */
const PAGES_SKIPPED = 4;
/** What a page may read of one table, however long the lists are. */
const ROWS_MAX = 1_000;
/** A sort may put a few full pages in order, one for each source that a page is merged from. */
const SORTED_MAX = 600;
/** The tables that grow with use: reading one of them from end to end is never right. */
const GROWING = [
  ...['users', 'user_handles', 'credentials', 'credential_emails', 'refresh_tokens', 'idempotency_keys'],
  ...['posts', 'author_post_counters', 'comments', 'comment_threads', 'likes', 'post_like_counters'],
  ...['follows', 'relationship_counters', 'feed_entries'],
  ...['conversations', 'conversation_members', 'membership_intervals', 'messages'],
];

/** Statements that are never kept prepared: which conversations two people share. */
const PLANNED_EACH_TIME = /FROM conversation_members r\s+JOIN conversation_members o/;

interface List {
  readonly field: string;
  /** The field of the query around it. */
  readonly of: (world: PlanWorld) => string;
  /** Its type, where the query does not say. */
  readonly on?: string;
  readonly as: (world: PlanWorld) => Person | null;
  readonly index: string;
}

const author = ({ author: id }: PlanWorld) => `user(id: "${id}")`;
const viewer = () => 'viewer';
const reader = (world: PlanWorld) => world.reader;
const nobody = () => null;

const LISTS: readonly (readonly [string, List])[] = [
  ['posts of a person', { field: 'posts', of: author, as: reader, index: 'posts_by_author' }],
  ['posts of a person, for anybody', { field: 'posts', of: author, as: nobody, index: 'posts_by_author' }],
  [
    'posts of one’s own',
    { field: 'posts', of: (w) => `user(id: "${w.reader.id}")`, as: reader, index: 'posts_by_author' },
  ],
  ['the home feed', { field: 'feed', of: viewer, as: reader, index: 'feed_entries_by_time' }],
  ['comments', { field: 'comments', of: (w) => `post(id: "${w.commented}")`, as: reader, index: 'comments_seq_key' }],
  [
    'comments, for anybody',
    { field: 'comments', of: (w) => `post(id: "${w.commented}")`, as: nobody, index: 'comments_seq_key' },
  ],
  ['likers', { field: 'likedBy', of: (w) => `post(id: "${w.liked}")`, as: reader, index: 'likes_by_time' }],
  [
    'likers, for anybody',
    { field: 'likedBy', of: (w) => `post(id: "${w.liked}")`, as: nobody, index: 'likes_by_time' },
  ],
  [
    'followers',
    { field: 'followers', of: (w) => `user(id: "${w.followed}")`, as: reader, index: 'follows_by_followee' },
  ],
  [
    'followers, for anybody',
    { field: 'followers', of: (w) => `user(id: "${w.followed}")`, as: nobody, index: 'follows_by_followee' },
  ],
  [
    'followed people',
    { field: 'following', of: (w) => `user(id: "${w.following}")`, as: reader, index: 'follows_by_follower' },
  ],
  ['requests to follow', { field: 'followRequests', of: viewer, as: (w) => w.asked, index: 'follows_by_followee' }],
  ['conversations', { field: 'conversations', of: viewer, as: reader, index: 'conversation_members_by_activity' }],
  [
    'messages',
    {
      field: 'messages',
      of: (w) => `node(id: "${w.group}")`,
      on: 'Conversation',
      as: reader,
      index: 'messages_seq_key',
    },
  ],
  ['blocked people', { field: 'blocks', of: viewer, as: (w) => w.blocker, index: 'blocks_by_blocker' }],
  ['muted people', { field: 'mutes', of: viewer, as: (w) => w.asked, index: 'mutes_by_muter' }],
];

/** What screens and writes ask for beside the lists, and the indexes that bear it. */
const OPERATIONS: readonly (readonly [string, (world: PlanWorld) => string, readonly string[]])[] = [
  [
    'twenty posts with their authors, counts, likes and three comments each',
    () => `{ viewer { feed(first: 20) { nodes {
      text likeCount commentCount viewerHasLiked author { name counts { posts followers following } relationship { following } }
      comments(first: 3) { nodes { text author { name } } } } } } }`,
    ['feed_entries_by_time', 'comments_seq_key', 'users_pkey', 'relationship_counters_pkey', 'post_like_counters_pkey'],
  ],
  [
    'twenty people with their counts and three posts each',
    ({ followed }) => `{ user(id: "${followed}") { followers(first: 20) { nodes {
      name counts { posts followers following } relationship { following followedBy } posts(first: 3) { nodes { text } } } } } }`,
    ['follows_by_followee', 'posts_by_author', 'relationship_counters_pkey', 'author_post_counters_pkey'],
  ],
  [
    'how many like, discuss and follow what most do',
    ({ liked, commented, followed }) => `{ liked: post(id: "${liked}") { likeCount viewerHasLiked }
      commented: post(id: "${commented}") { commentCount } user(id: "${followed}") { counts { followers following } } }`,
    ['post_like_counters_pkey', 'comment_threads_pkey', 'relationship_counters_pkey'],
  ],
  [
    'twenty conversations with their people, newest messages, and what is unread',
    () => `{ viewer { badges { unreadConversations } conversations(first: 20) { nodes { unreadCount lastReadMessage { text }
      participants(first: 5) { nodes { name } } messages(last: 3) { nodes { text sender { name } } } } } } }`,
    ['conversation_members_by_activity', 'conversation_members_unread', 'messages_seq_key', 'messages_by_sender'],
  ],
  [
    'a message to a large group',
    ({ group }) =>
      `mutation { sendMessage(input: { conversationId: "${group}", text: "Hello" }) { messageEdge { node { text } } } }`,
    ['conversations_pkey', 'conversation_members_pkey', 'messages_by_id'],
  ],
  [
    'nodes of every kind by their ids',
    (w) => `{ nodes(ids: ["${w.author}", "${w.followed}", "${w.liked}", "${w.commented}", "${w.comment}"]) { id } }`,
    ['users_pkey', 'posts_pkey', 'comments_by_id'],
  ],
  [
    'a person by handle',
    ({ reader: { handle } }) => `{ userByHandle(handle: "${handle}") { name email } }`,
    ['user_handles_pkey'],
  ],
  [
    'a post that is published and written to feeds',
    () => 'mutation { createPost(input: { text: "Hello", clientMutationId: "plans" }) { postEdge { node { text } } } }',
    ['follows_by_followee'],
  ],
  [
    'a comment',
    ({ commented }) => `mutation { addComment(input: { postId: "${commented}", text: "Hello" }) { post { text } } }`,
    ['posts_pkey'],
  ],
  [
    'a like',
    ({ liked }) => `mutation { setPostLiked(input: { postId: "${liked}", liked: true }) { post { likeCount } } }`,
    ['posts_pkey'],
  ],
  [
    'a block',
    ({ followed }) =>
      `mutation { setRelationship(input: { userId: "${followed}", blocking: true }) { user { name } } }`,
    ['users_pkey', 'follows_pkey', 'feed_entries_by_time'],
  ],
  [
    'a new name and an account that opens',
    () => 'mutation { updateProfile(input: { name: "Reader", private: false }) { user { name } } }',
    ['users_pkey'],
  ],
  [
    'a comment that is deleted',
    ({ comment }) => `mutation { deleteNode(input: { id: "${comment}" }) { deletedId } }`,
    ['comments_by_id'],
  ],
  [
    'a sign-in',
    ({ reader: { handle } }) =>
      `mutation { signIn(input: { login: "${handle}@example.com", password: "x" }) { userErrors { code } } }`,
    ['credential_emails_pkey', 'credentials_pkey'],
  ],
];

const MOST = (counted: string, counter: string, table: string) =>
  `SELECT ${counted} FROM ${table} ORDER BY ${counter} DESC LIMIT 1`;
const TWENTY_PEOPLE = 'SELECT array_agg(id) FROM (SELECT id FROM users ORDER BY id LIMIT 20) twenty';

/** The functions that statements call, the indexes that bear them, and queries for what they are asked here. */
const FUNCTIONS: readonly (readonly [name: string, indexes: readonly string[], values: readonly string[]])[] = [
  ['hidden_comments', ['comments_by_author'], [MOST('post_id', 'comment_count', 'comment_threads'), TWENTY_PEOPLE]],
  ['hidden_likes', ['likes_pkey'], [MOST('post_id', 'likes', 'post_like_counters'), TWENTY_PEOPLE]],
  ['hidden_followers', ['follows_pkey'], [MOST('user_id', 'followers', 'relationship_counters'), TWENTY_PEOPLE]],
  ['hidden_followed', ['follows_pkey'], [MOST('user_id', 'following', 'relationship_counters'), TWENTY_PEOPLE]],
  ['has_blocked', [], ['SELECT blocker_id FROM blocks LIMIT 1', 'SELECT blocked_id FROM blocks LIMIT 1']],
];

describe('on 200,000 posts', () => {
  let database: TestDatabase;
  let app: TestApp;
  let world: PlanWorld;

  beforeAll(async () => {
    database = await createTestDatabase();
    await fillDatabase(database.url);
    app = await startTestApp({ databaseUrl: database.url });
    world = await describePlanWorld(app);
  }, LOAD_DEADLINE_MS);
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  it.each(LISTS)('%s: each page comes from its index alone, the first and a deep one', async (_name, list) => {
    const deep = await deepCursor(list);
    expect(deep).not.toBeNull();
    for (const after of [null, deep]) {
      const sent = await statementsDuring(() => page(list, PAGE, after));
      expect(await faultsOf(sent, [list.index])).toEqual([]);
    }
  });

  it.each(LISTS)('%s: without that index it is seen', async (_name, { index, ...list }) => {
    const sent = await statementsDuring(() => page({ index, ...list }, PAGE, null));
    const table = /^(\w+)_seq_key$/.exec(index)?.[1];
    const drop = table ? `ALTER TABLE ${table} DROP CONSTRAINT ${index}` : `DROP INDEX ${index}`;
    expect(await faultsOf(sent, [index], drop)).not.toEqual([]);
  });

  it.each(OPERATIONS)('%s: no table that grows is read from end to end', async (_name, document, indexes) => {
    const sent = await statementsDuring(async () => {
      await app.ok(document(world), {}, world.reader);
      await app.jobsDone();
    });
    expect(await faultsOf(sent, indexes)).toEqual([]);
  });

  it('what is purged is found by its age', async () => {
    const sent: SentStatement[] = [];
    const keep = async ({ text, values }: Statement) => sent.push({ text, values });
    const executor: Executor = { run: keep, rows: async () => [], row: async () => null };
    await purgeIdempotencyKeys(executor, world.purgeBefore);
    await purgeEnded(executor, world.purgeBefore);
    expect(await faultsOf(sent, ['idempotency_keys_by_age', 'refresh_tokens_by_expiry'])).toEqual([]);
  });

  // EXPLAIN does not look into functions: what their bodies select is looked at as a statement of its own.
  it.each(FUNCTIONS)('what %s looks up comes from its index alone', async (name, indexes, questions) => {
    const { rows } = await app.sql.query<{ body: string; names: string[]; types: string }>(
      'SELECT prosrc AS body, proargnames AS names, oidvectortypes(proargtypes) AS types FROM pg_proc WHERE proname = $1',
      [name],
    );
    const { body = '', names = [], types = '' } = rows[0] ?? {};
    const [, selected = ''] = /^\s*BEGIN RETURN ([^;]+); END\s*$/.exec(body) ?? [];
    const place = (at: number) => `$${at + 1}::${types.split(', ')[at]}`;
    const text = names.reduce(
      (sql, each, at) => sql.replaceAll(new RegExp(`\\b${each}\\b`, 'g'), () => place(at)),
      selected,
    );
    const asked = await app.sql.query({ text: `SELECT (${questions.join('), (')})`, rowMode: 'array' });
    expect(
      await faultsOf([{ text: `SELECT ${text}`, values: Object.values<unknown>(asked.rows[0] ?? []) }], indexes),
    ).toEqual([]);
  });

  it('a table that is read from end to end is seen', async () => {
    const text = 'SELECT * FROM posts WHERE length(text) > 10 ORDER BY text LIMIT 5';
    expect(await faultsOf([{ text, values: [] }], [])).toEqual([
      expect.stringMatching(/^Sort of \d{6} rows:/),
      expect.stringMatching(/^Seq Scan of posts:/),
      expect.stringMatching(/^Sort of \d{6} rows once prepared:/),
      expect.stringMatching(/^Seq Scan of posts once prepared:/),
    ]);
  });

  type Page = { readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string } };

  async function page(list: List, first: number, after: string | null): Promise<Page> {
    const args = `first: ${first}${after ? `, after: "${after}"` : ''}`;
    const asked = `list: ${list.field}(${args}) { nodes { id } pageInfo { hasNextPage endCursor } }`;
    const document = `{ place: ${list.of(world)} { ${list.on ? `... on ${list.on} { ${asked} }` : asked} } }`;
    return (await app.ok(document, {}, list.as(world))).place.list;
  }

  async function deepCursor(list: List): Promise<string | null> {
    let after: string | null = null;
    for (let n = 0; n < PAGES_SKIPPED; n += 1) {
      // Lists of likers and commenters are short: half of them is deep.
      const { pageInfo } = await page(list, n === 0 ? PAGE : 100, after);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    return after;
  }

  /** What is wrong with how the statements are carried out, once `change` has been made. */
  async function faultsOf(
    sent: readonly SentStatement[],
    indexes: readonly string[],
    change?: string,
  ): Promise<string[]> {
    return undone(app.sql, async (client) => {
      if (change) await client.query(change);
      const plans: PlanStep[][] = [];
      for (const statement of sent) plans.push(await planOf(client, statement));
      const used = new Set(plans.flat().map(({ index }) => index));
      const kept = change ? [] : sent.filter(({ text }) => !PLANNED_EACH_TIME.test(text));
      for (const statement of kept) plans.push(await settledPlanOf(client, statement));
      const unused = indexes.filter((index) => !used.has(index)).map((index) => `${index} is not used`);
      return [
        ...unused,
        ...plans.flatMap((plan, at) =>
          planFaults(plan).map((fault) =>
            at < sent.length
              ? `${fault}: ${sent[at]?.text}`
              : `${fault} once prepared: ${kept[at - sent.length]?.text}`,
          ),
        ),
      ];
    });
  }
});

function planFaults(plan: readonly PlanStep[]): string[] {
  return plan.flatMap((step) => {
    if (/Seq Scan$/.test(step.kind) && GROWING.includes(step.table ?? '')) return [`Seq Scan of ${step.table}`];
    if (/Sort$/.test(step.kind) && step.input > SORTED_MAX) return [`Sort of ${step.input} rows`];
    if (step.rows > ROWS_MAX) return [`${step.kind} of ${step.rows} rows of ${step.table}`];
    return [];
  });
}
