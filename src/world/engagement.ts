import type { People } from './people';
import { FOLLOWERS, mentionBy, type Posts, PRIVATE, PUBLIC } from './posts';
import { type Relations, WorldSizeError } from './relations';
import { Rng, STREAM } from './rng';
import { at, share, WeightedDraw } from './sampling';
import { MOODS } from './vocabulary/topic';
import { TOPICS } from './vocabulary/topics';
import { CommentWriter, moodOf, type Voice } from './writing';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** At most this part of those who may see a post like it. */
const LIKED_BY_MAX = 0.7;
const FROM_FOLLOWERS_CHANCE = 0.75;
const COMMENT_DELETED_CHANCE = 0.006;
const COMMENT_EDITED_CHANCE = 0.01;
const AUTHOR_ANSWERS_CHANCE = 0.22;
const COMES_BACK_CHANCE = 0.1;

export interface LikeRow {
  user: number;
  createdAt: number;
}

export interface CommentRow {
  /** Counts all comments of the world. */
  index: number;
  author: number;
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
  text: string;
  version: number;
}

/** Likes and comments: how many each post has is planned, who and what is made when asked for, always the same. */
export interface Engagement {
  readonly likeCounts: Int32Array;
  readonly commentCounts: Int32Array;
  likesOf(post: number): LikeRow[];
  commentsOf(post: number): CommentRow[];
  liveComments(post: number): number;
}

/** @throws WorldSizeError when the posts do not have room for so many */
export function planEngagement(
  people: People,
  relations: Relations,
  posts: Posts,
  size: { likes: number; comments: number },
  seed: number,
  now: number,
): Engagement {
  const rng = new Rng(seed, STREAM.engagement);
  const active = people.isAloof.reduce((count, aloof) => count - aloof, people.count);
  const isOpen = (post: number): boolean =>
    at(posts.audiences, post) === PUBLIC && at(people.isPrivate, at(posts.authors, post)) === 0;
  const crowdOf = (post: number): number => {
    const author = at(posts.authors, post);
    if (at(posts.audiences, post) === PRIVATE) return 0;
    return isOpen(post) ? active - 1 - at(relations.blockedPeers, author) : relations.followersOf.count(author);
  };

  const likeWeights = new Float64Array(posts.count);
  const likeCaps = new Int32Array(posts.count);
  const commentWeights = new Float64Array(posts.count);
  const commentCaps = new Int32Array(posts.count);
  const moods = new Uint8Array(posts.count);
  for (let i = 0; i < posts.count; i++) {
    const age = now - at(posts.createdAt, i);
    const crowd = crowdOf(i);
    const minutes = Math.floor(age / MINUTE_MS);
    moods[i] = MOODS.indexOf(moodOf(at(posts.topics, i), at(posts.ordinals, i)));
    const reach = (3 + relations.followersOf.count(at(posts.authors, i))) ** 0.8;
    const recency = 0.4 + Math.exp(-age / (20 * DAY_MS));
    const charm = Math.exp(rng.normal() * 0.9);
    likeWeights[i] = reach * recency * charm * (at(posts.audiences, i) === FOLLOWERS ? 0.7 : 1);
    likeCaps[i] = Math.min(Math.ceil(crowd * LIKED_BY_MAX), 1 + minutes);
    const talk = MOODS[at(moods, i)] === 'ask' ? 2.2 : 1;
    commentWeights[i] = reach ** 0.8 * recency * charm ** 0.6 * talk * Math.exp(rng.normal() * 0.9);
    commentCaps[i] = crowd === 0 ? 0 : Math.min(3 + crowd * 3, Math.floor(minutes / 2));
  }
  const likeCounts = share(size.likes, likeWeights, likeCaps) ?? tooMany('likes', likeCaps);
  const commentCounts = share(size.comments, commentWeights, commentCaps) ?? tooMany('comments', commentCaps);

  const firstComment = new Int32Array(posts.count + 1);
  const topicOrdinals = new Int32Array(posts.count);
  const commentsOnTopic = new Int32Array(TOPICS.length * MOODS.length);
  for (let i = 0; i < posts.count; i++) {
    firstComment[i + 1] = at(firstComment, i) + at(commentCounts, i);
    const pool = at(posts.topics, i) * MOODS.length + at(moods, i);
    topicOrdinals[i] = at(commentsOnTopic, pool);
    commentsOnTopic[pool] = at(commentsOnTopic, pool) + at(commentCounts, i);
  }

  const eagerness = new WeightedDraw(
    Float64Array.from(people.isAloof, (aloof) => (aloof === 1 ? 0 : Math.exp(rng.normal() * 0.8))),
  );

  /** Somebody who may see the post, with the moment from which on; null when the draw hit nobody of the kind. */
  const drawReader = (post: number, draw: Rng): { user: number; since: number } | null => {
    const author = at(posts.authors, post);
    const followers = relations.followersOf.of(author);
    const published = at(posts.createdAt, post) + SECOND_MS;
    const open = isOpen(post);
    if (followers.length > 0 && (!open || draw.chance(FROM_FOLLOWERS_CHANCE))) {
      const follow = at(followers, draw.below(followers.length));
      const user = at(relations.follows.from, follow);
      const since = open ? at(people.createdAt, user) : at(relations.follows.createdAt, follow);
      return { user, since: Math.max(published, since) };
    }
    if (!open) return null;
    const user = eagerness.draw(draw);
    if (user === author || at(people.isAloof, user) === 1 || relations.isBlocked(user, author)) return null;
    return { user, since: Math.max(published, at(people.createdAt, user)) };
  };

  /** A moment after `since`: most people react within hours. */
  const reactionTime = (since: number, draw: Rng): number => {
    const time = since + MINUTE_MS * Math.exp(draw.normal() * 1.7 + 4.8);
    return Math.floor(time <= now ? time : since + draw.float() * (now - since));
  };

  const lastCall = new Int32Array(people.count);
  let call = 0;
  const likeRng = new Rng(seed, STREAM.like);
  const likesOf = (post: number): LikeRow[] => {
    const wanted = at(likeCounts, post);
    const rows: LikeRow[] = [];
    likeRng.at(post);
    call++;
    const like = (user: number, since: number): void => {
      if (at(lastCall, user) === call) return;
      lastCall[user] = call;
      rows.push({ user, createdAt: reactionTime(since, likeRng) });
    };
    for (let attempt = 0; attempt < wanted * 12 && rows.length < wanted; attempt++) {
      const reader = drawReader(post, likeRng);
      if (reader !== null) like(reader.user, reader.since);
    }
    const author = at(posts.authors, post);
    const published = at(posts.createdAt, post) + SECOND_MS;
    for (const follow of rows.length < wanted ? relations.followersOf.of(author) : []) {
      const user = at(relations.follows.from, follow);
      if (rows.length < wanted) like(user, Math.max(published, at(relations.follows.createdAt, follow)));
    }
    for (let user = 0; rows.length < wanted && isOpen(post) && user < people.count; user++) {
      if (user === author || at(people.isAloof, user) === 1 || relations.isBlocked(user, author)) continue;
      like(user, Math.max(published, at(people.createdAt, user)));
    }
    return rows;
  };

  const editRng = new Rng(seed, STREAM.commentEdit);
  const isDeleted = (index: number): boolean => editRng.at(index).chance(COMMENT_DELETED_CHANCE);
  const commentRng = new Rng(seed, STREAM.comment);
  const textRng = new Rng(seed, STREAM.commentText);
  const commentsOf = (post: number): CommentRow[] => {
    const wanted = at(commentCounts, post);
    if (wanted === 0) return [];
    commentRng.at(post);
    const drawn: { user: number; createdAt: number }[] = [];
    while (drawn.length < wanted) {
      const reader = drawReader(post, commentRng);
      if (reader === null) continue;
      drawn.push({ user: reader.user, createdAt: reactionTime(reader.since, commentRng) });
    }
    drawn.sort((a, b) => a.createdAt - b.createdAt);
    const author = at(posts.authors, post);
    const writer = new CommentWriter(at(posts.topics, post), posts.write(post));
    const rows: CommentRow[] = [];
    const speakers: number[] = [];
    let previousText = '';
    for (const [i, { user, createdAt }] of drawn.entries()) {
      const previous = speakers.at(-1);
      let speaker = user;
      let role: 'first' | 'author' | 'return' = 'first';
      if (previous !== undefined && previous !== author && commentRng.chance(AUTHOR_ANSWERS_CHANCE)) {
        speaker = author;
        role = 'author';
      } else if (previous !== undefined && speakers.length > 1 && commentRng.chance(COMES_BACK_CHANCE)) {
        speaker = commentRng.pick(speakers);
        role = speaker === author ? 'author' : 'return';
      }
      if (speaker === previous) {
        speaker = user;
        role = 'first';
      }
      const index = at(firstComment, post) + i;
      textRng.at(index);
      const text = writer.write(textRng, {
        voice: at(people.voices, speaker) as Voice,
        friend: mentionBy(people, relations, speaker, textRng),
        role,
        other: `@${people.handles[previous ?? author]}`,
        otherText: previousText,
        topicOrdinal: at(topicOrdinals, post) + i,
        worldOrdinal: index,
      });
      previousText = text;
      speakers.push(speaker);
      const deleted = isDeleted(index);
      const changedAt = Math.min(now, createdAt + 1 + Math.floor(editRng.exponential(2 * HOUR_MS)));
      const changed = deleted || editRng.chance(COMMENT_EDITED_CHANCE);
      rows.push({
        index,
        author: speaker,
        createdAt,
        updatedAt: changed ? changedAt : createdAt,
        deletedAt: deleted ? changedAt : null,
        // A deleted comment keeps its place in the thread, not its text.
        text: deleted ? '' : text,
        version: changed ? 2 : 1,
      });
    }
    return rows;
  };

  return {
    likeCounts,
    commentCounts,
    likesOf,
    commentsOf,
    liveComments(post) {
      let live = 0;
      for (let index = at(firstComment, post); index < at(firstComment, post + 1); index++)
        if (!isDeleted(index)) live++;
      return live;
    },
  };
}

function tooMany(what: string, caps: Int32Array): never {
  const room = caps.reduce((sum, cap) => sum + cap, 0);
  throw new WorldSizeError(
    `These posts have room for ${room} ${what}: ask for fewer ${what}, or for more users or posts.`,
  );
}
