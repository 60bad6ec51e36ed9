import { CAST } from './cast';
import { DAY_MS, type People } from './people';
import type { Relations } from './relations';
import { Rng, STREAM } from './rng';
import { at, Lists, WeightedDraw } from './sampling';
import { uuidAt } from './uuid';
import { TOPICS } from './vocabulary/topics';
import { type Voice, type WrittenPost, writePost } from './writing';

const HISTORY_DAYS = 90;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Ages in minutes of the newest posts, so that a feed opened right after the load has something of today. */
const NEWEST_MINUTES = [2, 6, 13, 27, 51, 85] as const;
/** Where people are awake: relative number of posts by hour of the day in UTC. */
const DAY_RHYTHM = [3, 2, 2, 2, 3, 4, 6, 8, 9, 9, 8, 9, 10, 9, 8, 8, 9, 10, 12, 13, 13, 11, 8, 5] as const;
const BUSIEST_HOUR = Math.max(...DAY_RHYTHM);
const OWN_INTEREST_CHANCE = 0.8;
const EDIT_CHANCE = 0.04;

export const AUDIENCES = ['PUBLIC', 'FOLLOWERS', 'PRIVATE'] as const;
export const PUBLIC = 0;
export const FOLLOWERS = 1;
export const PRIVATE = 2;
const USUAL_AUDIENCES = { followers: 0.12, private: 0.03 };

/** All posts, by position; positions ascend with `createdAt`. Texts are written when asked for, always the same. */
export interface Posts {
  readonly count: number;
  readonly ids: readonly string[];
  readonly authors: Int32Array;
  /** Epoch ms. */
  readonly createdAt: Float64Array;
  /** Epoch ms, later than `createdAt` when the post was edited. */
  readonly updatedAt: Float64Array;
  /** Positions in AUDIENCES. */
  readonly audiences: Uint8Array;
  /** Positions in TOPICS, and how many posts on that topic came before. */
  readonly topics: Uint8Array;
  readonly ordinals: Int32Array;
  readonly byAuthor: Lists;
  write(position: number): WrittenPost;
}

export function planPosts(people: People, relations: Relations, count: number, seed: number, now: number): Posts {
  const createdAt = postTimes(count, seed, now);
  const authors = pickAuthors(people, relations, createdAt, seed);
  const rng = new Rng(seed, STREAM.postText);
  const audiences = new Uint8Array(count);
  const topics = new Uint8Array(count);
  const ordinals = new Int32Array(count);
  const updatedAt = new Float64Array(count);
  const postsOnTopic = new Int32Array(TOPICS.length);
  for (let i = 0; i < count; i++) {
    const author = at(authors, i);
    const mix = CAST[people.cast.indexOf(author)]?.audiences ?? USUAL_AUDIENCES;
    const x = rng.float();
    audiences[i] = x < mix.private ? PRIVATE : x < mix.private + mix.followers ? FOLLOWERS : PUBLIC;
    const topic = rng.chance(OWN_INTEREST_CHANCE) ? people.interest(author, rng) : rng.below(TOPICS.length);
    topics[i] = topic;
    ordinals[i] = at(postsOnTopic, topic);
    postsOnTopic[topic] = at(postsOnTopic, topic) + 1;
    const time = at(createdAt, i);
    updatedAt[i] = rng.chance(EDIT_CHANCE) ? Math.min(now, time + Math.ceil(rng.exponential(20 * MINUTE_MS))) : time;
  }
  const idRng = new Rng(seed, STREAM.postId);
  const textRng = new Rng(seed, STREAM.postText);
  return {
    count,
    ids: Array.from(createdAt, (time, i) => uuidAt(time, idRng.at(i))),
    authors,
    createdAt,
    updatedAt,
    audiences,
    topics,
    ordinals,
    byAuthor: Lists.group(authors, people.count),
    write(position) {
      textRng.at(position + 1);
      const author = at(authors, position);
      const friend = mentionBy(people, relations, author, textRng) ?? 'an old friend';
      return writePost(textRng, {
        topic: at(topics, position),
        topicOrdinal: at(ordinals, position),
        worldOrdinal: position,
        voice: at(people.voices, author) as Voice,
        friend,
      });
    },
  };
}

/** The mention of somebody this person follows. */
export function mentionBy(people: People, relations: Relations, person: number, rng: Rng): string | undefined {
  const following = relations.followingOf.of(person);
  if (following.length === 0) return undefined;
  const followed = at(relations.follows.to, at(following, rng.below(following.length)));
  return `@${people.handles[followed]}`;
}

function postTimes(count: number, seed: number, now: number): Float64Array {
  const rng = new Rng(seed, STREAM.postTime);
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let time: number;
    do {
      // The exponent makes the last weeks somewhat busier than the first ones: the network grows.
      time = Math.floor(now - 2 * HOUR_MS - (HISTORY_DAYS * DAY_MS - 3 * HOUR_MS) * rng.float() ** 1.2);
    } while (!rng.chance(at24(time) / BUSIEST_HOUR));
    times[i] = time;
  }
  const newest = count < 50 ? Math.min(count, 1) : NEWEST_MINUTES.length;
  for (let i = 0; i < newest; i++) {
    times[i] = Math.floor(now - (NEWEST_MINUTES[i] ?? 1) * MINUTE_MS - rng.float() * MINUTE_MS);
  }
  return times.sort();
}

function at24(time: number): number {
  const hour = ((Math.floor(time / HOUR_MS) % 24) + 24) % 24;
  return DAY_RHYTHM[hour] ?? BUSIEST_HOUR;
}

function pickAuthors(people: People, relations: Relations, createdAt: Float64Array, seed: number): Int32Array {
  const rng = new Rng(seed, STREAM.postAuthor);
  const weights = people.activity.map((activity, i) => (at(people.isAloof, i) === 1 ? 0 : activity));
  // Everybody else being silent, the oldest account speaks.
  if (!weights.some((weight) => weight > 0)) weights[0] = 1;
  const draw = new WeightedDraw(weights);
  const newest = createdAt.length - NEWEST_MINUTES.length;
  const [ada = -1] = people.cast;
  const seenByAda = ada < 0 ? [] : Array.from(relations.followingOf.of(ada), (i) => at(relations.follows.to, i));
  return Int32Array.from(createdAt, (time, i) => {
    if (i >= newest && seenByAda.length > 0) {
      const author = rng.pick(seenByAda);
      if (at(people.createdAt, author) < time) return author;
    }
    for (let attempt = 0; attempt < 40; attempt++) {
      const author = draw.draw(rng);
      if (at(people.createdAt, author) < time) return author;
    }
    return 0;
  });
}
