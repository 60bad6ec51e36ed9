import type { KeyValueStore } from '../../platform/redis/key-value-store';

/** What the keys of its texts begin with. */
export const KEY_PREFIX = 'portico:apq:';
const TTL_MS = 24 * 3_600_000;
/** What a unit of the budget keeps. */
const CHARACTERS_PER_UNIT = 100;

/**
 * Automatic persisted queries (Apollo's protocol): a client sends a hash, and the text only when the hash is not known.
 * Only documents that have passed every check are kept, each for a day from its last registration, once their sender has
 * paid for the room that they take: a stranger fills the store, which is bounded, at the price of a budget.
 */
export class AutomaticDocuments {
  constructor(
    private readonly store: KeyValueStore,
    /** Characters of one document; longer ones run but are not kept. */
    private readonly textMax: number,
  ) {}

  find(hash: string): Promise<string | null> {
    return this.store.get(KEY_PREFIX + hash);
  }

  /** Units that keeping it costs: none for a text that this process knows, or does not keep. */
  priceOf(hash: string, text: string): number {
    if (text.length > this.textMax || this.store.has(KEY_PREFIX + hash)) return 0;
    return Math.ceil(text.length / CHARACTERS_PER_UNIT);
  }

  keep(hash: string, text: string): void {
    if (text.length <= this.textMax) this.store.set(KEY_PREFIX + hash, text, TTL_MS);
  }
}
