/** How a post sounds; a comment is chosen to answer it in kind. */
export const MOODS = ['good', 'bad', 'ask', 'note'] as const;
export type Mood = (typeof MOODS)[number];

/**
 * What people write about one subject. All texts are templates:
 *
 * - `{word}` a random entry of `words` (the topic's own, else the shared ones); entries may be templates themselves
 * - `{*word}` the same, and remembered as what the post is about: comments name it with `{subject}`
 * - `{3-12}` a number, `{one|two}` one of these texts, `{}` inside such a list is not possible
 * - `{friend}` a mention of somebody the author follows
 * - `¶` a line break
 *
 * A comment that begins with a pattern in square brackets answers only posts in which that pattern is found, whatever the
 * case of its letters: `[potato salad|cake] Save me some!`.
 */
export interface Topic {
  readonly name: string;
  readonly emoji: readonly string[];
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly posts: Readonly<Record<Mood, readonly string[]>>;
  /** `any` fits every mood. */
  readonly comments: Readonly<Record<Mood | 'any', readonly string[]>>;
  /** Noun phrases and short sentences for the profile of somebody who cares about this. */
  readonly bios: readonly string[];
}

/** A comment, and what it needs to find in the text it answers. */
export interface Answer {
  readonly when: RegExp | undefined;
  readonly template: string;
}

/** Reads the square brackets. */
export function answers(entries: readonly string[]): Answer[] {
  return entries.map((entry) => {
    const [, pattern, template] = /^\[([^\]]+)\] (.*)$/.exec(entry) ?? [];
    if (pattern === undefined || template === undefined) return { when: undefined, template: entry };
    return { when: new RegExp(pattern, 'i'), template };
  });
}

/** One entry per line. */
export function lines(text: TemplateStringsArray): string[] {
  return trimmed(text.join('').split('\n'));
}

/** Entries separated by commas or line breaks; a comma inside quotation marks or round brackets separates nothing. */
export function words(text: TemplateStringsArray): string[] {
  return trimmed(text.join('').match(/(?:"[^"\n]*"|\([^)\n]*\)|[^,\n])+/g) ?? []);
}

function trimmed(entries: string[]): string[] {
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
}
