import type { Tag } from '../platform/cache/touched';

/** What of a value a stranger's answer depends on. */
export interface Tagging<Key, Value> {
  readonly tags?: (key: Key, value: Value) => readonly Tag[] | null;
}

/** Gathers what a stranger's answer is made of, while it is made. */
export class AnswerTags {
  private readonly names = new Set<Tag>();
  private whole = true;

  /** A loader has brought a value, or a page has brought it along. */
  note<Key, Value>({ tags }: Tagging<Key, Value>, key: Key, value: Value): void {
    const named = tags?.(key, value);
    if (!named) this.whole = false;
    else for (const tag of named) this.names.add(tag);
  }

  /** Something was read that no tag names, so nobody would learn of its change. */
  spoil(): void {
    this.whole = false;
  }

  /** Null when they cannot be all. */
  get all(): readonly Tag[] | null {
    return this.whole ? [...this.names] : null;
  }
}
