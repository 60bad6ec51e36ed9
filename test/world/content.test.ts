import { DEMO_SEED, DEMO_SIZE, demoAccounts } from '../../src/world/demo';
import { generateWorld } from '../../src/world/generate';
import { MEDIUM, NOW, type Row, worldRows } from './rows';

describe('the shape of a larger world', () => {
  const world = worldRows(MEDIUM, { seed: 11 });
  const descending = (table: string, column: string) =>
    (world[table] ?? []).map((row) => Number(row[column])).sort((a, b) => b - a);

  it('has few very popular people and many with a handful of followers', () => {
    const followers = descending('relationship_counters', 'followers');
    expect(followers[0]).toBeGreaterThan(MEDIUM.users / 3);
    expect(followers[250]).toBeLessThan((followers[0] ?? 0) / 10);
  });

  it('has one private account in twelve or so', () => {
    const part = (world['users'] ?? []).filter((user) => user['private']).length / MEDIUM.users;
    expect(part).toBeGreaterThan(0.04);
    expect(part).toBeLessThan(0.13);
  });

  it('concentrates likes and comments on some posts', () => {
    for (const [table, column] of [
      ['post_like_counters', 'likes'],
      ['comment_threads', 'comment_count'],
    ] as const) {
      const counts = descending(table, column);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const topTenth = counts.slice(0, counts.length / 10).reduce((sum, count) => sum + count, 0);
      expect(topTenth / total).toBeGreaterThan(0.3);
    }
  });

  it('is written by few people mostly', () => {
    const counts = descending('author_post_counters', 'public_posts');
    const topTenth = counts.slice(0, 50).reduce((sum, count) => sum + count, 0);
    expect(topTenth / MEDIUM.posts).toBeGreaterThan(0.3);
  });
});

describe('what people write', () => {
  const texts = (rows: Row[] | undefined) =>
    (rows ?? []).map((row) => String(row['text'])).filter((text) => text !== '');

  it('hardly repeats in the demo', () => {
    const world = worldRows(DEMO_SIZE, { seed: DEMO_SEED });
    const posts = texts(world['posts']);
    expect(new Set(posts).size / posts.length).toBeGreaterThan(0.97);
    expect(new Set(posts.slice(-300)).size).toBeGreaterThanOrEqual(298);
    const comments = texts(world['comments']);
    expect(new Set(comments).size / comments.length).toBeGreaterThan(0.6);
  });

  it('stays varied over tens of thousands of posts', () => {
    const world = generateWorld(
      { users: 300, posts: 30_000, comments: 0, likes: 0, follows: 3_000 },
      { seed: 5, now: NOW },
    );
    const posts = [...(world.tables.find(({ name }) => name === 'posts')?.rows() ?? [])].map((row) => row[2]);
    expect(new Set(posts).size).toBeGreaterThan(18_000);
  });

  it('comes in all lengths', () => {
    const comments = texts(worldRows(DEMO_SIZE, { seed: DEMO_SEED })['comments']);
    expect(comments.filter((text) => /^\S+$/.test(text)).length).toBeGreaterThan(50);
    expect(comments.filter((text) => text.length > 150).length).toBeGreaterThan(20);
  });
});

describe('the people of the demo', () => {
  const world = worldRows(DEMO_SIZE, { seed: DEMO_SEED });
  const idOf = (handle: string) => world['users']?.find((user) => user['handle'] === handle)?.['id'];
  const counters = (handle: string) => world['relationship_counters']?.find((row) => row['user_id'] === idOf(handle));
  const requestsAt = (handle: string) =>
    world['follows']?.filter((row) => row['followee_id'] === idOf(handle) && row['state'] === 'requested') ?? [];

  it('are all there', () => {
    expect(demoAccounts().map(({ handle }) => [handle, idOf(handle)])).toEqual(
      demoAccounts().map(({ handle }) => [handle, expect.any(String)]),
    );
    expect(new Set(demoAccounts().map(({ note }) => note)).size).toBe(demoAccounts().length);
  });

  it('are who their notes say', () => {
    const feedOf = (handle: string) => world['feed_entries']?.filter((row) => row['viewer_id'] === idOf(handle)) ?? [];
    expect(demoAccounts()[0]?.handle).toBe('ada');
    expect(feedOf('ada').length).toBeGreaterThan(150);
    expect(
      feedOf('ada').filter((row) => NOW - Date.parse(String(row['published_at'])) < 3 * 3_600_000).length,
    ).toBeGreaterThan(3);
    const mostFollowed = Math.max(...(world['relationship_counters'] ?? []).map((row) => Number(row['followers'])));
    expect(counters('theo')?.['followers']).toBe(mostFollowed);
    expect(requestsAt('noor').length).toBeGreaterThanOrEqual(3);
    expect(Number(counters('noor')?.['followers'])).toBeGreaterThanOrEqual(3);
    expect(world['blocks']).toContainEqual(
      expect.objectContaining({ blocker_id: idOf('ivo'), blocked_id: idOf('ada') }),
    );
    expect(counters('june')).toEqual({ user_id: idOf('june'), followers: 0, following: 0 });
    const audiences = world['posts']
      ?.filter((post) => post['author_id'] === idOf('mei'))
      .map((post) => post['audience']);
    expect(new Set(audiences)).toEqual(new Set(['PUBLIC', 'FOLLOWERS', 'PRIVATE']));
  });

  it('live in worlds of other sizes and seeds, too', () => {
    const handles = worldRows(MEDIUM, { seed: 99 })['users']?.map((user) => user['handle']) ?? [];
    expect(handles).toEqual(expect.arrayContaining(demoAccounts().map(({ handle }) => handle)));
  });
});
