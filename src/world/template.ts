import type { Rng } from './rng';
import { SHARED_WORDS } from './vocabulary/shared';

type Part =
  | { kind: 'text'; text: string }
  | { kind: 'number'; low: number; high: number }
  | { kind: 'choice'; options: readonly string[]; startsSentence: boolean }
  | { kind: 'word'; name: string; remember: boolean; startsSentence: boolean };

/** What fills the gaps of a template. */
export interface Filling {
  readonly rng: Rng;
  /** Word lists of the topic at hand; the shared ones are behind them. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Single values by name, ahead of all word lists. */
  readonly values: Readonly<Record<string, string>>;
  /** Set by a remembered word, the first one in a text. */
  subject?: string;
}

const compiled = new Map<string, readonly Part[]>();

/**
 * Fills a template (see `Topic` for its notation). Throws when it names a word that is nowhere defined: a fault in the
 * vocabulary, which the tests find by filling every template.
 */
export function fill(template: string, filling: Filling): string {
  let text = '';
  for (const part of partsOf(template)) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'number') text += filling.rng.between(part.low, part.high);
    else if (part.kind === 'choice') text += sentenceCase(filling.rng.pick(part.options), part.startsSentence);
    else text += sentenceCase(wordFor(part.name, part.remember, filling), part.startsSentence);
  }
  return text;
}

/** True when the template needs the value of this name. */
export function mentions(template: string, name: string): boolean {
  return template.includes(`{${name}}`);
}

function wordFor(name: string, remember: boolean, filling: Filling): string {
  const value = filling.values[name];
  if (value !== undefined) return value;
  const list = filling.words[name] ?? SHARED_WORDS[name];
  if (list === undefined) throw new Error(`The vocabulary has no word list called "${name}".`);
  const entry = filling.rng.pick(list);
  const word = entry.includes('{') ? fill(entry, filling) : entry;
  // Somebody else speaks about it later, so "my tomatoes" become "your tomatoes".
  if (remember) filling.subject ??= word.replace(/\b(my|our)\b/g, 'your');
  return word;
}

function partsOf(template: string): readonly Part[] {
  let parts = compiled.get(template);
  if (parts === undefined) {
    parts = parse(template);
    compiled.set(template, parts);
  }
  return parts;
}

function parse(template: string): Part[] {
  const parts: Part[] = [];
  let startsSentence = true;
  for (const piece of template.split(/(\{[^}]*\})/)) {
    if (piece === '') continue;
    if (!piece.startsWith('{')) {
      parts.push({ kind: 'text', text: piece.replaceAll('¶', '\n') });
      startsSentence = /(?:^|[.!?¶][")]*\s+|¶|^")$/.test(piece);
      continue;
    }
    const inner = piece.slice(1, -1);
    const range = /^(\d+)-(\d+)$/.exec(inner);
    if (range) parts.push({ kind: 'number', low: Number(range[1]), high: Number(range[2]) });
    else if (inner.includes('|')) parts.push({ kind: 'choice', options: inner.split('|'), startsSentence });
    else {
      parts.push({ kind: 'word', name: inner.replace('*', ''), remember: inner.startsWith('*'), startsSentence });
    }
    startsSentence = false;
  }
  return parts;
}

function sentenceCase(text: string, startsSentence: boolean): string {
  return startsSentence ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
