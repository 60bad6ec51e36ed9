import type { Transaction } from '../postgres/database';
import type { Doorbell, Topic } from '../redis/doorbell';

/** Names something that answers are made of, such as `post:<uuid>`. Goes out of the process as it is. */
export type Tag = string;

/** Called with what changed, or null when that can be anything; must not throw. */
export type TouchListener = (tags: readonly Tag[] | null) => void;

const TOPIC: Topic = 'touched';
/** Stands for everything there is. */
const EVERYTHING: Tag = '*';
const TAGS_PER_MESSAGE = 500;

/**
 * Tells every process, once a transaction is durable, what it changed of what many are shown. The listeners of this
 * process know before the writer is answered. A message can be lost: with a process that dies between its commit and the
 * message, or when Redis does. What is kept on the strength of this must have an end of its own; after a fault of Redis
 * that was noticed, listeners are told that it can be anything.
 */
export class Touched {
  private readonly gathered = new WeakMap<Transaction, Set<Tag>>();

  constructor(private readonly doorbell: Doorbell) {}

  /** Adds to what this transaction will have changed. */
  add(tx: Transaction, ...tags: readonly Tag[]): void {
    let gathered = this.gathered.get(tx);
    if (!gathered) {
      const fresh = new Set<Tag>();
      this.gathered.set(tx, fresh);
      tx.afterCommit(() => this.tell([...fresh]));
      gathered = fresh;
    }
    for (const tag of tags) gathered.add(tag);
  }

  /** For changes that show in more places than can be named, such as the end of an account. */
  addEverything(tx: Transaction): void {
    this.add(tx, EVERYTHING);
  }

  /** Calls `listener` after each commit, of whatever process, until the returned function is called. */
  listen(listener: TouchListener): () => void {
    return this.doorbell.listen(TOPIC, (text) => {
      const tags = text === undefined ? null : (JSON.parse(text) as Tag[]);
      listener(tags?.includes(EVERYTHING) ? null : tags);
    });
  }

  private tell(tags: readonly Tag[]): void {
    const told = tags.includes(EVERYTHING) ? [EVERYTHING] : tags;
    for (let i = 0; i < told.length; i += TAGS_PER_MESSAGE) {
      this.doorbell.signal(TOPIC, JSON.stringify(told.slice(i, i + TAGS_PER_MESSAGE)));
    }
  }
}
