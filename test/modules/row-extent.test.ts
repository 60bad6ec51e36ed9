import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { send, start } from '../support/messaging';
import { sentTexts, watchStatements } from '../support/sent-statements';
import { comment, like, mutate, people, publish, relate } from '../support/verbs';

/** Rows are read without what a document does not ask for; what it does ask for is there, wherever in it that stands. */

const SCHEMA = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

interface World {
  readonly ada: Person;
  readonly bob: Person;
  readonly post: string;
  readonly comment: string;
  readonly conversation: string;
}

let app: TestApp;
let world: World;

beforeAll(async () => {
  app = await startTestApp();
  // Bob first: of two who joined at once, the older account stands first.
  const { ada, bob } = await people(app, 'bob', 'ada');
  await mutate(app, bob, 'updateProfile', { name: 'Bob', bio: 'What Bob says of himself.' });
  await relate(app, ada, bob, { following: true });
  await relate(app, bob, ada, { following: true });
  await app.jobsDone();
  const post = await publish(app, bob, 'Bob wrote this', { audience: 'FOLLOWERS' });
  const { id } = await comment(app, bob, post, 'And this');
  await like(app, bob, post);
  await app.jobsDone();
  const conversation = await start(app, bob, [ada]);
  await send(app, bob, conversation, 'To Ada');
  // Else a column could be taken for another one.
  await app.sql.query(`UPDATE users SET created_at = '2020-01-01', updated_at = '2020-02-02', version = 20`);
  await app.sql.query(`UPDATE posts SET updated_at = '2021-02-02', version = 21`);
  await app.sql.query(`UPDATE comments SET updated_at = '2022-02-02', version = 22`);
  world = { ada, bob, post, comment: id, conversation };
});
afterAll(() => app.close());

type Place = (selection: string, world: World) => string;
const mutation = (name: string, input: string, selection: string) =>
  `mutation { ${name}(input: { ${input} }) { userErrors { message } ${selection} } }`;
const FEED = (selection: string) => `{ viewer { feed(first: 1) { nodes { ${selection} } } } }`;

/** Where Bob, his post and his comment can stand in a document that Ada sends. */
const PLACES: Record<'User' | 'Post' | 'Comment', Record<string, Place>> = {
  User: {
    user: (s, { bob }) => `{ user(id: "${bob.id}") { ${s} } }`,
    userByHandle: (s) => `{ userByHandle(handle: "bob") { ${s} } }`,
    node: (s, { bob }) => `{ node(id: "${bob.id}") { ... on User { ${s} } } }`,
    nodes: (s, { bob }) => `{ nodes(ids: ["${bob.id}"]) { ...Person } } fragment Person on User { ${s} }`,
    'the author of a post': (s, { post }) => `{ post(id: "${post}") { author { ${s} } } }`,
    'the author of the page of an author': (s, { bob }) =>
      `{ user(id: "${bob.id}") { posts(first: 1) { nodes { author { ${s} } } } } }`,
    'authors in the feed': (s) => FEED(`author { ${s} }`),
    'authors of comments in the feed': (s) => FEED(`comments(first: 1) { nodes { author { ${s} } } }`),
    'authors of comments beside those of posts': (s) =>
      FEED(`author { id } comments(first: 1) { nodes { author { ${s} } } }`),
    'the author of a comment': (s, w) => `{ node(id: "${w.comment}") { ... on Comment { author { ${s} } } } }`,
    'the author of the post of a comment': (s, w) =>
      `{ node(id: "${w.comment}") { ... on Comment { post { author { ${s} } } } } }`,
    'who liked a post': (s, { post }) => `{ post(id: "${post}") { likedBy(first: 1) { nodes { ${s} } } } }`,
    followers: (s, { ada }) => `{ user(id: "${ada.id}") { followers(first: 1) { nodes { ${s} } } } }`,
    'edges of people followed': (s, { ada }) =>
      `{ user(id: "${ada.id}") { following(first: 1) { edges { cursor node { ${s} } } } } }`,
    'who is in a conversation': (s, w) =>
      `{ node(id: "${w.conversation}") { ... on Conversation { participants(first: 1) { nodes { ${s} } } } } }`,
    'who sent a message': (s, w) =>
      `{ node(id: "${w.conversation}") { ... on Conversation { messages(last: 1) { nodes { sender { ${s} } } } } } }`,
    'the payload of a mutation': (s, { bob }) =>
      mutation('setRelationship', `userId: "${bob.id}", following: true`, `user { ${s} }`),
  },
  Post: {
    post: (s, { post }) => `{ post(id: "${post}") { ${s} } }`,
    node: (s, { post }) => `{ node(id: "${post}") { ... on Post { ${s} } } }`,
    feed: FEED,
    'edges of the feed': (s) => `{ viewer { feed(first: 1) { edges { cursor node { ${s} } } } } }`,
    'posts of a person': (s, { bob }) => `{ user(id: "${bob.id}") { posts(first: 1) { nodes { ${s} } } } }`,
    'the post of a comment': (s, w) => `{ node(id: "${w.comment}") { ... on Comment { post { ${s} } } } }`,
    'the payload of a mutation': (s, { post }) =>
      mutation('setPostLiked', `postId: "${post}", liked: false`, `post { ${s} }`),
  },
  Comment: {
    node: (s, w) => `{ node(id: "${w.comment}") { ... on Comment { ${s} } } }`,
    'comments of a post': (s, { post }) => `{ post(id: "${post}") { comments(first: 1) { nodes { ${s} } } } }`,
    'edges of comments, newest first': (s, { post }) =>
      `{ post(id: "${post}") { comments(first: 1, order: NEWEST) { edges { cursor node { ${s} } } } } }`,
    'comments in the feed': (s) => FEED(`comments(first: 1) { nodes { ${s} } }`),
  },
};

/** What can be asked of a type without arguments, each by itself. */
function selectionsOf(typeName: string): string[] {
  const fields = Object.values((SCHEMA.getType(typeName) as GraphQLObjectType).getFields());
  return fields
    .filter(({ name, args }) => args.length === 0 && name !== 'post' && name !== 'author')
    .map(({ name, type }) => {
      const inner = getNamedType(type);
      if (isLeafType(inner)) return name;
      return `${name} { ${Object.keys((inner as GraphQLObjectType).getFields()).join(' ')} }`;
    });
}

/** The object that was selected. */
function innermost(data: unknown, field: string): Record<string, unknown> {
  const queue = [data];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next) && field in next) return next as Record<string, unknown>;
    queue.push(...Object.values(next));
  }
  throw new Error(`nothing with ${field} in ${JSON.stringify(data)}`);
}

const ALL: Record<string, Record<string, unknown>> = {
  User: { bio: 'What Bob says of himself.', private: false, createdAt: '2020-01-01T00:00:00.000Z', version: 20 },
  Post: { text: 'Bob wrote this', audience: 'FOLLOWERS', updatedAt: '2021-02-02T00:00:00.000Z', version: 21 },
  Comment: { text: 'And this', updatedAt: '2022-02-02T00:00:00.000Z', version: 22 },
};

describe.each(Object.entries(PLACES))('a %s', (typeName, places) => {
  it.each(Object.entries(places))('has each field that is asked for, alone or with all: %s', async (_name, place) => {
    const asked = selectionsOf(typeName);
    const whole = innermost(await app.ok(place(asked.join(' '), world), {}, world.ada), 'version');
    expect(whole).toMatchObject(ALL[typeName] ?? {});
    const found: Record<string, unknown> = {};
    for (const selection of asked) {
      const [field = ''] = selection.split(' ');
      const answer = innermost(await app.ok(place(`kind: __typename ${selection}`, world), {}, world.ada), 'kind');
      found[field] = answer[field];
    }
    expect(found).toEqual(whole);
    const versioned = place('kind: __typename ... on Versioned { version updatedAt }', world);
    const { version, updatedAt } = whole;
    expect(innermost(await app.ok(versioned, {}, world.ada), 'kind')).toMatchObject({ version, updatedAt });
  });
});

describe('the statement of a page', () => {
  const page = (post: string, author: string, words: string, writer: string) =>
    FEED(`id text ${post} author { id handle ${author} }
      comments(first: 3) { nodes { id text ${words} author { name ${writer} } } }`);

  /** The properties that a document has its statements select. */
  async function selectedBy(document: string, of = app): Promise<Set<string>> {
    const queries = watchStatements();
    await of.ok(document, {}, world.ada);
    const sent = sentTexts(queries);
    queries.mockRestore();
    return new Set(sent.flatMap((text) => [...text.matchAll(/AS "([\w.]+)(?:~\w+)?"/g)].map(([, name]) => name ?? '')));
  }

  it('selects what is asked for', async () => {
    const selected = await selectedBy(page('', '', '', ''));
    expect([...selected].filter((name) => /^(node|author)\./.test(name)).sort()).toEqual([
      ...['author.handle', 'author.id', 'author.name', 'node.authorId', 'node.createdAt', 'node.id'],
      ...['node.postId', 'node.seq', 'node.text'],
    ]);
  });

  it.each([
    ['of people, whoever they are', page('', 'bio', '', ''), ['author.bio', 'author.version']],
    ['of who wrote comments', page('', '', '', 'private'), ['author.bio', 'author.private']],
    ['of posts', page('audience', '', '', ''), ['node.audience', 'node.version']],
    ['of comments', page('', '', 'updatedAt', ''), ['node.updatedAt', 'node.deletedAt']],
    ['of an interface', page('... on Versioned { version }', '', '', ''), ['author.version', 'node.audience']],
  ])('selects all %s, when more is asked', async (_name, document, more) => {
    expect([...(await selectedBy(document))]).toEqual(expect.arrayContaining(more));
  });

  it('selects whole rows where copies of them are kept', async () => {
    const keeping = await startTestApp({ databaseUrl: app.databaseUrl, env: { ENTITY_CACHE: 'on' } });
    const document = `{ userByHandle(handle: "bob") { handle } post(id: "${world.post}") { id author { handle } } }`;
    const wholeRows = ['node.bio', 'bio', 'audience', 'deletedAt'];
    expect([...(await selectedBy(document, keeping))]).toEqual(expect.arrayContaining(wholeRows));
    const asked = `{ user(id: "${world.bob.id}") { bio } post(id: "${world.post}") { audience author { bio } } }`;
    const bio = 'What Bob says of himself.';
    const all = { user: { bio }, post: { audience: 'FOLLOWERS', author: { bio } } };
    expect(await keeping.ok(asked, {}, world.ada)).toEqual(all);
    await keeping.close();
  });
});
