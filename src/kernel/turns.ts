import { Fault } from './errors';

export interface TurnsOptions {
  readonly atOnce: number;
  /** How many may wait for their turn. */
  readonly waitingMax: number;
  /** What who comes later is told. */
  readonly sentence: string;
}

/** Lets few do the same thing at once, in the order in which they come. */
export class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: TurnsOptions) {}

  /** Whether work could begin at once. */
  get idle(): boolean {
    return this.running < this.options.atOnce;
  }

  /** @throws Fault SERVICE_UNAVAILABLE while nobody else could wait. */
  assertRoom(): void {
    if (this.waiting.length >= this.options.waitingMax) throw new Fault('SERVICE_UNAVAILABLE', this.options.sentence);
  }

  /** Waits as long as it takes, also where there is no room: whoever must not wait asks first. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.idle) {
      this.running += 1;
    } else {
      // Whoever finishes hands over its place, so `running` stays as it is.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
