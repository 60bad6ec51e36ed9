import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { pick, seeded, together } from '../support/interleaving';
import { crowd, documentOf, like, mutate, people, publish, relate, remove } from '../support/verbs';

const LIKED = 'post { id likeCount viewerHasLiked }';
const POST = 'query Likes($id: ID!) { post(id: $id) { likeCount viewerHasLiked likedBy { nodes { handle } } } }';

let app: TestApp;
let ada: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  app = await startTestApp();
  ({ ada, bob, eve } = await people(app, 'ada', 'bob', 'eve'));
});
afterAll(() => app.close());

async function likesOf(id: string, as: Person | null) {
  const { post } = await app.ok(POST, { id }, as);
  const likedBy = post.likedBy.nodes.map(({ handle }: { handle: string }) => handle);
  return { count: post.likeCount, mine: post.viewerHasLiked, likedBy };
}

describe('a like', () => {
  it('is counted, shown to its owner and listed, newest first', async () => {
    const postId = await publish(app, ada);
    const { post } = await mutate(app, bob, 'setPostLiked', { postId, liked: true }, LIKED);
    expect(post).toEqual({ id: postId, likeCount: 1, viewerHasLiked: true });
    await like(app, eve, postId);
    expect(await likesOf(postId, ada)).toEqual({ count: 2, mine: false, likedBy: ['eve', 'bob'] });
    expect(await likesOf(postId, null)).toEqual({ count: 2, mine: null, likedBy: ['eve', 'bob'] });
  });

  it('set twice is set once, and taken back twice is taken back once', async () => {
    const postId = await publish(app, ada);
    const counts = [];
    for (const liked of [true, true, false, false]) {
      const { post } = await mutate(app, bob, 'setPostLiked', { postId, liked }, LIKED);
      counts.push([post.likeCount, post.viewerHasLiked]);
    }
    expect(counts).toEqual([
      [1, true],
      [1, true],
      [0, false],
      [0, false],
    ]);
  });

  it('counts once when one person sends it many times at once', async () => {
    const postId = await publish(app, ada);
    await together(10, 20, () => like(app, bob, postId));
    expect(await likesOf(postId, bob)).toEqual({ count: 1, mine: true, likedBy: ['bob'] });
  });

  it('is refused with the same bytes for a post that is hidden, deleted or never was', async () => {
    const deleted = await publish(app, ada);
    await remove(app, ada, deleted);
    const unseen = [
      encodeId('post', newId()),
      await publish(app, ada, 'Mine', { audience: 'PRIVATE' }),
      await publish(app, ada, 'Ours', { audience: 'FOLLOWERS' }),
      deleted,
    ];
    const set = documentOf('setPostLiked', LIKED);
    const tries = unseen.map((postId) => app.query(set, { input: { postId, liked: true } }, bob));
    const answers = await Promise.all(tries);
    expect(answers[0]?.data.setPostLiked.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'postId'] }]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { rows } = await app.sql.query(
      'SELECT count(*)::int AS likes FROM likes l JOIN posts p ON p.id = l.post_id WHERE p.text IN ($1, $2)',
      ['Mine', 'Ours'],
    );
    expect(rows[0].likes).toBe(0);
  });

  it('of a person whom a block hides is neither counted nor listed, until the block is lifted', async () => {
    const postId = await publish(app, ada);
    await like(app, bob, postId);
    await like(app, eve, postId);
    await relate(app, eve, bob, { blocking: true });
    expect(await likesOf(postId, bob)).toEqual({ count: 1, mine: true, likedBy: ['bob'] });
    expect(await likesOf(postId, eve)).toEqual({ count: 1, mine: true, likedBy: ['eve'] });
    expect(await likesOf(postId, ada)).toMatchObject({ count: 2 });
    await relate(app, eve, bob, { blocking: false });
    expect(await likesOf(postId, bob)).toMatchObject({ count: 2, likedBy: ['eve', 'bob'] });
  });
});

describe('the counters of likes', () => {
  it('equal the rows after any interleaving of likes', async () => {
    const posts = await Promise.all([publish(app, ada, 'One'), publish(app, ada, 'Two')]);
    const fans = await crowd(app, 'fan', 6);
    const random = seeded(20_260_103);
    await together(10, 250, () => like(app, pick(random, fans), pick(random, posts), random() < 0.6));
    const { rows } = await app.sql.query(
      `SELECT c.likes AS counted, (SELECT count(*)::int FROM likes l WHERE l.post_id = c.post_id) AS live
       FROM post_like_counters c JOIN posts p ON p.id = c.post_id WHERE p.text IN ('One', 'Two')`,
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.counted).toBe(row.live);
    for (const postId of posts) {
      const { count, likedBy } = await likesOf(postId, ada);
      expect(likedBy).toHaveLength(count);
    }
  });
});
