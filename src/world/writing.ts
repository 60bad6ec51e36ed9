import { mix, type Rng } from './rng';
import { type Filling, fill, mentions } from './template';
import { AUTHOR_REPLIES, COMMENT_OPENERS, FOLLOW_UPS, FRIENDLY_EMOJI, SHARED_COMMENTS } from './vocabulary/replies';
import { CLOSERS } from './vocabulary/shared';
import { type Answer, answers, MOODS, type Mood, type Topic } from './vocabulary/topic';
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
const FITTING_ANSWER_CHANCE = 0.55;
const FITTING_REPLY_CHANCE = 0.6;
const SHARED_COMMENT_CHANCE = 0.4;
const OPENER_CHANCE = 0.04;
const TRIES_FOR_A_NEW_COMMENT = 12;
/** Every list of texts is drawn from in an order of its own. */
const SALT = { closers: 11, authorReplies: 22, followUps: 33, shared: 44, topics: 55, posts: 1055 } as const;

const POST_TEMPLATES: readonly (readonly PostTemplate[])[] = TOPICS.map((topic) =>
  MOODS.flatMap((mood) => topic.posts[mood].map((template) => ({ mood, template }))),
);
/** The templates with gaps enough for hundreds of different texts each. */
const VARIED_TEMPLATES = POST_TEMPLATES.map((templates) =>
  templates.filter(({ template }) => (template.match(/\{/g)?.length ?? 0) >= 2 || mentions(template, 'friend')),
);
const TOPIC_ANSWERS = TOPICS.map((topic) =>
  byMood((mood) => sorted(answers([...topic.comments[mood], ...topic.comments.any]))),
);
const SHARED_ANSWERS = byMood((mood) => sorted(answers(SHARED_COMMENTS[mood])));
const AUTHOR_ANSWERS = byMood((mood) => sorted(answers(AUTHOR_REPLIES[mood])));
const FOLLOW_UP_ANSWERS = sorted(answers(FOLLOW_UPS));

/** Answers that fit some texts, and those that fit any. */
interface Answers {
  fitting: readonly Answer[];
  general: readonly string[];
}

function sorted(list: readonly Answer[]): Answers {
  return {
    fitting: list.filter((answer) => answer.when !== undefined),
    general: list.filter((answer) => answer.when === undefined).map((answer) => answer.template),
  };
}

function byMood<T>(make: (mood: Mood) => T): Record<Mood, T> {
  return { good: make('good'), bad: make('bad'), ask: make('ask'), note: make('note') };
}

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

/** Who writes a post, and which one. */
export interface PostOccasion {
  topic: number;
  /** Counts the posts on this topic, and all of them; they keep repetitions apart. */
  topicOrdinal: number;
  worldOrdinal: number;
  voice: Voice;
  /** A mention of somebody the author follows, or words for nobody in particular. */
  friend: string;
}

export function writePost(rng: Rng, occasion: PostOccasion): WrittenPost {
  const { topic: topicNumber, topicOrdinal, worldOrdinal, voice, friend } = occasion;
  const { mood, template } = postTemplate(topicNumber, topicOrdinal);
  const topic = TOPICS[topicNumber] as Topic;
  const filling: Filling = { rng, words: topic.words, values: { friend } };
  let text = articles(fill(template, filling));
  if (text.length < CLOSER_MAX_LENGTH && rng.chance(CLOSER_CHANCE)) {
    const closers = CLOSERS[mood];
    const closer = closers[spread(worldOrdinal, closers.length, SALT.closers)] as string;
    text += `${rng.chance(0.12) ? '\n\n' : ' '}${fill(closer, filling)}`;
  }
  return { text: spoken(text, rng, voice, topic.emoji, mood), mood, subject: filling.subject };
}

/** Who comments, and on which occasion. */
export interface CommentOccasion {
  voice: Voice;
  /** A mention of somebody the commenter follows. */
  friend: string | undefined;
  /** A first word on the post, the post's author answering, or somebody coming back to the thread. */
  role: 'first' | 'author' | 'return';
  /** The mention of whoever is answered, and their words. */
  other: string;
  otherText: string;
  /** Counts the comments on this topic and mood, and all of them; they keep repetitions apart. */
  topicOrdinal: number;
  worldOrdinal: number;
}

/** Writes the comments under one post, in their order, and avoids saying the same thing twice. */
export class CommentWriter {
  readonly #topic: Topic;
  readonly #fitting: string[];
  readonly #shared: readonly string[];
  readonly #used = new Set<string>();

  constructor(
    readonly topicNumber: number,
    readonly post: WrittenPost,
  ) {
    this.#topic = TOPICS[topicNumber] as Topic;
    this.#fitting = fittingTo(post.text, this.#answers());
    const shared = SHARED_ANSWERS[post.mood];
    this.#shared = [...shared.general, ...fittingTo(post.text, shared)];
  }

  write(rng: Rng, occasion: CommentOccasion): string {
    const { role, worldOrdinal, friend, other, otherText } = occasion;
    const { mood, subject } = this.post;
    let text = '';
    if (role === 'first') {
      if (this.#fitting.length > 0 && rng.chance(FITTING_ANSWER_CHANCE)) {
        text = this.#fill(rng, this.#fitting.splice(rng.below(this.#fitting.length), 1), 0, 0, { subject, friend });
      } else if (rng.chance(SHARED_COMMENT_CHANCE)) {
        text = this.#fill(rng, this.#shared, worldOrdinal, SALT.shared, { friend });
      }
      const { general } = this.#answers();
      text ||= this.#fill(rng, general, occasion.topicOrdinal, SALT.topics + this.topicNumber, { subject, friend });
    } else {
      const replies = role === 'author' ? AUTHOR_ANSWERS[mood] : FOLLOW_UP_ANSWERS;
      const salt = role === 'author' ? SALT.authorReplies : SALT.followUps;
      const fitting = rng.chance(FITTING_REPLY_CHANCE) ? fittingTo(otherText, replies) : [];
      if (fitting.length > 0) text = this.#fill(rng, fitting, rng.below(fitting.length), salt, { other });
      text ||= this.#fill(rng, replies.general, worldOrdinal, salt, { other });
    }
    text ||= rng.pick(FRIENDLY_EMOJI);
    this.#used.add(text);
    if (role === 'first' && /^[A-Z][a-z].{24}/.test(text) && rng.chance(OPENER_CHANCE))
      text = rng.pick(COMMENT_OPENERS) + text;
    return spoken(text, rng, occasion.voice, role === 'first' ? this.#topic.emoji : FRIENDLY_EMOJI, mood);
  }

  #answers(): Answers {
    return TOPIC_ANSWERS[this.topicNumber]?.[this.post.mood] ?? SHARED_ANSWERS[this.post.mood];
  }

  /** The first of a list's texts, from its `ordinal`-th on, whose gaps can be filled and that this thread has not seen. */
  #fill(
    rng: Rng,
    list: readonly string[],
    ordinal: number,
    salt: number,
    gaps: { subject?: string; friend?: string; other?: string },
  ): string {
    const values: Record<string, string> = {};
    for (const [name, value] of Object.entries(gaps)) if (value !== undefined) values[name] = value;
    const missing = (['subject', 'friend'] as const).filter((name) => values[name] === undefined);
    for (let attempt = 0; attempt < Math.min(TRIES_FOR_A_NEW_COMMENT, list.length); attempt++) {
      const template = list[spread(ordinal + attempt * 31, list.length, salt)] as string;
      if (missing.some((name) => mentions(template, name))) continue;
      const text = articles(fill(template, { rng, words: this.#topic.words, values }));
      if (!this.#used.has(text)) return text;
    }
    return '';
  }
}

function fittingTo(text: string, { fitting }: Answers): string[] {
  return fitting.filter((answer) => answer.when?.test(text)).map((answer) => answer.template);
}

function postTemplate(topic: number, ordinal: number): PostTemplate {
  const all = POST_TEMPLATES[topic] as readonly PostTemplate[];
  // In a large world the fixed texts would come up again and again.
  const templates = ordinal < all.length ? all : (VARIED_TEMPLATES[topic] ?? all);
  return templates[spread(ordinal, templates.length, SALT.posts + topic)] as PostTemplate;
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
  const emojiChance = voice === VOICE.emoji ? 0.4 : voice === VOICE.plain ? 0.03 : 0.06;
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
