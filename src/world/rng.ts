const UINT32 = 2 ** 32;

/** One step of splitmix32: turns any number into a well mixed one. */
export function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/**
 * A seeded random generator (sfc32 by Chris Doty-Humphrey). The same seed, stream and index give the same numbers on
 * every machine, so any row of the world can be made again without keeping it: one generator is pointed at a row by `at`.
 */
export class Rng {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(
    readonly seed: number,
    readonly stream: number,
    index = 0,
  ) {
    this.at(index);
  }

  /** Restarts at the beginning of one row's numbers. */
  at(index: number): this {
    this.#a = mix(this.seed);
    this.#b = mix(this.#a ^ Math.imul(this.stream + 1, 0x85ebca6b) ^ Math.floor(this.seed / UINT32));
    this.#c = mix(this.#b ^ index);
    this.#counter = 1;
    for (let warmUp = 0; warmUp < 8; warmUp++) this.uint32();
    return this;
  }

  /** 32 random bits. */
  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    return result >>> 0;
  }

  /** At least 0 and less than 1. */
  float(): number {
    return this.uint32() / UINT32;
  }

  /** A whole number of at least 0 and less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.float() * limit);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** An entry of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Normally distributed around 0 with a deviation of 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.float())) * Math.cos(2 * Math.PI * this.float());
  }

  /** Exponentially distributed with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float());
  }
}

/** What each stream of random numbers is for; two purposes never share one. */
export const STREAM = {
  person: 1,
  popularity: 2,
  relation: 3,
  follow: 4,
  postTime: 5,
  postAuthor: 6,
  postText: 7,
  engagement: 8,
  like: 9,
  comment: 10,
  commentText: 11,
  userId: 12,
  postId: 13,
  commentId: 14,
  commentEdit: 15,
  profileEdit: 16,
  conversation: 17,
  conversationText: 18,
} as const;
