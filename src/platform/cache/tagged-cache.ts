import type { Tag } from './touched';

/** A place in the order of purges: what was read since then is spoilt by a purge behind it. */
export type Moment = number;

export interface TaggedCacheOptions<Value> {
  /** Of everything kept, with what it takes to find it. */
  readonly maxBytes: number;
  /** Called with what is kept no longer. */
  readonly onDrop?: (value: Value) => void;
}

interface Slot<Value> {
  readonly key: string;
  readonly value: Value;
  readonly tags: readonly Tag[];
  bytes: number;
  /** Somebody has asked for it since it was last looked at for being thrown out. */
  wanted: boolean;
}

/** What one tag of one value takes in memory, about: its place in a set, and its share of the sets. */
const TAG_BYTES = 120;
const SLOT_BYTES = 400;
/** One value cannot push out more than this part of all. */
const SHARE_MAX = 0.05;
/** Purged tags that are remembered, for readers that began before. */
const PURGES_MAX = 10_000;
/** Keys asked for once that are remembered: this many to twice as many. */
const ASKED_MAX = 10_000;

/**
 * Values in memory, bounded in bytes, that are dropped by what they are made of. When it is full, what nobody has asked
 * for since the last round goes first, oldest first (FIFO with a second chance, as in CLOCK): a hit moves nothing, and
 * a flood of values that are asked for once passes through without pushing out what is asked for again.
 */
export class TaggedCache<Value> {
  private readonly slots = new Map<string, Slot<Value>>();
  private readonly byTag = new Map<Tag, Set<Slot<Value>>>();
  private bytes = 0;
  private now: Moment = 0;
  /** When each tag was last purged, oldest first. */
  private readonly purged = new Map<Tag, Moment>();
  /** What began before this can have missed a purge. */
  private known: Moment = 0;
  private asked = new Set<string>();
  private askedBefore = new Set<string>();

  constructor(private readonly options: TaggedCacheOptions<Value>) {}

  /** Bytes that are taken, estimated. */
  get size(): number {
    return this.bytes;
  }

  get(key: string): Value | undefined {
    const slot = this.slots.get(key);
    if (!slot) return undefined;
    slot.wanted = true;
    return slot.value;
  }

  /** Whether somebody has asked for this lately; whoever asks for it next will have been the second. */
  wasAsked(key: string): boolean {
    if (this.asked.has(key) || this.askedBefore.has(key)) return true;
    if (this.asked.size >= ASKED_MAX) [this.asked, this.askedBefore] = [new Set(), this.asked];
    this.asked.add(key);
    return false;
  }

  /** To be taken before the first read of what shall be put. */
  moment(): Moment {
    return this.now;
  }

  /** Whether nothing that is named here has been purged since; false, too, when nobody knows any more. */
  isCurrent(tags: readonly Tag[], since: Moment): boolean {
    return since >= this.known && tags.every((tag) => (this.purged.get(tag) ?? 0) <= since);
  }

  /** Keeps a value that was read since a moment; false when it was read too early, or is too large. */
  put(key: string, value: Value, bytes: number, tags: readonly Tag[], since: Moment): boolean {
    if (!this.isCurrent(tags, since)) return false;
    const taken = SLOT_BYTES + bytes + tags.length * TAG_BYTES;
    if (taken > this.options.maxBytes * SHARE_MAX) return false;
    this.drop(key);
    const slot: Slot<Value> = { key, value, tags, bytes: taken, wanted: false };
    this.slots.set(key, slot);
    for (const tag of tags) {
      const tagged = this.byTag.get(tag);
      if (tagged) tagged.add(slot);
      else this.byTag.set(tag, new Set([slot]));
    }
    this.bytes += taken;
    this.makeRoom();
    return true;
  }

  /** Says that a kept value has become larger or smaller by this. */
  grow(key: string, bytes: number): void {
    const slot = this.slots.get(key);
    if (!slot) return;
    slot.bytes += bytes;
    this.bytes += bytes;
    this.makeRoom();
  }

  drop(key: string): void {
    const slot = this.slots.get(key);
    if (slot) this.remove(slot);
  }

  /** Drops every value that is made of one of these, and spoils what is being read. */
  purge(tags: readonly Tag[]): void {
    this.now += 1;
    for (const tag of tags) {
      this.purged.delete(tag);
      this.purged.set(tag, this.now);
      for (const slot of this.byTag.get(tag) ?? []) this.remove(slot);
    }
    for (const [tag, at] of this.purged) {
      if (this.purged.size <= PURGES_MAX) break;
      this.purged.delete(tag);
      this.known = at;
    }
  }

  /** Drops everything, and spoils what is being read. */
  clear(): void {
    this.now += 1;
    this.known = this.now;
    this.purged.clear();
    for (const slot of this.slots.values()) this.remove(slot);
  }

  private makeRoom(): void {
    for (const slot of this.slots.values()) {
      if (this.bytes <= this.options.maxBytes) return;
      if (!slot.wanted) {
        this.remove(slot);
        continue;
      }
      slot.wanted = false;
      // Behind everything else; this very walk comes past it again if it has to.
      this.slots.delete(slot.key);
      this.slots.set(slot.key, slot);
    }
  }

  private remove(slot: Slot<Value>): void {
    this.slots.delete(slot.key);
    this.bytes -= slot.bytes;
    for (const tag of slot.tags) {
      const tagged = this.byTag.get(tag);
      tagged?.delete(slot);
      if (tagged?.size === 0) this.byTag.delete(tag);
    }
    this.options.onDrop?.(slot.value);
  }
}
