import { DEMO_SEED, DEMO_SIZE } from '../../src/world/demo';
import { generateWorld, type WorldSize, WorldSizeError } from '../../src/world/generate';
import { groupBy, MEDIUM, NOW, type Row, worldRows } from './rows';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const DAY_MS = 86_400_000;

describe.each([
  ['the demo', DEMO_SIZE, DEMO_SEED, {}],
  ['five hundred people', MEDIUM, 3, { pullThreshold: 200, feedEntriesPerAuthor: 20 }],
] as const)('a world of %s', (_, size, seed, options) => {
  const world = worldRows(size, { seed, ...options });
  const rows = (table: string): Row[] => world[table] ?? [];
  const users = new Map(rows('users').map((user) => [user['id'], user]));
  const posts = new Map(rows('posts').map((post) => [post['id'], post]));
  const pair = (a: unknown, b: unknown) => `${a}>${b}`;
  const accepted = new Set(
    rows('follows').flatMap((f) => (f['state'] === 'accepted' ? [pair(f['follower_id'], f['followee_id'])] : [])),
  );
  const blocks = new Set(rows('blocks').map((block) => pair(block['blocker_id'], block['blocked_id'])));
  const isBlocked = (a: unknown, b: unknown) => blocks.has(pair(a, b)) || blocks.has(pair(b, a));
  const maySee = (viewer: unknown, post: Row): boolean => {
    const author = post['author_id'];
    if (viewer === author) return true;
    if (post['audience'] === 'PRIVATE' || isBlocked(viewer, author)) return false;
    if (post['audience'] === 'PUBLIC' && !users.get(author ?? '')?.['private']) return true;
    return accepted.has(pair(viewer, author));
  };
  const offenders = (table: string, isWrong: (row: Row) => boolean) => rows(table).filter(isWrong);
  const time = (row: Row, column = 'created_at') => Date.parse(String(row[column]));

  it('has exactly as many rows as asked for', () => {
    expect(rows('users')).toHaveLength(size.users);
    expect(rows('posts')).toHaveLength(size.posts);
    expect(rows('comments')).toHaveLength(size.comments);
    expect(rows('likes')).toHaveLength(size.likes);
    expect(rows('follows')).toHaveLength(size.follows);
    expect(rows('blocks')).toHaveLength(size.blocks ?? 0);
  });

  it('announces the row count of every table', () => {
    for (const table of generateWorld(size, { seed, now: NOW, ...options }).tables) {
      expect([table.name, rows(table.name).length]).toEqual([table.name, table.rowCount]);
    }
  });

  it.each(['users', 'posts', 'comments'])('gives %s UUIDv7 ids of their time of creation', (table) => {
    const wrong = offenders(table, (row) => {
      const id = String(row['id']);
      return !UUID_V7.test(id) || Number.parseInt(id.replace('-', '').slice(0, 12), 16) !== time(row);
    });
    expect(wrong).toEqual([]);
    expect(new Set(rows(table).map((row) => row['id'])).size).toBe(rows(table).length);
  });

  it('has one handle, one password and one email address for everybody', () => {
    const handles = rows('users').map((user) => String(user['handle']));
    expect(new Set(handles).size).toBe(size.users);
    expect(handles.filter((handle) => !/^[a-z0-9_]{3,30}$/.test(handle))).toEqual([]);
    const ids = rows('users').map((user) => [user['handle'], user['id']]);
    expect(rows('user_handles').map((row) => [row['handle_key'], row['user_id']])).toEqual(ids);
    expect(rows('credential_emails').map((row) => [row['email_key'], row['user_id']])).toEqual(
      ids.map(([handle, id]) => [`${handle}@example.com`, id]),
    );
    expect(rows('credentials').map((row) => [row['email'], row['user_id'], row['password_hash']])).toEqual(
      ids.map(([handle, id]) => [`${handle}@example.com`, id, 'hash']),
    );
  });

  it('makes nothing before its people exist or after now', () => {
    const people = [
      'follower_id',
      'followee_id',
      'blocker_id',
      'blocked_id',
      'muter_id',
      'muted_id',
      'author_id',
      'user_id',
    ];
    for (const table of ['users', 'follows', 'blocks', 'mutes', 'posts', 'comments', 'likes']) {
      const wrong = offenders(table, (row) => {
        const births = people.map((column) => users.get(row[column] ?? '')).filter((user) => user !== undefined);
        return time(row) > NOW || births.some((user) => time(user) > time(row));
      });
      expect([table, wrong]).toEqual([table, []]);
    }
  });

  it('marks what was edited, and only that, by version and time', () => {
    for (const table of ['users', 'posts', 'comments']) {
      const wrong = offenders(table, (row) => {
        const later = time(row, 'updated_at') - time(row);
        return row['version'] === 1 ? later !== 0 : row['version'] !== 2 || later <= 0 || time(row, 'updated_at') > NOW;
      });
      expect([table, wrong]).toEqual([table, []]);
    }
    expect(offenders('posts', (post) => post['version'] === 2).length).toBeGreaterThan(0);
  });

  it('lets nobody follow, block or mute themselves, or anybody twice', () => {
    for (const [table, from, to] of [
      ['follows', 'follower_id', 'followee_id'],
      ['blocks', 'blocker_id', 'blocked_id'],
      ['mutes', 'muter_id', 'muted_id'],
    ] as const) {
      expect(offenders(table, (row) => row[from] === row[to] || !users.has(row[from]) || !users.has(row[to]))).toEqual(
        [],
      );
      expect(new Set(rows(table).map((row) => pair(row[from], row[to]))).size).toBe(rows(table).length);
    }
  });

  it('has no follow across a block, and requests at private accounts only', () => {
    expect(offenders('follows', (follow) => isBlocked(follow['follower_id'], follow['followee_id']))).toEqual([]);
    const requests = offenders('follows', (follow) => follow['state'] === 'requested');
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.filter((follow) => !users.get(follow['followee_id'] ?? '')?.['private'])).toEqual([]);
    const towardsPrivate = offenders(
      'follows',
      (follow) => users.get(follow['followee_id'] ?? '')?.['private'] === true,
    );
    expect(requests.length).toBeLessThan(towardsPrivate.length / 2);
  });

  it('counts followers and followed exactly', () => {
    const count = (column: string) => {
      const counts = new Map<string, number>();
      for (const row of rows('follows')) {
        if (row['state'] === 'accepted') counts.set(String(row[column]), (counts.get(String(row[column])) ?? 0) + 1);
      }
      return counts;
    };
    const [followers, following] = [count('followee_id'), count('follower_id')];
    expect(rows('relationship_counters')).toEqual(
      rows('users').map(({ id }) => {
        return { user_id: id, followers: followers.get(String(id)) ?? 0, following: following.get(String(id)) ?? 0 };
      }),
    );
  });

  it('counts the posts of every author by audience exactly', () => {
    const byAuthor = groupBy(rows('posts'), 'author_id');
    const count = (id: unknown, audience: string) =>
      (byAuthor.get(String(id)) ?? []).filter((post) => post['audience'] === audience).length;
    expect(rows('author_post_counters')).toEqual(
      rows('users').map(({ id }) => ({
        author_id: id,
        public_posts: count(id, 'PUBLIC'),
        follower_posts: count(id, 'FOLLOWERS'),
        private_posts: count(id, 'PRIVATE'),
      })),
    );
  });

  it('writes posts over ninety days, the newest within minutes, most of them public', () => {
    const ages = rows('posts').map((post) => NOW - time(post));
    expect(Math.max(...ages)).toBeLessThanOrEqual(90 * DAY_MS);
    expect(Math.max(...ages)).toBeGreaterThan(80 * DAY_MS);
    expect(Math.min(...ages)).toBeLessThan(10 * 60_000);
    const part = (audience: string) => offenders('posts', (post) => post['audience'] === audience).length / size.posts;
    expect(part('PUBLIC')).toBeGreaterThan(0.75);
    expect(part('FOLLOWERS')).toBeGreaterThan(0.08);
    expect(part('PRIVATE')).toBeGreaterThan(0.01);
  });

  it.each([
    ['likes', 'user_id'],
    ['comments', 'author_id'],
  ])('has %s after the post only, and from people only who may see it', (table, column) => {
    const wrong = offenders(table, (row) => {
      const post = posts.get(row['post_id'] ?? '');
      return post === undefined || time(row) <= time(post) || !maySee(row[column], post);
    });
    expect(wrong).toEqual([]);
  });

  it('has at most one like of a person under a post, and counts them exactly', () => {
    expect(new Set(rows('likes').map((like) => pair(like['post_id'], like['user_id']))).size).toBe(size.likes);
    const likes = groupBy(rows('likes'), 'post_id');
    expect(rows('post_like_counters')).toEqual(
      rows('posts').map(({ id }) => ({ post_id: id, likes: likes.get(String(id))?.length ?? 0 })),
    );
  });

  it('numbers the comments of a post without a hole in the order of time, and counts the live ones', () => {
    const comments = groupBy(rows('comments'), 'post_id');
    const threads = rows('posts').map(({ id }) => {
      const thread = comments.get(String(id)) ?? [];
      expect(thread.map((comment) => comment['seq'])).toEqual(thread.map((_, i) => i + 1));
      const times = thread.map((comment) => time(comment));
      expect(times).toEqual([...times].sort((a, b) => a - b));
      const live = thread.filter((comment) => comment['deleted_at'] === null).length;
      return { post_id: id, last_seq: thread.length, comment_count: live };
    });
    expect(rows('comment_threads')).toEqual(threads);
    const deleted = offenders('comments', (comment) => comment['deleted_at'] !== null);
    expect(deleted.length).toBeGreaterThan(0);
    expect(deleted.filter((comment) => comment['text'] !== '')).toEqual([]);
  });

  it('writes the newest posts of ordinary authors into the feeds of their followers', () => {
    const threshold = 'pullThreshold' in options ? options.pullThreshold : 10_000;
    const depth = 'feedEntriesPerAuthor' in options ? options.feedEntriesPerAuthor : 100;
    const popular = new Set(
      rows('relationship_counters').flatMap((row) => (Number(row['followers']) >= threshold ? [row['user_id']] : [])),
    );
    expect(rows('feed_pull_authors').map((row) => row['author_id'])).toEqual([...popular]);
    const followers = groupBy(
      offenders('follows', (follow) => follow['state'] === 'accepted'),
      'followee_id',
    );
    const expected: string[] = [];
    for (const [author, written] of groupBy(rows('posts'), 'author_id')) {
      if (popular.has(author)) continue;
      const visible = written.filter((post) => post['audience'] !== 'PRIVATE').slice(-depth);
      for (const { follower_id } of followers.get(author) ?? []) {
        for (const post of visible) expected.push([follower_id, post['id'], author, post['created_at']].join());
      }
    }
    const entries = rows('feed_entries').map((entry) => Object.values(entry).join());
    expect(entries.sort()).toEqual(expected.sort());
  });

  it('mentions only people who exist', () => {
    const handles = new Set(rows('users').map((user) => user['handle']));
    const texts = [...rows('posts'), ...rows('comments')].map((row) => String(row['text']));
    const mentioned = texts.flatMap((text) => Array.from(text.matchAll(/@(\w+)/g), ([, handle]) => handle ?? ''));
    expect(mentioned.length).toBeGreaterThan(20);
    expect(mentioned.filter((handle) => !handles.has(handle))).toEqual([]);
  });

  it('leaves no gap of a template open', () => {
    const texts = [...rows('posts'), ...rows('comments'), ...rows('users')].map(
      (row) => `${row['text'] ?? ''}${row['bio'] ?? ''}`,
    );
    expect(texts.filter((text) => /[{}¶]|undefined|^\[/.test(text))).toEqual([]);
  });
});

describe('the same world again', () => {
  const size: WorldSize = { users: 60, posts: 200, comments: 500, likes: 600, follows: 500 };

  it('comes of the same seed and size, row by row', () => {
    expect(worldRows(size)).toEqual(worldRows(size));
  });

  it('comes of reading a table twice, or only one of the tables', () => {
    const { tables } = generateWorld(size, { seed: 1, now: NOW });
    for (const table of [...tables].reverse()) expect([...table.rows()]).toEqual([...table.rows()]);
    const comments = tables.find(({ name }) => name === 'comments');
    expect([...(comments?.rows() ?? [])].map((row) => row[4])).toEqual(
      worldRows(size)['comments']?.map((row) => row['text']),
    );
  });

  it('does not come of another seed', () => {
    const ids = (seed: number) => worldRows(size, { seed })['users']?.map((user) => user['id']) ?? [];
    const others = new Set(ids(2));
    expect(ids(1).filter((id) => others.has(id))).toEqual([]);
  });
});

describe('a size no world can have', () => {
  it.each([
    [{ users: 0, posts: 0, comments: 0, likes: 0, follows: 0 }, 'at least 1 user'],
    [{ users: 10, posts: 1.5, comments: 0, likes: 0, follows: 0 }, 'posts is 1.5'],
    [{ users: 10, posts: 5, comments: 0, likes: 0, follows: 500 }, 'follows'],
    [{ users: 10, posts: 5, comments: 0, likes: 500, follows: 5 }, 'fewer likes'],
    [{ users: 10, posts: 5, comments: 5_000, likes: 0, follows: 5 }, 'fewer comments'],
  ])('is refused with what to change: %j', (size, message) => {
    expect(() => generateWorld(size, { seed: 1, now: NOW })).toThrow(WorldSizeError);
    expect(() => generateWorld(size, { seed: 1, now: NOW })).toThrow(message);
  });

  it('does not include the smallest ones', () => {
    expect(worldRows({ users: 1, posts: 3, comments: 0, likes: 0, follows: 0 })['posts']).toHaveLength(3);
    const few = worldRows({ users: 4, posts: 6, comments: 4, likes: 3, follows: 3, blocks: 0 });
    expect(few['comments']).toHaveLength(4);
  });
});
