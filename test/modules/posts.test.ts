import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { pick, seeded, together } from '../support/interleaving';
import { comment, documentOf, mutate, type PostFields, people, publish, relate, remove } from '../support/verbs';

const POST = 'query Post($id: ID!) { post(id: $id) { id text audience version createdAt updatedAt } }';
const EDITED = 'post { text audience version }';
const EDIT = documentOf('updatePost', EDITED);

let app: TestApp;
let ada: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  app = await startTestApp();
  ({ ada, bob, eve } = await people(app, 'ada', 'bob', 'eve'));
});
afterAll(() => app.close());

async function readPost(id: string, as: Person | null = ada) {
  return (await app.ok(POST, { id }, as)).post;
}

async function countersOf(author: Person) {
  const { rows } = await app.sql.query(
    `SELECT public_posts AS "PUBLIC", follower_posts AS "FOLLOWERS", private_posts AS "PRIVATE"
     FROM author_post_counters WHERE author_id = $1`,
    [author.uuid],
  );
  return rows[0];
}

describe('a post', () => {
  it('is published and read back', async () => {
    const cyd = await app.person('cyd');
    const { createPost } = await app.ok(
      `mutation Publish($input: CreatePostInput!) {
        createPost(input: $input) {
          replayed clientMutationId userErrors { code message path }
          postEdge { cursor node { id text audience version author { handle } likeCount commentCount viewerHasLiked } }
          query { viewer { user { handle counts { posts followers following } } feed { nodes { text } } } }
        }
      }`,
      { input: { text: 'Hello', clientMutationId: 'k1' } },
      cyd,
    );
    expect(createPost).toMatchObject({
      replayed: false,
      clientMutationId: 'k1',
      userErrors: [],
      postEdge: { node: { text: 'Hello', audience: 'PUBLIC', version: 1, author: { handle: 'cyd' } } },
      query: { viewer: { user: { handle: 'cyd', counts: { posts: 1 } }, feed: { nodes: [{ text: 'Hello' }] } } },
    });
  });

  it('is published by somebody only', async () => {
    const answer = await app.query(documentOf('createPost'), { input: { text: 'Nobody' } });
    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('is edited: what is left out stays, and the version grows by one', async () => {
    const id = await publish(app, ada, 'First');
    const before = await readPost(id);
    const { post } = await mutate(app, ada, 'updatePost', { id, text: 'Second' }, EDITED);
    expect(post).toEqual({ text: 'Second', audience: 'PUBLIC', version: 2 });
    const other = await mutate(app, ada, 'updatePost', { id, audience: 'FOLLOWERS', ifVersion: 2 }, EDITED);
    expect(other.post).toEqual({ text: 'Second', audience: 'FOLLOWERS', version: 3 });
    const after = await readPost(id);
    expect(after.createdAt).toBe(before.createdAt);
    expect(after.updatedAt >= before.updatedAt).toBe(true);
  });

  it('is shown as it is after each of two edits in one request', async () => {
    const id = await publish(app, ada, 'First');
    const data = await app.ok(
      `mutation Twice($one: UpdatePostInput!, $two: UpdatePostInput!) {
        one: updatePost(input: $one) { ${EDITED} }
        two: updatePost(input: $two) { ${EDITED} query { post(id: "${id}") { version } } }
      }`,
      { one: { id, text: 'Second' }, two: { id, text: 'Third' } },
      ada,
    );
    expect(data.one.post).toMatchObject({ text: 'Second', version: 2 });
    expect(data.two).toMatchObject({ post: { text: 'Third', version: 3 }, query: { post: { version: 3 } } });
  });

  it('stays as it is when ifVersion is stale, and the conflict shows it', async () => {
    const id = await publish(app, ada, 'First');
    await mutate(app, ada, 'updatePost', { id, text: 'Second' });
    const { userErrors, post } = await mutate(app, ada, 'updatePost', { id, text: 'Lost', ifVersion: 1 }, EDITED);
    expect(post).toBeNull();
    expect(userErrors).toEqual([
      {
        __typename: 'ConflictError',
        code: 'CONFLICT',
        message: expect.any(String),
        path: ['input', 'ifVersion'],
        currentVersion: 2,
        current: { __typename: 'Post', id },
      },
    ]);
    expect(await readPost(id)).toMatchObject({ text: 'Second', version: 2 });
  });

  it('is edited once when many edit the same version at once', async () => {
    const id = await publish(app, ada, 'First');
    const edits = Array.from({ length: 8 }, (_, i) =>
      mutate(app, ada, 'updatePost', { id, text: `${i}`, ifVersion: 1 }),
    );
    const codes = (await Promise.all(edits)).map((payload) => payload.userErrors[0]?.__typename ?? 'edited');
    expect(codes.sort()).toEqual([...Array(7).fill('ConflictError'), 'edited']);
    expect((await readPost(id)).version).toBe(2);
  });

  it('is changed by its author alone', async () => {
    const id = await publish(app, ada);
    for (const name of ['updatePost', 'deleteNode'] as const) {
      const { userErrors } = await mutate(app, bob, name, { id });
      expect(userErrors).toMatchObject([{ code: 'FORBIDDEN', path: ['input', 'id'] }]);
    }
    expect(await readPost(id)).toMatchObject({ text: 'Hello', version: 1 });
  });

  it('that is hidden, deleted or never was is refused with the same bytes', async () => {
    const deleted = await publish(app, ada);
    await remove(app, ada, deleted);
    const blocked = await publish(app, eve);
    await relate(app, eve, bob, { blocking: true });
    const unseen = [
      encodeId('post', newId()),
      await publish(app, ada, 'Mine', { audience: 'PRIVATE' }),
      await publish(app, ada, 'Ours', { audience: 'FOLLOWERS' }),
      deleted,
      blocked,
    ];
    for (const document of [EDIT, documentOf('deleteNode')]) {
      const answers = await Promise.all(unseen.map((id) => app.query(document, { input: { id } }, bob)));
      expect(answers[0]?.text).toContain('"NOT_FOUND"');
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    }
  });

  it('leaves no text behind when it is deleted, and is gone from every path', async () => {
    const id = await publish(app, ada, 'A slip of the tongue');
    const { id: commentId } = await comment(app, bob, id);
    expect((await mutate(app, ada, 'deleteNode', { id }, 'deletedId')).deletedId).toBe(id);
    const { rows } = await app.sql.query(`SELECT count(*)::int AS found FROM posts WHERE text LIKE '%slip%'`);
    expect(rows[0].found).toBe(0);
    const shown = await app.ok(
      `query Gone($id: ID!, $ids: [ID!]!, $author: ID!) {
        post(id: $id) { id } node(id: $id) { id } nodes(ids: $ids) { id }
        user(id: $author) { posts { nodes { id } } } viewer { feed { nodes { id } } }
      }`,
      { id, ids: [id, commentId], author: ada.id },
      ada,
    );
    expect(shown).toMatchObject({ post: null, node: null, nodes: [null, null] });
    expect(JSON.stringify([shown.user, shown.viewer])).not.toContain(id);
  });
});

describe('the id that an app makes for a post', () => {
  it('is the id of the post', async () => {
    const id = encodeId('post', newId());
    expect(await publish(app, ada, 'Mine', { id })).toBe(id);
    expect((await readPost(id, bob)).id).toBe(id);
  });

  it.each([
    ['of a user', encodeId('user', newId())],
    ['of a comment', encodeId('comment', newId())],
    ['made of a random UUID', encodeId('post', '5f0c3a52-3f0e-4c55-9a0f-0d5a2f4f7c11')],
    ['that is a bare UUID', newId()],
    ['in capitals', encodeId('post', newId()).toUpperCase()],
    ['that is empty', ''],
  ])('must not be one %s', async (_, id) => {
    const { userErrors } = await mutate(app, ada, 'createPost', { id, text: 'Mine' });
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'id'] }]);
  });

  it('must not be taken, and a refusal does not tell by whom or what', async () => {
    const deleted = await publish(app, ada);
    await remove(app, ada, deleted);
    const taken = [await publish(app, bob), await publish(app, ada, 'Not for Bob', { audience: 'PRIVATE' }), deleted];
    const before = await countersOf(bob);
    const create = documentOf('createPost', 'postEdge { node { id text author { handle } } }');
    const answers = await Promise.all(taken.map((id) => app.query(create, { input: { id, text: 'Bob' } }, bob)));
    expect(answers[0]?.data.createPost).toMatchObject({ postEdge: null, userErrors: [{ code: 'CONFLICT' }] });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await countersOf(bob)).toEqual(before);
  });

  it('is given to one of many that send it at once', async () => {
    const id = encodeId('post', newId());
    const tries = [ada, bob, ada, bob, ada, bob].map((as) => mutate(app, as, 'createPost', { id, text: as.handle }));
    const codes = (await Promise.all(tries)).map((payload) => payload.userErrors[0]?.code ?? 'made');
    expect(codes.sort()).toEqual([...Array(5).fill('CONFLICT'), 'made']);
  });
});

describe('the text of a post', () => {
  const post = (text: string) => mutate(app, ada, 'createPost', { text }, 'postEdge { node { text } }');

  it.each([
    ['trimmed', '  Hello\n', 'Hello'],
    ['kept with its line breaks', 'One\n\ttwo', 'One\n\ttwo'],
    ['counted in characters, not in UTF-16 units', '🦊'.repeat(5_000), '🦊'.repeat(5_000)],
    ['kept letter by letter', 'שלום 👩‍👩‍👧 naïve', 'שלום 👩‍👩‍👧 naïve'],
  ])('is %s', async (_, text, kept) => {
    expect((await post(text)).postEdge.node.text).toBe(kept);
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n\t\u00a0'],
    ['longer than 5000 characters', 'x'.repeat(5_001)],
    ['with a bidirectional override', 'abc\u202edef'],
    ['with a control character', 'ding\u0007'],
  ])('must not be %s', async (_, text) => {
    const { userErrors, postEdge } = await post(text);
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'text'] }]);
    expect(postEdge).toBeNull();
  });

  it('is checked by an edit too', async () => {
    const id = await publish(app, ada);
    const { userErrors } = await mutate(app, ada, 'updatePost', { id, text: ' ' });
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'text'] }]);
    expect(await readPost(id)).toMatchObject({ text: 'Hello', version: 1 });
  });
});

describe('the counters of posts', () => {
  it('equal the rows after any interleaving of writes', async () => {
    const authors = [await app.person('cher'), await app.person('dino')];
    const random = seeded(20_260_101);
    const posts: { author: Person; id: string }[] = [];
    const audiences: NonNullable<PostFields['audience']>[] = ['PUBLIC', 'FOLLOWERS', 'PRIVATE'];
    await together(10, 200, async () => {
      const audience = pick(random, audiences);
      const action = random();
      if (posts.length === 0 || action < 0.4) {
        const author = pick(random, authors);
        posts.push({ author, id: await publish(app, author, 'Counted', { audience }) });
      } else {
        // Several workers take the same post: who comes second finds it changed or gone.
        const { author, id } = pick(random, posts.slice(-4));
        await (action < 0.75
          ? mutate(app, author, 'updatePost', { id, audience })
          : mutate(app, author, 'deleteNode', { id }));
      }
    });
    for (const author of authors) {
      const { rows } = await app.sql.query(
        `SELECT a AS audience, count(p.id)::int AS posts FROM unnest($2::text[]) a
         LEFT JOIN posts p ON p.audience = a AND p.author_id = $1 AND p.deleted_at IS NULL GROUP BY a`,
        [author.uuid, audiences],
      );
      const counted = Object.fromEntries(rows.map((row) => [row.audience, row.posts]));
      expect(await countersOf(author)).toEqual(counted);
      const { user } = await app.ok('query Count($id: ID!) { user(id: $id) { counts { posts } } }', { id: author.id });
      expect(user.counts.posts).toBe(counted['PUBLIC']);
    }
  });
});
