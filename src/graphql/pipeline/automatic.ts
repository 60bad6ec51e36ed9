import type { KeyValueStore } from '../../platform/redis/key-value-store';

const KEY_PREFIX = 'portico:apq:';
const TTL_MS = 24 * 3_600_000;

/**
 * Automatic persisted queries (Apollo's protocol): a client sends a hash, and the text only when the hash is not known.
 * Only documents that have passed every check are kept, each for a day from its last registration, so that a stranger
 * can fill the store with nothing but what the limits allow, at the price of a full request each.
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

  keep(hash: string, text: string): void {
    if (text.length <= this.textMax) this.store.set(KEY_PREFIX + hash, text, TTL_MS);
  }
}
