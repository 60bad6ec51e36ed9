import { conversationTables } from './conversations';
import { type Engagement, planEngagement } from './engagement';
import { type People, planPeople } from './people';
import { AUDIENCES, FOLLOWERS, type Posts, PRIVATE, PUBLIC, planPosts } from './posts';
import { type Pairs, planRelations, type Relations, WorldSizeError } from './relations';
import { Rng, STREAM } from './rng';
import { at, Lists } from './sampling';
import type { CellValue, WorldTable } from './table';
import { uuidAt } from './uuid';

export { WorldSizeError } from './relations';
export type { CellValue, WorldTable } from './table';

/** How many rows of each kind a world has; every number is met exactly. */
export interface WorldSize {
  users: number;
  posts: number;
  comments: number;
  likes: number;
  follows: number;
  /** One for every 50 users when absent. */
  blocks?: number;
  /** None when absent. Each has a handful of messages. */
  conversations?: number;
}

export interface WorldOptions {
  /** The same seed, size and `now` give the same rows. */
  seed: number;
  /** Epoch ms; nothing in the world is younger. */
  now: number;
  /** Everybody's; a world without one has accounts nobody can sign in to. */
  passwordHash?: string;
  /** Authors with at least this many accepted followers get a row in feed_pull_authors, and no feed entries. Default 10,000. */
  pullThreshold?: number;
  /**
   * How many of an author's newest PUBLIC and FOLLOWERS posts are written into the followers' feeds. Default 100.
   * An author with more has older posts that are in no feed: scrolling a feed ends earlier than the history does.
   * `Infinity` fans out all of them.
   */
  feedEntriesPerAuthor?: number;
}

export interface World {
  readonly tables: readonly WorldTable[];
}

export const PULL_THRESHOLD = 10_000;
export const FEED_ENTRIES_PER_AUTHOR = 100;

/**
 * Invents a whole social network that obeys every rule of the schema and of the product. Planning takes typed arrays of a
 * few bytes for each row; rows and texts are made while they are read, one table after another.
 * @throws WorldSizeError for a size no world can have
 */
export function generateWorld(size: WorldSize, options: WorldOptions): World {
  for (const [name, value] of Object.entries(size)) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw new WorldSizeError(`${name} is ${value}: give a whole number of 0 or more.`);
  }
  if (size.users < 1) throw new WorldSizeError('A world needs somebody in it: ask for at least 1 user.');
  const now = Math.floor(options.now);
  const { seed } = options;
  const people = planPeople(size.users, seed, now);
  const relations = planRelations(people, size, seed, now);
  const posts = planPosts(people, relations, size.posts, seed, now);
  const engagement = planEngagement(people, relations, posts, size, seed, now);
  return {
    tables: [
      ...peopleTables(people, options.passwordHash ?? '!'),
      ...relationTables(people, relations),
      ...postTables(people, posts),
      ...commentTables(people, posts, engagement, seed),
      ...likeTables(people, posts, engagement),
      ...feedTables(people, relations, posts, options, now),
      ...conversationTables(people, relations, size.conversations ?? 0, seed, now),
    ],
  };
}

function peopleTables(people: People, passwordHash: string): WorldTable[] {
  const { count, ids, names, handles } = people;
  return [
    table('users', 'id name handle bio private version created_at updated_at', count, (i) => {
      const [joined, updated] = [at(people.createdAt, i), at(people.updatedAt, i)];
      const isPrivate = at(people.isPrivate, i) === 1;
      const version = updated > joined ? 2 : 1;
      return [ids[i], names[i], handles[i], people.bio(i), isPrivate, version, iso(joined), iso(updated)];
    }),
    table('user_handles', 'handle_key user_id', count, (i) => [handles[i], ids[i]]),
    table('credentials', 'user_id email password_hash updated_at', count, (i) => {
      return [ids[i], `${handles[i]}@example.com`, passwordHash, iso(at(people.createdAt, i))];
    }),
    table('credential_emails', 'email_key user_id', count, (i) => [`${handles[i]}@example.com`, ids[i]]),
  ];
}

function relationTables(people: People, relations: Relations): WorldTable[] {
  const { ids } = people;
  const { follows, blocks, mutes, followersOf, followingOf } = relations;
  const pair = (pairs: Pairs, i: number) => [ids[at(pairs.from, i)], ids[at(pairs.to, i)]];
  return [
    table('follows', 'follower_id followee_id state created_at', follows.from.length, (i) => {
      const state = at(follows.isAccepted, i) === 1 ? 'accepted' : 'requested';
      return [...pair(follows, i), state, iso(at(follows.createdAt, i))];
    }),
    table('blocks', 'blocker_id blocked_id created_at', blocks.from.length, (i) => {
      return [...pair(blocks, i), iso(at(blocks.createdAt, i))];
    }),
    table('mutes', 'muter_id muted_id created_at', mutes.from.length, (i) => {
      return [...pair(mutes, i), iso(at(mutes.createdAt, i))];
    }),
    table('relationship_counters', 'user_id followers following', people.count, (i) => {
      return [ids[i], followersOf.count(i), followingOf.count(i)];
    }),
  ];
}

function postTables(people: People, posts: Posts): WorldTable[] {
  return [
    table('posts', 'id author_id text audience version created_at updated_at', posts.count, (i) => {
      const [created, updated] = [at(posts.createdAt, i), at(posts.updatedAt, i)];
      const version = updated > created ? 2 : 1;
      const author = people.ids[at(posts.authors, i)];
      const audience = AUDIENCES[at(posts.audiences, i)];
      return [posts.ids[i], author, posts.write(i).text, audience, version, iso(created), iso(updated)];
    }),
    table('author_post_counters', 'author_id public_posts follower_posts private_posts', people.count, (i) => {
      const counts = [0, 0, 0];
      for (const post of posts.byAuthor.of(i))
        counts[at(posts.audiences, post)] = (counts[at(posts.audiences, post)] ?? 0) + 1;
      return [people.ids[i], counts[PUBLIC], counts[FOLLOWERS], counts[PRIVATE]];
    }),
  ];
}

function commentTables(people: People, posts: Posts, engagement: Engagement, seed: number): WorldTable[] {
  const total = sum(engagement.commentCounts);
  return [
    {
      name: 'comments',
      columns: 'post_id id seq author_id text version created_at updated_at deleted_at'.split(' '),
      rowCount: total,
      *rows() {
        const rng = new Rng(seed, STREAM.commentId);
        for (let post = 0; post < posts.count; post++) {
          let seq = 0;
          for (const comment of engagement.commentsOf(post)) {
            yield [
              posts.ids[post] as string,
              uuidAt(comment.createdAt, rng.at(comment.index)),
              ++seq,
              people.ids[comment.author] as string,
              comment.text,
              comment.version,
              iso(comment.createdAt),
              iso(comment.updatedAt),
              comment.deletedAt === null ? null : iso(comment.deletedAt),
            ];
          }
        }
      },
    },
    table('comment_threads', 'post_id last_seq comment_count', posts.count, (i) => {
      return [posts.ids[i], at(engagement.commentCounts, i), engagement.liveComments(i)];
    }),
  ];
}

function likeTables(people: People, posts: Posts, engagement: Engagement): WorldTable[] {
  return [
    {
      name: 'likes',
      columns: ['post_id', 'user_id', 'created_at'],
      rowCount: sum(engagement.likeCounts),
      *rows() {
        for (let post = 0; post < posts.count; post++) {
          for (const { user, createdAt } of engagement.likesOf(post)) {
            yield [posts.ids[post] as string, people.ids[user] as string, iso(createdAt)];
          }
        }
      },
    },
    table('post_like_counters', 'post_id likes', posts.count, (i) => [posts.ids[i], at(engagement.likeCounts, i)]),
  ];
}

function feedTables(
  people: People,
  relations: Relations,
  posts: Posts,
  options: WorldOptions,
  now: number,
): WorldTable[] {
  const threshold = options.pullThreshold ?? PULL_THRESHOLD;
  const depth = options.feedEntriesPerAuthor ?? FEED_ENTRIES_PER_AUTHOR;
  const { followersOf, followingOf, follows } = relations;
  const pulled: number[] = [];
  const fannedOut = new Int32Array(posts.count).fill(-1);
  let entryCount = 0;
  for (let author = 0; author < people.count; author++) {
    if (followersOf.count(author) >= threshold) {
      pulled.push(author);
      continue;
    }
    const visible = posts.byAuthor.of(author).filter((post) => at(posts.audiences, post) !== PRIVATE);
    const newest = visible.slice(Math.max(0, visible.length - depth));
    for (const post of newest) fannedOut[post] = author;
    entryCount += newest.length * followersOf.count(author);
  }
  const fannedOutBy = Lists.group(fannedOut, people.count);
  return [
    {
      name: 'feed_entries',
      columns: ['viewer_id', 'post_id', 'author_id', 'published_at'],
      rowCount: entryCount,
      *rows() {
        // Kept because the same post is written into many feeds.
        const published: string[] = Array.from(posts.createdAt, iso);
        for (let viewer = 0; viewer < people.count; viewer++) {
          const viewerId = people.ids[viewer] as string;
          const lists = Array.from(followingOf.of(viewer), (follow) => fannedOutBy.of(at(follows.to, follow)));
          const feed = new Int32Array(lists.reduce((length, list) => length + list.length, 0));
          let end = 0;
          for (const list of lists) {
            feed.set(list, end);
            end += list.length;
          }
          for (const post of feed.sort()) {
            const author = people.ids[at(posts.authors, post)] as string;
            yield [viewerId, posts.ids[post] as string, author, published[post] as string];
          }
        }
      },
    },
    table('feed_pull_authors', 'author_id since', pulled.length, (i) => [people.ids[pulled[i] ?? 0], iso(now)]),
  ];
}

function table(
  name: string,
  columns: string,
  rowCount: number,
  row: (index: number) => readonly (CellValue | undefined)[],
): WorldTable {
  return {
    name,
    columns: columns.split(' '),
    rowCount,
    *rows() {
      for (let i = 0; i < rowCount; i++) yield row(i) as readonly CellValue[];
    },
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function sum(counts: Int32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
