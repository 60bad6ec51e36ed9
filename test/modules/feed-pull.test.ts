import { type Person, startTestApp, type TestApp } from '../support/app';
import { idsOf, type List, listsOf, pagesOf } from '../support/lists';
import { crowd, publish, relate } from '../support/verbs';

/** Authors with three followers or more are read at page time. */
const THRESHOLD = 3;

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { FEED_PULL_THRESHOLD: `${THRESHOLD}`, FEED_BACKFILL_POSTS: '100' } });
});
afterAll(() => app.close());

function feedOf(viewer: Person): List {
  return listsOf(viewer, '').find(({ name }) => name === 'feed') as List;
}

/** The ids in a home feed, read in pages of this length. */
async function readFeed(viewer: Person, first: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pagesOf(app, feedOf(viewer), first)) ids.push(...idsOf(page));
  return ids;
}

async function follow(author: Person, ...fans: Person[]): Promise<void> {
  await Promise.all(fans.map((fan) => relate(app, fan, author, { following: true })));
  await app.jobsDone();
}

async function publishAll(author: Person, size: number): Promise<string[]> {
  const ids = [];
  for (let i = 0; i < size; i += 1) ids.push(await publish(app, author, `Post ${i}`));
  await app.jobsDone();
  return ids.reverse();
}

async function entriesOf(author: Person): Promise<number> {
  const { rows } = await app.sql.query('SELECT count(*)::int AS entries FROM feed_entries WHERE author_id = $1', [
    author.uuid,
  ]);
  return rows[0].entries;
}

describe('an author who comes to have many followers', () => {
  let author: Person;
  let fans: Person[];
  let before: string[];
  let after: string[];

  beforeAll(async () => {
    author = await app.person('rising');
    fans = await crowd(app, 'fan', THRESHOLD + 1);
    const [first, second, third, fourth] = fans as [Person, Person, Person, Person];
    await follow(author, first, second);
    before = await publishAll(author, 3);
    await follow(author, third);
    after = await publishAll(author, 3);
    await follow(author, fourth);
  });

  it('is written to feeds before and no longer after', async () => {
    // Two followers got three posts each, the third found them by following, the fourth came after the crossing.
    expect(await entriesOf(author)).toBe(9);
  });

  it.each([1, 2, 100])('is shown to every follower without hole or repeat, in pages of %i', async (first) => {
    for (const fan of fans) expect(await readFeed(fan, first)).toEqual([...after, ...before]);
  });

  it('is shown so also when entries were written all the same', async () => {
    const [fan] = fans as [Person];
    await app.sql.query(
      `INSERT INTO feed_entries (viewer_id, post_id, author_id, published_at)
       SELECT $1, id, author_id, created_at FROM posts WHERE author_id = $2 ON CONFLICT DO NOTHING`,
      [fan.uuid, author.uuid],
    );
    for (const first of [1, 2, 100]) expect(await readFeed(fan, first)).toEqual([...after, ...before]);
  });

  it('is hidden at once by a mute, an unfollow and a block', async () => {
    const [, fan] = fans as [Person, Person];
    for (const [hide, show] of [
      [{ muting: true }, { muting: false }],
      [{ following: false }, { following: true }],
      [{ blocking: true }, { blocking: false }],
    ] as const) {
      await relate(app, fan, author, hide);
      expect(await readFeed(fan, 100)).toEqual([]);
      await relate(app, fan, author, show);
    }
    await relate(app, fan, author, { following: true });
    expect(await readFeed(fan, 100)).toEqual([...after, ...before]);
  });

  it('stays one that is read when followers leave', async () => {
    const [first, second, ...rest] = fans as [Person, Person, ...Person[]];
    for (const fan of [first, second]) await relate(app, fan, author, { following: false });
    const newest = await publishAll(author, 1);
    for (const fan of rest) expect(await readFeed(fan, 2)).toEqual([...newest, ...after, ...before]);
    expect(await readFeed(first, 2)).toEqual([]);
  });
});

describe('a feed from all sources', () => {
  it('is one list, newest first, full pages, each post once', async () => {
    const [viewer, small, big, other] = (await crowd(app, 'mixed', 4)) as [Person, Person, Person, Person];
    const extras = await crowd(app, 'extra', THRESHOLD);
    await follow(small, viewer);
    await follow(big, viewer, ...extras);
    await follow(other, ...extras);
    const expected: string[] = [];
    for (let i = 0; i < 24; i += 1) {
      const author = [small, big, viewer, other][i % 4] as Person;
      const audience = i === 9 ? 'PRIVATE' : i % 3 === 0 ? 'FOLLOWERS' : 'PUBLIC';
      const id = await publish(app, author, `Post ${i}`, { audience });
      if (author !== other && i !== 9) expected.unshift(id);
    }
    await app.jobsDone();
    // Equal times leave the order to the ids, whatever source a post comes from.
    await app.sql.query(`UPDATE posts SET created_at = date_trunc('minute', created_at)`);
    await app.sql.query('UPDATE feed_entries e SET published_at = p.created_at FROM posts p WHERE p.id = e.post_id');
    for (const first of [1, 5, 7, 100]) expect(await readFeed(viewer, first)).toEqual(expected);
    const sizes = [];
    for await (const page of pagesOf(app, feedOf(viewer), 5)) sizes.push(page.edges.length);
    expect(sizes).toEqual([5, 5, 5, 2]);
  });

  it('has no hole when an author crosses the threshold between two pages', async () => {
    const [viewer, author] = (await crowd(app, 'between', 2)) as [Person, Person];
    await follow(author, viewer);
    const before = await publishAll(author, 10);
    const seen: string[] = [];
    for await (const page of pagesOf(app, feedOf(viewer), 3)) {
      seen.push(...idsOf(page));
      if (seen.length === 3) {
        await follow(author, ...(await crowd(app, 'wave', THRESHOLD)));
        await publishAll(author, 1);
      }
    }
    expect(seen).toEqual(before);
  });
});
