import { mix, type Rng } from './rng';
import { type Filling, fill, mentions } from './template';
import { AUTHOR_REPLIES, COMMENT_OPENERS, FOLLOW_UPS, SHARED_COMMENTS } from './vocabulary/replies';
import { CLOSERS } from './vocabulary/shared';
import { MOODS, type Mood, type Topic } from './vocabulary/topic';
import { TOPICS } from './vocabulary/topics';

/** How somebody types. */
export const VOICE = { plain: 0, lowerCase: 1, excited: 2, unpunctuated: 3, emoji: 4 } as const;
export type Voice = (typeof VOICE)[keyof typeof VOICE];

export interface WrittenPost {
  text: string;
  mood: Mood;
  /** What it is about, for comments to name, when there is such a thing. */
  subject: string | undefined;
}

interface PostTemplate {
  mood: Mood;
  template: string;
}

const CLOSER_MAX_LENGTH = 160;
const CLOSER_CHANCE = 0.2;
const SHARED_COMMENT_CHANCE = 0.36;
const TRIES_FOR_A_FITTING_COMMENT = 12;

const POST_TEMPLATES: readonly (readonly PostTemplate[])[] = TOPICS.map((topic) =>
  MOODS.flatMap((mood) => topic.posts[mood].map((template) => ({ mood, template }))),
);

const COMMENT_POOLS: readonly Readonly<Record<Mood, readonly string[]>>[] = TOPICS.map((topic) => ({
  good: [...topic.comments.good, ...topic.comments.any],
  bad: [...topic.comments.bad, ...topic.comments.any],
  ask: [...topic.comments.ask, ...topic.comments.any],
  note: [...topic.comments.note, ...topic.comments.any],
}));

/**
 * The position of the k-th draw from a list: each run of `size` draws visits every entry once, in an order of its own.
 * A small world thus hardly repeats a text before all of them were used.
 */
export function spread(k: number, size: number, salt: number): number {
  const order = mix(salt ^ mix(Math.floor(k / size)));
  let stride = 1 + (order % size);
  while (greatestCommonDivisor(stride, size) !== 1) stride++;
  return ((order >>> 8) + stride * (k % size)) % size;
}

/** The mood of a topic's k-th post, without writing it. */
export function moodOf(topic: number, ordinal: number): Mood {
  return postTemplate(topic, ordinal).mood;
}

/** @param friend a mention of somebody the author follows, or words for nobody in particular */
export function writePost(rng: Rng, topicNumber: number, ordinal: number, voice: Voice, friend: string): WrittenPost {
  const { mood, template } = postTemplate(topicNumber, ordinal);
  const topic = TOPICS[topicNumber] as Topic;
  const filling: Filling = { rng, words: topic.words, values: { friend } };
  let text = articles(fill(template, filling));
  if (text.length < CLOSER_MAX_LENGTH && rng.chance(CLOSER_CHANCE)) {
    text += `${rng.chance(0.12) ? '\n\n' : ' '}${fill(rng.pick(CLOSERS[mood]), filling)}`;
  }
  return { text: spoken(text, rng, voice, topic.emoji, mood), mood, subject: filling.subject };
}

/** What a comment answers, and from whom. */
export interface CommentOccasion {
  topic: number;
  mood: Mood;
  subject: string | undefined;
  voice: Voice;
  /** A mention of somebody the commenter follows. */
  friend: string | undefined;
  /** Counts the comments on this topic, and on everything; they keep repetitions apart. */
  topicOrdinal: number;
  worldOrdinal: number;
  /** A first word on the post, the post's author answering, or somebody coming back to the thread. */
  role: 'first' | 'author' | 'return';
  /** The mention of whoever is answered. */
  other: string;
}

/** Writes a comment that is not among those `used` in its thread, as far as that is possible, and adds it to them. */
export function writeComment(rng: Rng, occasion: CommentOccasion, used: Set<string>): string {
  const topic = TOPICS[occasion.topic] as Topic;
  const values: Record<string, string> = { other: occasion.other };
  if (occasion.subject !== undefined) values['subject'] = occasion.subject;
  if (occasion.friend !== undefined) values['friend'] = occasion.friend;
  const pool = commentPool(rng, occasion);
  let text = '';
  for (let attempt = 0; attempt < TRIES_FOR_A_FITTING_COMMENT; attempt++) {
    const template = pool.list[spread(pool.ordinal + attempt * 31, pool.list.length, pool.salt)] as string;
    if (mentions(template, 'subject') && occasion.subject === undefined) continue;
    if (mentions(template, 'friend') && occasion.friend === undefined) continue;
    text = articles(fill(template, { rng, words: topic.words, values }));
    if (!used.has(text)) break;
  }
  if (text === '') text = rng.pick(topic.emoji);
  used.add(text);
  const letters = /^[A-Z][a-z]/.test(text);
  if (occasion.role === 'first' && letters && text.length > 24 && rng.chance(0.05))
    text = rng.pick(COMMENT_OPENERS) + text;
  return spoken(text, rng, occasion.voice, topic.emoji, occasion.mood);
}

function commentPool(rng: Rng, occasion: CommentOccasion): { list: readonly string[]; ordinal: number; salt: number } {
  const { mood, role, topicOrdinal, worldOrdinal } = occasion;
  const moodNumber = MOODS.indexOf(mood);
  if (role === 'author') return { list: AUTHOR_REPLIES[mood], ordinal: worldOrdinal, salt: 101 + moodNumber };
  if (role === 'return') return { list: FOLLOW_UPS, ordinal: worldOrdinal, salt: 202 };
  if (rng.chance(SHARED_COMMENT_CHANCE)) {
    return { list: SHARED_COMMENTS[mood], ordinal: worldOrdinal, salt: 303 + moodNumber };
  }
  const list = COMMENT_POOLS[occasion.topic]?.[mood] ?? SHARED_COMMENTS[mood];
  return { list, ordinal: topicOrdinal, salt: 404 + occasion.topic * MOODS.length + moodNumber };
}

function postTemplate(topic: number, ordinal: number): PostTemplate {
  const templates = POST_TEMPLATES[topic] as readonly PostTemplate[];
  return templates[spread(ordinal, templates.length, 505 + topic)] as PostTemplate;
}

/** The text as this person would type it. */
function spoken(text: string, rng: Rng, voice: Voice, emoji: readonly string[], mood: Mood): string {
  const last = text.at(-1) ?? '';
  const single = text.indexOf('. ') < 0 && text.length < 120;
  let result = text;
  if (voice === VOICE.lowerCase) result = text.toLowerCase();
  if (last === '.' && single && (voice === VOICE.unpunctuated || voice === VOICE.lowerCase))
    result = result.slice(0, -1);
  if (last === '.' && voice === VOICE.excited && mood === 'good') result = `${result.slice(0, -1)}!`;
  const emojiChance = voice === VOICE.emoji ? 0.5 : voice === VOICE.plain ? 0.05 : 0.1;
  if (/[\p{L}.!?)"]$/u.test(result) && rng.chance(emojiChance)) result = `${result} ${rng.pick(emoji)}`;
  return result;
}

/** "a oat cappuccino" comes from filling a gap behind an article. */
function articles(text: string): string {
  return text.replace(/\b([Aa]) (?=[aeiouAEIOUÅÖ])(?!(?:one|us|uni|eu|ewe)\w*)/g, '$1n ');
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
