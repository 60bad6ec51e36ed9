/**
 * SQL text with its parameters apart. Values never enter the text; fragments nest.
 *
 * For every request statements are put together anew, out of the same few fragments. What those of one call site have in
 * common is their shape, which is found again fragment by fragment. It keeps the text that was written when it was met
 * first, so that of all later ones only the values are gathered.
 */
export class Statement {
  private constructor(
    private readonly shape: Shape,
    /** Values, and statements in whose place their text stands. */
    private readonly parts: readonly unknown[],
    /** Whether PostgreSQL is to plan it for its values each time it runs. */
    readonly isPlannedEachTime = false,
  ) {}

  /**
   * @param pieces the text around the parts: one more than there are parts. Whatever has the same text around its parts
   * gives the same array, and never changes it.
   */
  static of(pieces: readonly string[], parts: readonly unknown[]): Statement {
    let step = beginningOf(pieces);
    for (const part of parts) step = step.follow(part instanceof Statement ? part.shape : VALUE);
    if (step.shape === null) {
      step.shape = new Shape(
        pieces,
        parts.map((part) => (part instanceof Statement ? part.shape : VALUE)),
      );
      if (step.shape.size === 0) step.constant = new Statement(step.shape, []);
    }
    return step.constant ?? new Statement(step.shape, parts);
  }

  /** With `$1`, `$2`, … in the places of values. Of statements of one shape it is the very same string. */
  get text(): string {
    return this.shape.text;
  }

  /** In the order of their places. */
  get values(): unknown[] {
    const values = new Array<unknown>(this.shape.size);
    this.gather(values, 0);
    return values;
  }

  plannedEachTime(): Statement {
    return new Statement(this.shape, this.parts, true);
  }

  /** Puts its values into an array from a place on, and answers the next place. */
  private gather(values: unknown[], from: number): number {
    let place = from;
    for (const part of this.parts) {
      if (!(part instanceof Statement)) values[place++] = part;
      else if (part.shape.size > 0) place = part.gather(values, place);
    }
    return place;
  }
}

const VALUE = null;

/** All of a statement but its values. */
class Shape {
  /** How many values it takes. */
  readonly size: number;
  private written: string | null = null;

  constructor(
    private readonly pieces: readonly string[],
    private readonly parts: readonly (Shape | typeof VALUE)[],
  ) {
    if (pieces.length !== parts.length + 1) {
      throw new TypeError(
        `${parts.length} parts stand between ${parts.length + 1} pieces of text, not ${pieces.length}`,
      );
    }
    this.size = parts.reduce((size, part) => size + (part === VALUE ? 1 : part.size), 0);
  }

  get text(): string {
    this.written ??= this.write(1);
    return this.written;
  }

  private write(firstPlace: number): string {
    let place = firstPlace;
    let text = this.pieces[0] as string;
    for (const [index, part] of this.parts.entries()) {
      text += part === VALUE ? `$${place}` : part.write(place);
      text += this.pieces[index + 1];
      place += part === VALUE ? 1 : part.size;
    }
    return text;
  }
}

/** A place on the way from the pieces of a statement by its parts to its shape. */
class Step {
  /** Of statements that have no more parts than led here, once there was one. */
  shape: Shape | null = null;
  /** Such a statement itself, if it has no values. */
  constant: Statement | null = null;
  // A call site mostly has the same fragments in the same places.
  private usual: Shape | typeof VALUE | undefined;
  private usualNext: Step | undefined;
  private others: Map<Shape | typeof VALUE, Step> | undefined;

  follow(part: Shape | typeof VALUE): Step {
    if (this.usual === part) return this.usualNext as Step;
    return this.others?.get(part) ?? this.lead(part);
  }

  private lead(part: Shape | typeof VALUE): Step {
    const next = new Step();
    stepsKnown += 1;
    if (this.usualNext === undefined) {
      this.usual = part;
      this.usualNext = next;
    } else {
      this.others ??= new Map();
      this.others.set(part, next);
    }
    return next;
  }
}

/**
 * Steps that are remembered. Our own source has four hundred templates with a thousand parts, most of which are met in one
 * way or two; what leads to more are texts of ever other names, which would else be remembered for ever.
 */
const STEPS_MAX = 20_000;
let stepsKnown = 0;
let beginnings = new Map<readonly string[], Step>();

function beginningOf(pieces: readonly string[]): Step {
  const known = beginnings.get(pieces);
  if (known) return known;
  if (stepsKnown >= STEPS_MAX) {
    // Statements keep their shapes: what is forgotten is only that others have them too.
    beginnings = new Map();
    stepsKnown = 0;
  }
  const step = new Step();
  stepsKnown += 1;
  beginnings.set(pieces, step);
  return step;
}
