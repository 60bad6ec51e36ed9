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
