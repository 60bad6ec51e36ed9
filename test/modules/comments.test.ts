import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { type Gate, gateInserts, pick, seeded, together } from '../support/interleaving';
import { comment, documentOf, mutate, people, publish, relate, remove } from '../support/verbs';

const ADDED = 'commentEdge { cursor node { id text version author { handle } post { id } } } post { id commentCount }';
const EDITED = 'comment { text version }';
const POST = 'query Thread($id: ID!) { post(id: $id) { commentCount comments { nodes { id text version } } } }';

let app: TestApp;
let gate: Gate;
let ada: Person;
let bob: Person;
let cyd: Person;
let eve: Person;

beforeAll(async () => {
  app = await startTestApp();
  gate = await gateInserts(app.sql, 'comments');
  ({ ada, bob, cyd, eve } = await people(app, 'ada', 'bob', 'cyd', 'eve'));
  await relate(app, eve, bob, { blocking: true });
});
afterAll(() => app.close());

async function thread(id: string, as: Person | null = ada) {
  const { post } = await app.ok(POST, { id }, as);
  return { count: post.commentCount, texts: post.comments.nodes.map(({ text }: { text: string }) => text) };
}

describe('a comment', () => {
  it('is written under a post and counted', async () => {
    const postId = await publish(app, ada);
    const { commentEdge, post } = await mutate(app, bob, 'addComment', { postId, text: ' Well said ' }, ADDED);
    expect(commentEdge.node).toMatchObject({
      text: 'Well said',
      version: 1,
      author: { handle: 'bob' },
      post: { id: postId },
    });
    expect(post).toEqual({ id: postId, commentCount: 1 });
    expect(await thread(postId, null)).toEqual({ count: 1, texts: ['Well said'] });
  });

  it('is refused with the same bytes under a post that is hidden, deleted or never was', async () => {
    const deleted = await publish(app, ada);
    await remove(app, ada, deleted);
    const unseen = [
      encodeId('post', newId()),
      await publish(app, ada, 'Mine', { audience: 'PRIVATE' }),
      await publish(app, ada, 'Ours', { audience: 'FOLLOWERS' }),
      await publish(app, eve),
      deleted,
    ];
    const add = documentOf('addComment');
    const answers = await Promise.all(unseen.map((postId) => app.query(add, { input: { postId, text: 'Hi' } }, bob)));
    expect(answers[0]?.data.addComment.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'postId'] }]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('is edited by its author alone', async () => {
    const postId = await publish(app, ada);
    const { id } = await comment(app, bob, postId);
    for (const other of [ada, cyd]) {
      const { userErrors } = await mutate(app, other, 'updateComment', { id, text: 'Mine now' });
      expect(userErrors).toMatchObject([{ code: 'FORBIDDEN', path: ['input', 'id'] }]);
    }
    const edited = await mutate(app, bob, 'updateComment', { id, text: 'Better said', ifVersion: 1 }, EDITED);
    expect(edited.comment).toEqual({ text: 'Better said', version: 2 });
  });

  it('stays as it is when ifVersion is stale, and the conflict shows it', async () => {
    const { id } = await comment(app, bob, await publish(app, ada));
    await mutate(app, bob, 'updateComment', { id, text: 'Second' });
    const input = { id, text: 'Lost', ifVersion: 1 };
    const { userErrors } = await mutate(app, bob, 'updateComment', input);
    expect(userErrors).toMatchObject([
      { __typename: 'ConflictError', code: 'CONFLICT', currentVersion: 2, current: { __typename: 'Comment', id } },
    ]);
    const { node } = await app.ok('query C($id: ID!) { node(id: $id) { ... on Comment { text version } } }', { id });
    expect(node).toEqual({ text: 'Second', version: 2 });
  });

  it('is deleted by its author or the author of the post, and nobody else', async () => {
    const postId = await publish(app, ada);
    const mine = await comment(app, bob, postId, 'One');
    const theirs = await comment(app, bob, postId, 'Two');
    const { userErrors } = await mutate(app, cyd, 'deleteNode', { id: mine.id });
    expect(userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
    await remove(app, bob, mine.id);
    expect(await thread(postId)).toEqual({ count: 1, texts: ['Two'] });
    await remove(app, ada, theirs.id);
    expect(await thread(postId)).toEqual({ count: 0, texts: [] });
  });

  it('leaves no text behind when it is deleted', async () => {
    const postId = await publish(app, ada);
    const { id } = await comment(app, bob, postId, 'A slip of the tongue');
    await remove(app, bob, id);
    const { rows } = await app.sql.query(`SELECT count(*)::int AS found FROM comments WHERE text LIKE '%slip%'`);
    expect(rows[0].found).toBe(0);
    expect((await app.ok('query C($id: ID!) { node(id: $id) { id } }', { id }, bob)).node).toBeNull();
  });

  it('that is hidden, deleted or never was is refused with the same bytes', async () => {
    const postId = await publish(app, ada);
    const deleted = await comment(app, bob, postId);
    await remove(app, bob, deleted.id);
    const ofBlocker = await comment(app, eve, postId);
    const secret = await publish(app, ada, 'Mine', { audience: 'PRIVATE' });
    const onHiddenPost = await comment(app, ada, secret);
    const unseen = [encodeId('comment', newId()), deleted.id, ofBlocker.id, onHiddenPost.id];
    for (const name of ['updateComment', 'deleteNode'] as const) {
      const text = name === 'updateComment' ? { text: 'Hi' } : {};
      const tries = unseen.map((id) => app.query(documentOf(name), { input: { id, ...text } }, bob));
      const answers = await Promise.all(tries);
      expect(answers[0]?.data[name].userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
      // The two kinds of node name themselves differently, but no comment differs from another.
      expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    }
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n '],
    ['longer than 2000 characters', 'x'.repeat(2_001)],
    ['with an isolate control', 'abc\u2066def'],
  ])('must not be %s', async (_, text) => {
    const postId = await publish(app, ada);
    const { id } = await comment(app, bob, postId, 'Fine');
    const added = await mutate(app, bob, 'addComment', { postId, text });
    const edited = await mutate(app, bob, 'updateComment', { id, text });
    for (const { userErrors } of [added, edited]) {
      expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'text'] }]);
    }
    expect(await thread(postId)).toEqual({ count: 1, texts: ['Fine'] });
  });

  it('may have 2000 characters outside the basic plane', async () => {
    const postId = await publish(app, ada);
    await comment(app, bob, postId, '🦊'.repeat(2_000));
    expect((await thread(postId)).count).toBe(1);
  });
});

describe('the id that an app makes for a comment', () => {
  it('is the id of the comment', async () => {
    const id = encodeId('comment', newId());
    expect((await comment(app, bob, await publish(app, ada), 'Mine', id)).id).toBe(id);
  });

  it.each([
    ['of a post', encodeId('post', newId())],
    ['made of a random UUID', encodeId('comment', '5f0c3a52-3f0e-4c55-9a0f-0d5a2f4f7c11')],
    ['that is nothing of the kind', 'comment_'],
  ])('must not be one %s', async (_, id) => {
    const postId = await publish(app, ada);
    const { userErrors } = await mutate(app, bob, 'addComment', { id, postId, text: 'Mine' });
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'id'] }]);
  });

  it('must not be taken, on whatever post, and a refusal does not tell by whom or what', async () => {
    const postId = await publish(app, ada);
    const elsewhere = await publish(app, ada);
    const secret = await publish(app, ada, 'Mine', { audience: 'PRIVATE' });
    const deleted = await comment(app, bob, postId);
    await remove(app, bob, deleted.id);
    const taken = [
      await comment(app, bob, postId, 'Own, here'),
      await comment(app, bob, elsewhere, 'Own, elsewhere'),
      await comment(app, ada, secret, 'Hidden'),
      await comment(app, eve, postId, 'By somebody who blocked'),
      deleted,
    ];
    const before = await thread(postId);
    const add = documentOf('addComment', 'commentEdge { node { id } }');
    const tries = taken.map(({ id }) => app.query(add, { input: { id, postId, text: 'Bob' } }, bob));
    const answers = await Promise.all(tries);
    expect(answers[0]?.data.addComment).toMatchObject({ commentEdge: null, userErrors: [{ code: 'CONFLICT' }] });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await thread(postId)).toEqual(before);
  });

  it('is given once when it is sent for two posts at once', async () => {
    const [one, other] = [await publish(app, ada), await publish(app, ada)];
    const id = encodeId('comment', newId());
    await gate.shut();
    const first = mutate(app, ada, 'addComment', { id, postId: one, text: `${gate.mark} One` });
    await gate.waiting(1);
    const second = mutate(app, bob, 'addComment', { id, postId: other, text: 'Other' });
    // Without a reservation the second would be written while the first has not been committed.
    await Promise.race([second, gate.waiting(2)]);
    await gate.open();
    expect((await first).userErrors).toEqual([]);
    expect((await second).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'id'] }]);
    expect([await thread(one), await thread(other)]).toMatchObject([{ count: 1 }, { count: 0 }]);
  });
});

describe('the counters of comments', () => {
  it('equal the rows after any interleaving of writes, and numbers have no gap', async () => {
    const posts = await Promise.all([publish(app, ada, 'One'), publish(app, ada, 'Two'), publish(app, ada, 'Three')]);
    const random = seeded(20_260_102);
    const made: { id: string; author: Person }[] = [];
    await together(10, 200, async () => {
      if (made.length === 0 || random() < 0.6) {
        const author = pick(random, [ada, bob, cyd]);
        made.push({ author, ...(await comment(app, author, pick(random, posts))) });
      } else {
        // The author and the author of the post may both delete it, several times at once.
        const { id, author } = pick(random, made.slice(-4));
        await mutate(app, pick(random, [author, ada]), 'deleteNode', { id });
      }
    });
    const { rows } = await app.sql.query(
      `SELECT t.comment_count AS counted, count(c.id) FILTER (WHERE c.deleted_at IS NULL)::int AS live,
         t.last_seq AS last, count(c.id)::int AS made, max(c.seq) AS highest
       FROM comment_threads t JOIN comments c ON c.post_id = t.post_id JOIN posts p ON p.id = t.post_id
       WHERE p.text IN ('One', 'Two', 'Three') GROUP BY t.post_id, t.comment_count, t.last_seq`,
    );
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row.counted).toBe(row.live);
      expect([row.last, row.highest]).toEqual([row.made, row.made]);
    }
    const shown = await Promise.all(posts.map(async (id) => (await thread(id)).count));
    expect(shown.sort()).toEqual(rows.map((row) => row.live).sort());
  });

  it('leave out the comments of people whom a block hides', async () => {
    const postId = await publish(app, ada);
    await comment(app, bob, postId, 'Bob');
    await comment(app, eve, postId, 'Eve');
    await comment(app, cyd, postId, 'Cyd');
    expect(await thread(postId, bob)).toEqual({ count: 2, texts: ['Bob', 'Cyd'] });
    expect(await thread(postId, eve)).toEqual({ count: 2, texts: ['Eve', 'Cyd'] });
    expect(await thread(postId, cyd)).toEqual({ count: 3, texts: ['Bob', 'Eve', 'Cyd'] });
  });
});
