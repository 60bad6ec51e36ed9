import { randomUUID } from 'node:crypto';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { mutate, people, publish, relate, remove } from '../support/verbs';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { FEED_BACKFILL_POSTS: '3' } });
});
afterAll(() => app.close());

/** The texts in a home feed, as it stands now. */
async function feedOf(viewer: Person): Promise<string[]> {
  const data = await app.ok('{ viewer { feed(first: 100) { nodes { text } } } }', {}, viewer);
  return data.viewer.feed.nodes.map(({ text }: { text: string }) => text);
}

async function entriesOf(viewer: Person): Promise<number> {
  const { rows } = await app.sql.query('SELECT count(*)::int AS entries FROM feed_entries WHERE viewer_id = $1', [
    viewer.uuid,
  ]);
  return rows[0].entries;
}

/** Runs a task once more, as the queue does after a crash. */
async function runTask(task: string, payload: object): Promise<void> {
  await app.sql.query('SELECT graphile_worker.add_job($1, $2::json)', [task, JSON.stringify(payload)]);
}

let cast = 0;
/** An author and somebody who follows them. */
async function authorAndFan(fields: { private?: boolean } = {}) {
  cast += 1;
  const [author, fan] = await Promise.all([app.person(`author${cast}`, fields), app.person(`fan${cast}`)]);
  await relate(app, fan, author, { following: true });
  await app.jobsDone();
  return { author, fan };
}

describe('a home feed', () => {
  it('is for somebody: there is none without a viewer', async () => {
    expect(await app.ok('{ viewer { feed { nodes { id } } } }')).toEqual({ viewer: null });
  });

  it('shows the posts of those followed, by a job, and why', async () => {
    const { author, fan } = await authorAndFan();
    const stranger = await app.person('stranger');
    await publish(app, author, 'One');
    await publish(app, stranger, 'Elsewhere');
    await publish(app, author, 'Two', { audience: 'FOLLOWERS' });
    await publish(app, author, 'Three', { audience: 'PRIVATE' });
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['Two', 'One']);
    expect(await entriesOf(fan)).toBe(2);
    const { viewer } = await app.ok('{ viewer { feed(kind: FOLLOWING) { edges { reason } } } }', {}, fan);
    expect(viewer.feed.edges).toEqual([{ reason: 'FOLLOWING' }, { reason: 'FOLLOWING' }]);
  });

  it("shows the viewer's own posts at once, whatever their audience, and without an entry", async () => {
    const ada = await app.person('ada');
    await publish(app, ada, 'Mine', { audience: 'PRIVATE' });
    await publish(app, ada, 'Also mine');
    expect(await feedOf(ada)).toEqual(['Also mine', 'Mine']);
    expect(await entriesOf(ada)).toBe(0);
  });

  it('shows the recent posts of somebody newly followed, in their place', async () => {
    const { author, fan } = await people(app, 'author', 'fan');
    for (const text of ['1', '2', '3', '4', '5']) await publish(app, author, text);
    await publish(app, fan, 'Own');
    await publish(app, author, 'Private', { audience: 'PRIVATE' });
    await relate(app, fan, author, { following: true });
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['Own', '5', '4', '3']);
  });

  it('shows a private account once it has accepted', async () => {
    const { author, fan } = await authorAndFan({ private: true });
    await publish(app, author, 'Before');
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual([]);
    await mutate(app, author, 'answerFollowRequest', { userId: fan.id, accept: true });
    await publish(app, author, 'After');
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['After', 'Before']);
  });

  it('hides an author at once after an unfollow, and shows them at once after a new follow', async () => {
    const { author, fan } = await authorAndFan();
    await publish(app, author, 'Hello');
    await app.jobsDone();
    await relate(app, fan, author, { following: false });
    expect(await feedOf(fan)).toEqual([]);
    await publish(app, author, 'While away');
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual([]);
    await relate(app, fan, author, { following: true });
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['While away', 'Hello']);
  });

  it('hides a muted author at once, and shows everything again when the mute is lifted', async () => {
    const { author, fan } = await authorAndFan();
    await publish(app, author, 'Loud');
    await app.jobsDone();
    await relate(app, fan, author, { muting: true });
    await publish(app, author, 'Louder');
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual([]);
    await relate(app, fan, author, { muting: false });
    expect(await feedOf(fan)).toEqual(['Louder', 'Loud']);
  });

  it.each(['fan', 'author'] as const)('hides an author at once after a block by the %s, for good', async (blocker) => {
    const pair = await authorAndFan();
    const { author, fan } = pair;
    await publish(app, author, 'Hello');
    await app.jobsDone();
    const [by, other] = blocker === 'fan' ? [fan, author] : [author, fan];
    await relate(app, by, other, { blocking: true });
    expect(await feedOf(fan)).toEqual([]);
    await relate(app, by, other, { blocking: false });
    // The block ended the follow.
    expect(await feedOf(fan)).toEqual([]);
    await relate(app, fan, author, { following: true });
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['Hello']);
  });

  it('shows an edit at once, and loses a deleted post at once', async () => {
    const { author, fan } = await authorAndFan();
    const id = await publish(app, author, 'Helo');
    const other = await publish(app, author, 'Other');
    await app.jobsDone();
    await mutate(app, author, 'updatePost', { id, text: 'Hello' });
    expect(await feedOf(fan)).toEqual(['Other', 'Hello']);
    await remove(app, author, other);
    expect(await feedOf(fan)).toEqual(['Hello']);
  });

  it('gains a post that was private, at its place, and loses one that becomes private', async () => {
    const { author, fan } = await authorAndFan();
    const id = await publish(app, author, 'Draft', { audience: 'PRIVATE' });
    await publish(app, author, 'Later');
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['Later']);
    await mutate(app, author, 'updatePost', { id, audience: 'PUBLIC' });
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['Later', 'Draft']);
    await mutate(app, author, 'updatePost', { id, audience: 'PRIVATE' });
    expect(await feedOf(fan)).toEqual(['Later']);
  });
});

describe('the tasks that write feeds', () => {
  it('may run twice, and twice at once', async () => {
    const { author, fan } = await authorAndFan();
    await publish(app, author, 'Once');
    await app.jobsDone();
    const { rows } = await app.sql.query('SELECT id FROM posts WHERE author_id = $1', [author.uuid]);
    const [published, followed] = [randomUUID(), randomUUID()];
    const runs = Array.from({ length: 6 }, async () => {
      await runTask('posts.published', { postId: rows[0].id, eventId: published });
      await runTask('relationships.followed', { followerId: fan.uuid, followeeId: author.uuid, eventId: followed });
    });
    await Promise.all(runs);
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual(['Once']);
    expect(await entriesOf(fan)).toBe(1);
    expect(app.log.filter((line) => line.msg === 'job worker' && Number(line['level']) >= 40)).toEqual([]);
  });

  it('may run late: when the post is deleted, private, or the follow has ended', async () => {
    const { author, fan } = await authorAndFan();
    const deleted = await publish(app, author, 'Deleted');
    const hidden = await publish(app, author, 'Hidden');
    await app.jobsDone();
    await remove(app, author, deleted);
    await mutate(app, author, 'updatePost', { id: hidden, audience: 'PRIVATE' });
    await app.sql.query('DELETE FROM feed_entries WHERE viewer_id = $1', [fan.uuid]);
    const { rows } = await app.sql.query('SELECT id FROM posts WHERE author_id = $1', [author.uuid]);
    for (const { id } of rows) await runTask('posts.published', { postId: id, eventId: randomUUID() });
    await runTask('posts.published', { postId: randomUUID(), eventId: randomUUID() });
    await app.jobsDone();
    expect(await entriesOf(fan)).toBe(0);
    await relate(app, fan, author, { following: false });
    const late = { followerId: fan.uuid, followeeId: author.uuid, eventId: randomUUID() };
    await runTask('relationships.followed', late);
    await app.jobsDone();
    expect(await feedOf(fan)).toEqual([]);
  });

  it('miss nobody who follows while a post is being published', async () => {
    const author = await app.person('popular');
    const fans = await Promise.all(Array.from({ length: 12 }, (_, i) => app.person(`latecomer${i}`)));
    await Promise.all(
      fans.flatMap((fan, i) => [
        relate(app, fan, author, { following: true }),
        ...(i % 6 === 0 ? [publish(app, author, `Post ${i}`)] : []),
      ]),
    );
    await app.jobsDone();
    for (const fan of fans) expect((await feedOf(fan)).sort()).toEqual(['Post 0', 'Post 6']);
  });
});
