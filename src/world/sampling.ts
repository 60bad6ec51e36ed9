import type { Rng } from './rng';

/** Draws positions in proportion to their weights, in constant time per draw (Walker's alias method). */
export class WeightedDraw {
  readonly #keep: Float64Array;
  readonly #alias: Int32Array;

  /** @param weights at least one of them greater than 0 */
  constructor(weights: Float64Array) {
    const size = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (!(total > 0)) throw new RangeError('A weighted draw needs a weight greater than 0.');
    this.#keep = new Float64Array(size);
    const heaviest = weights.reduce((best, weight, i) => (weight > at(weights, best) ? i : best), 0);
    this.#alias = new Int32Array(size).fill(heaviest);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < size; i++) {
      this.#keep[i] = (at(weights, i) * size) / total;
      (at(this.#keep, i) < 1 ? small : large).push(i);
    }
    while (small.length > 0 && large.length > 0) {
      const poor = small.pop() as number;
      const rich = large.pop() as number;
      this.#alias[poor] = rich;
      this.#keep[rich] = at(this.#keep, rich) + at(this.#keep, poor) - 1;
      (at(this.#keep, rich) < 1 ? small : large).push(rich);
    }
    // What is left differs from 1 by rounding only, except for weights of 0, which are never drawn: their alias is.
    for (const i of [...small, ...large]) this.#keep[i] = at(weights, i) > 0 ? 1 : 0;
  }

  draw(rng: Rng): number {
    const i = rng.below(this.#keep.length);
    return rng.float() < at(this.#keep, i) ? i : at(this.#alias, i);
  }
}

/** A set of ordered pairs of user positions, open addressing over one typed array: 8 to 32 bytes for each pair. */
export class PairSet {
  #slots: Float64Array;
  #mask: number;
  size = 0;

  /** @param base greater than every position @param expected pairs to make room for at once */
  constructor(
    readonly base: number,
    expected: number,
  ) {
    let capacity = 16;
    while (capacity < expected * 2) capacity *= 2;
    this.#slots = new Float64Array(capacity);
    this.#mask = capacity - 1;
  }

  has(a: number, b: number): boolean {
    return at(this.#slots, this.#find(a * this.base + b + 1)) !== 0;
  }

  /** False when the pair was there already. */
  add(a: number, b: number): boolean {
    const key = a * this.base + b + 1;
    const slot = this.#find(key);
    if (at(this.#slots, slot) !== 0) return false;
    this.#slots[slot] = key;
    this.size++;
    if (this.size * 2 > this.#slots.length) this.#grow();
    return true;
  }

  /** All pairs as `a * base + b`, ascending. */
  sorted(): Float64Array {
    return this.#slots
      .filter((key) => key !== 0)
      .map((key) => key - 1)
      .sort();
  }

  #find(key: number): number {
    let slot = Math.imul((key % 0x7fffffff) | 0, 0x9e3779b1) ^ Math.imul((key / 0x7fffffff) | 0, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    while (at(this.#slots, slot) !== 0 && at(this.#slots, slot) !== key) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    this.#mask = this.#slots.length - 1;
    for (const key of old) if (key !== 0) this.#slots[this.#find(key)] = key;
  }
}

/** Lists of positions, one list per owner, in two typed arrays. */
export class Lists {
  constructor(
    readonly starts: Int32Array,
    readonly items: Int32Array,
  ) {}

  /** Groups the items 0, 1, 2 … by their owner; an owner of -1 leaves the item out. Items stay in ascending order. */
  static group(owners: Int32Array, ownerCount: number): Lists {
    const starts = new Int32Array(ownerCount + 1);
    for (const owner of owners) if (owner >= 0) starts[owner + 1] = at(starts, owner + 1) + 1;
    for (let i = 0; i < ownerCount; i++) starts[i + 1] = at(starts, i + 1) + at(starts, i);
    const next = starts.slice(0, ownerCount);
    const items = new Int32Array(at(starts, ownerCount));
    for (let item = 0; item < owners.length; item++) {
      const owner = at(owners, item);
      if (owner < 0) continue;
      items[at(next, owner)] = item;
      next[owner] = at(next, owner) + 1;
    }
    return new Lists(starts, items);
  }

  of(owner: number): Int32Array {
    return this.items.subarray(at(this.starts, owner), at(this.starts, owner + 1));
  }

  count(owner: number): number {
    return at(this.starts, owner + 1) - at(this.starts, owner);
  }
}

/** An entry that is known to be there. */
export function at(list: Float64Array | Int32Array | Uint8Array, index: number): number {
  return list[index] as number;
}

/**
 * Splits `total` into whole numbers in proportion to `weights`, none above its cap; the sum is exactly `total`.
 * Returns null when the caps together are less than `total`.
 */
export function share(total: number, weights: Float64Array, caps: Int32Array): Int32Array | null {
  const counts = new Int32Array(weights.length);
  let room = 0;
  for (const cap of caps) room += cap;
  if (room < total) return null;
  let left = total;
  while (left > 0) {
    let weightLeft = 0;
    for (let i = 0; i < counts.length; i++) if (at(counts, i) < at(caps, i)) weightLeft += at(weights, i);
    const before = left;
    // The fraction carried along makes the rounding exact over the whole list.
    let carried = 0;
    for (let i = 0; i < counts.length && left > 0; i++) {
      if (at(counts, i) >= at(caps, i)) continue;
      carried += weightLeft > 0 ? (before * at(weights, i)) / weightLeft : 1;
      const given = Math.min(Math.floor(carried), at(caps, i) - at(counts, i), left);
      carried -= Math.floor(carried);
      counts[i] = at(counts, i) + given;
      left -= given;
    }
    if (left === before) {
      const first = counts.findIndex((count, i) => count < at(caps, i));
      counts[first] = at(counts, first) + 1;
      left--;
    }
  }
  return counts;
}
