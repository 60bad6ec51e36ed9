import { pick, type Random, seeded } from '../support/interleaving';

/** Choices that a seed repeats. */
export class Dice {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.random() * (max - min + 1));
  }

  of<Item>(items: readonly Item[]): Item {
    return pick(this.random, items);
  }
}
