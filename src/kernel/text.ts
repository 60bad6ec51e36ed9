import type { UserError } from './errors';
import { UserErrors } from './errors';

/** Bounds of a text, counted in Unicode code points after trimming. */
export interface TextRule {
  readonly min: number;
  readonly max: number;
  /** Line breaks and tabs are part of prose but not of a name. */
  readonly multiline?: boolean;
}

// Controls apart from tab and line breaks, bidirectional overrides, and lone surrogates have no place in shown text.
const NEVER_SHOWN = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/u;
const LINE_BREAKS = /[\t\n\r\u2028\u2029]/;

/** Collects everything that is wrong with an input, so that a form can show all of it at once. */
export class InputCheck {
  private readonly errors: UserError[] = [];

  add(path: readonly string[], message: string): void {
    this.errors.push({ code: 'INVALID', message, path });
  }

  /** Trims and bounds a text; what is wrong is collected, and the trimmed text comes back either way. */
  text(path: readonly string[], value: string, rule: TextRule): string {
    const text = value.trim();
    const length = lengthInCodePoints(text);
    if (length < rule.min) this.add(path, rule.min === 1 ? 'Write something.' : `Use at least ${rule.min} characters.`);
    if (length > rule.max) this.add(path, `Use at most ${rule.max} characters; this has ${length}.`);
    if (NEVER_SHOWN.test(text) || (!rule.multiline && LINE_BREAKS.test(text))) {
      this.add(path, 'Remove control characters from this text.');
    }
    return text;
  }

  /** @throws UserErrors with everything collected. */
  done(): void {
    if (this.errors.length > 0) throw new UserErrors(this.errors);
  }
}

function lengthInCodePoints(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
