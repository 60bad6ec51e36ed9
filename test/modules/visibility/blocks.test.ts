import { type Person, startTestApp, type TestApp } from '../../support/app';
import { block, deleteAccount, follow, followPrivate, readWhole, unblock, viewerId } from '../../support/social';
import { comment, crowd, like, publish, relate } from '../../support/verbs';

describe('a block between two people', () => {
  let app: TestApp;
  let round = 0;
  /** Neither has anything to do with the block. */
  let author: Person;
  let reader: Person;
  let blocker: Person;
  let blocked: Person;
  let others: Person[];
  let postId: string;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  beforeEach(async () => {
    round += 1;
    const person = (name: string) => app.person(`${name}_${round}`);
    author = await person('author');
    reader = await person('reader');
    blocker = await person('blocker');
    blocked = await person('blocked');
    others = await crowd(app, `other_${round}_`, 3);
    postId = await publish(app, author);
    // In this order what is hidden stands first, last and between, on every page of two.
    for (const person of [blocked, ...others.slice(0, 2), blocker, ...others.slice(2)]) {
      await Promise.all([
        comment(app, person, postId),
        like(app, person, postId),
        follow(app, person, author),
        follow(app, author, person),
      ]);
    }
  });

  /** Who wrote, liked, follows and is followed, as one viewer sees it, with what is counted. */
  async function seenBy(viewer: Person | null) {
    const document = `query Seen($postId: ID!, $authorId: ID!, $people: [ID!]!) {
      post(id: $postId) { likeCount commentCount }
      user(id: $authorId) { counts { followers following } posts(first: 1) { nodes { likeCount commentCount } } }
      nodes(ids: $people) { ... on User { counts { followers following } } }
    }`;
    const variables = { postId, authorId: author.id, people: [author.id, reader.id] };
    const { post, user, nodes } = await app.ok(document, variables, viewer);
    // On a page, and among several, things are counted otherwise than where there is one.
    expect(user.posts.nodes).toEqual([post]);
    expect(nodes[0].counts).toEqual(user.counts);
    const commentIds = (await readWhole(app, viewer, 'comments', postId)) ?? [];
    return {
      commenters: await authorsOf(viewer, commentIds),
      likers: await readWhole(app, viewer, 'likedBy', postId),
      followers: await readWhole(app, viewer, 'followers', author.id),
      following: await readWhole(app, viewer, 'following', author.id),
      counts: [post.commentCount, post.likeCount, user.counts.followers, user.counts.following],
    };
  }

  async function authorsOf(viewer: Person | null, ids: readonly string[]): Promise<string[]> {
    const document = 'query Authors($ids: [ID!]!) { nodes(ids: $ids) { ... on Comment { author { id } } } }';
    const { nodes } = await app.ok(document, { ids }, viewer);
    return nodes.map((node: { author: { id: string } }) => node.author.id);
  }

  /** What somebody sees who sees all of these people; the comments oldest first, everything else newest first. */
  function seen(people: readonly Person[]) {
    const oldestFirst = people.map(({ id }) => id);
    const newestFirst = oldestFirst.toReversed();
    return {
      commenters: oldestFirst,
      likers: newestFirst,
      followers: newestFirst,
      following: newestFirst,
      counts: people.map(() => people.length).slice(0, 4),
    };
  }

  it('hides nobody twice where both have blocked each other, or an account that was blocked is deleted', async () => {
    const [first, second, third] = others as [Person, Person, Person];
    await block(app, blocker, blocked);
    await app.sql.query('INSERT INTO blocks VALUES ($1, $2, now())', [blocked.uuid, blocker.uuid]);
    expect(await seenBy(blocker)).toEqual(seen([first, second, blocker, third]));
    await app.sql.query('DELETE FROM blocks WHERE blocker_id = $1', [blocked.uuid]);
    await deleteAccount(app, blocked);
    await app.sql.query(
      `INSERT INTO account_purges (user_id, event_id, created_at) VALUES ($1, gen_random_uuid(), now())`,
      [blocked.uuid],
    );
    expect(await seenBy(blocker)).toEqual(seen([first, second, blocker, third]));
    expect(await seenBy(reader)).toEqual(seen([first, second, blocker, third]));
  });

  it('hides each from the other in the lists of third people, from full pages and from counts', async () => {
    const [first, second, third] = others as [Person, Person, Person];
    await block(app, blocker, blocked);
    expect(await seenBy(blocker)).toEqual(seen([first, second, blocker, third]));
    expect(await seenBy(blocked)).toEqual(seen([blocked, first, second, third]));
  });

  it('hides nothing from anybody else', async () => {
    const [first, second, third] = others as [Person, Person, Person];
    await block(app, blocker, blocked);
    for (const viewer of [null, author, reader, first]) {
      expect(await seenBy(viewer)).toEqual(seen([blocked, first, second, blocker, third]));
    }
  });

  it('hides nothing any more when it is lifted', async () => {
    const [first, second, third] = others as [Person, Person, Person];
    await block(app, blocker, blocked);
    await unblock(app, blocker, blocked);
    for (const viewer of [blocker, blocked]) {
      expect(await seenBy(viewer)).toEqual(seen([blocked, first, second, blocker, third]));
    }
  });

  it('is no secret to who made it: the profile stays, and stands among the blocks', async () => {
    await block(app, blocker, blocked);
    expect(await readWhole(app, blocker, 'blocks', viewerId(blocker))).toEqual([blocked.id]);
    expect(await readWhole(app, blocked, 'blocks', viewerId(blocked))).toEqual([]);
    expect(await readWhole(app, blocked, 'blocks', viewerId(blocker))).toBeNull();
  });

  it('keeps somebody who blocked the viewer out of the blocks, the mutes and the requests of the viewer', async () => {
    // Blocks both ways can only come about at the same moment, or in data from elsewhere.
    await block(app, blocker, blocked);
    await app.sql.query('INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES ($1, $2, now())', [
      blocked.uuid,
      blocker.uuid,
    ]);
    await app.sql.query('INSERT INTO mutes (muter_id, muted_id, created_at) VALUES ($1, $2, now())', [
      blocked.uuid,
      blocker.uuid,
    ]);
    await app.sql.query(
      `INSERT INTO follows (follower_id, followee_id, state, created_at) VALUES ($1, $2, 'requested', now())`,
      [blocker.uuid, blocked.uuid],
    );
    for (const list of ['blocks', 'mutes', 'followRequests'] as const) {
      expect(await readWhole(app, blocked, list, viewerId(blocked))).toEqual([]);
    }
  });

  it('keeps somebody whom the viewer blocked among the blocks but out of the mutes', async () => {
    await relate(app, blocker, blocked, { muting: true });
    await block(app, blocker, blocked);
    expect(await readWhole(app, blocker, 'mutes', viewerId(blocker))).toEqual([]);
    await unblock(app, blocker, blocked);
    expect(await readWhole(app, blocker, 'mutes', viewerId(blocker))).toEqual([blocked.id]);
  });

  it('does not show deleted accounts among blocks, mutes and requests', async () => {
    const [blockedOne, mutedOne, asker] = others as [Person, Person, Person];
    const owner = await app.person(`owner_${round}`, { private: true });
    await block(app, owner, blockedOne);
    await relate(app, owner, mutedOne, { muting: true });
    await follow(app, asker, owner);
    for (const person of others) await deleteAccount(app, person);
    for (const list of ['blocks', 'mutes', 'followRequests'] as const) {
      expect(await readWhole(app, owner, list, viewerId(owner))).toEqual([]);
    }
  });

  it('keeps the lists of a private account closed to somebody who stopped following it', async () => {
    const owner = await app.person(`owner_${round}`, { private: true });
    await followPrivate(app, reader, owner);
    expect(await readWhole(app, reader, 'followers', owner.id)).toEqual([reader.id]);
    await relate(app, reader, owner, { following: false });
    expect(await readWhole(app, reader, 'followers', owner.id)).toEqual([]);
  });
});
