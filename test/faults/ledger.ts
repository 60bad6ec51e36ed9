/** Milliseconds on the one clock of a run: everything is written and received in the same process. */
export type Ms = number;

/** One write as its writer knows it. It is retried under one key until it is answered, so it happened once or never. */
export interface Write {
  readonly verb: 'create' | 'edit' | 'delete';
  readonly node: string;
  readonly author: string;
  /** The post of a comment, the conversation of a message; null for what is in no list that is followed. */
  readonly list: string | null;
  /** What the node says from then on; null for a deletion. Unique in a run. */
  readonly text: string | null;
  /** When it was first sent: nobody can know of it before. */
  readonly sent: Ms;
  /** When it was certain; null when the run ended before that. */
  answered: Ms | null;
  /** The code of the user error that it was answered with, if any: then nothing was written. */
  refused: string | null;
}

/** One change of how a person stands to another. Those of one pair follow each other: the next is sent after the answer. */
export interface Standing {
  readonly viewer: string;
  readonly other: string;
  readonly change: 'block' | 'unblock' | 'follow' | 'unfollow';
  readonly sent: Ms;
  answered: Ms | null;
}

export interface Ledger {
  readonly writes: readonly Write[];
  readonly standings: readonly Standing[];
}

/** A time in which one of two people blocks the other. Nobody knows when exactly it began and ended, only bounds. */
interface Block {
  /** From here on it may be in force. */
  readonly sent: Ms;
  /** From here on it is in force. */
  readonly answered: Ms;
  /** Until here it is in force. */
  readonly undoSent: Ms;
  /** Until here it may be in force. */
  readonly undone: Ms;
}

/** The ledger, arranged for the questions of the checkers. */
export class Facts {
  private readonly creations = new Map<string, Write>();
  private readonly lists = new Map<string, Write[]>();
  private readonly sentAt = new Map<string, Map<string, Ms>>();
  private readonly deletions = new Map<string, Ms>();
  private readonly edited = new Set<string>();
  private readonly blocks = new Map<string, Block[]>();

  constructor(ledger: Ledger) {
    for (const write of ledger.writes) {
      if (write.verb === 'create') this.addCreation(write);
      if (write.verb === 'edit') this.edited.add(write.node);
      if (write.verb === 'delete') this.deletions.set(write.node, write.sent);
      if (write.text !== null) this.textsOf(write.node).set(write.text, write.sent);
    }
    for (const standing of ledger.standings) this.addStanding(standing);
  }

  creationOf(node: string): Write | undefined {
    return this.creations.get(node);
  }

  createdIn(list: string): readonly Write[] {
    return this.lists.get(list) ?? [];
  }

  /** When a text of a node was first sent; undefined when it never was. */
  textSentAt(node: string, text: string): Ms | undefined {
    return this.sentAt.get(node)?.get(text);
  }

  wasDeleted(node: string): boolean {
    return this.deletions.has(node);
  }

  wasChanged(node: string): boolean {
    return this.edited.has(node) || this.deletions.has(node);
  }

  /** Whether a block between the two was in force without doubt all the time from `from` to `to`. */
  surelyApart(one: string, other: string, from: Ms, to: Ms): boolean {
    return this.blocksBetween(one, other).some((block) => block.answered < from && to < block.undoSent);
  }

  /** Whether a block between the two may have been in force at any time from `from` on. */
  maybeApart(one: string, other: string, from: Ms): boolean {
    return this.blocksBetween(one, other).some((block) => block.undone > from);
  }

  private addCreation(write: Write): void {
    this.creations.set(write.node, write);
    if (write.list === null) return;
    const list = this.lists.get(write.list) ?? [];
    this.lists.set(write.list, list);
    list.push(write);
  }

  private addStanding({ viewer, other, change, sent, answered }: Standing): void {
    const key = `${viewer} ${other}`;
    const blocks = this.blocks.get(key) ?? [];
    this.blocks.set(key, blocks);
    const certain = answered ?? Number.POSITIVE_INFINITY;
    const last = blocks.at(-1);
    const open = last !== undefined && last.undoSent === Number.POSITIVE_INFINITY;
    if (change === 'block' && !open) {
      blocks.push({ sent, answered: certain, undoSent: Number.POSITIVE_INFINITY, undone: Number.POSITIVE_INFINITY });
    }
    if (change === 'unblock' && open) blocks[blocks.length - 1] = { ...last, undoSent: sent, undone: certain };
  }

  private blocksBetween(one: string, other: string): Block[] {
    return [...(this.blocks.get(`${one} ${other}`) ?? []), ...(this.blocks.get(`${other} ${one}`) ?? [])];
  }

  private textsOf(node: string): Map<string, Ms> {
    const texts = this.sentAt.get(node) ?? new Map<string, Ms>();
    this.sentAt.set(node, texts);
    return texts;
  }
}
