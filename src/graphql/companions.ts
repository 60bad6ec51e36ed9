import type { MaybeViewer } from '../kernel/viewer';
import type { Extent } from '../platform/postgres/mapping';
import { empty, identifier, type Statement, sql } from '../platform/postgres/sql';
import type { LoaderContext, LoaderScope } from './loader-scope';
import type { RowExtent } from './row-extent';

/** A row with what its statement brought along beside it. */
export interface Accompanied<Node> {
  readonly node: Node;
}

/** Selects what finds the copy of a row (`Stamp`), as `node`. */
export function nodeStamp(alias: string): Statement {
  return sql`${identifier(`${alias}.id`)} AS "node.id", ${identifier(`${alias}.version`)} AS "node.version"`;
}

/**
 * What nearly every screen asks of a row and one statement can bring with it: the row of its author, its counters, how
 * the viewer stands to it. What it brings is put where the loaders of those fields find it, so that a page costs one
 * statement and not one more for each of them.
 */
export interface Companion<Brought> {
  /** The fields that find it, e.g. `Post.likeCount`. It is left out where a document asks for none of them. */
  readonly serves: readonly string[];
  /** Selected for the row under an alias of its table, `likes.count AS "likes.count"`; must not change how many rows there are. */
  readonly columns: (alias: string, viewer: MaybeViewer, extent: Extent) => Statement;
  /** Says how much is read of the row that it brings: the `extent` of its columns. */
  readonly extent?: Pick<RowExtent<never>, 'of'>;
  /** Joined for it. Of each row it finds one, by a look-up (`LATERAL … OFFSET 0`), so that rows keep their order. */
  readonly joins?: (alias: string, viewer: MaybeViewer) => Statement;
  /** The alias under which it joins; a statement that has joined the same already says so. */
  readonly joinedAs?: string;
  readonly prime: (loaders: LoaderScope, brought: Brought) => void;
  /**
   * What takes its place where copies of shared rows are kept: the part of it that differs by viewer, or null where there
   * is none and its loader finds all of it among the copies.
   */
  readonly besideCopies?: Companion<never> | null;
  /** It says which copies are right, and is left out where none are kept. */
  readonly onlyBesideCopies?: true;
}

/**
 * The companions that one operation asks for, as its statements take them. `viewer` is the one whose rules the statement
 * asks, where it knows more of them than the operation.
 */
export interface Along {
  /** To follow the columns of a select list; begins with a comma, or is empty. */
  columns(alias: string, viewer?: MaybeViewer): Statement;
  /** To follow the tables of a FROM clause, of which one stands under the alias `joined`, if given. */
  joins(alias: string, viewer?: MaybeViewer, joined?: string): Statement;
  /** How much of the row that one of them joins under this alias is read; null where none does. */
  joinedExtent(joined: string): Extent | null;
  /** How much of the rows themselves is read. */
  readonly extent: Extent;
}

/** For statements of whole rows that nobody asks more of. */
export const ALONE: Along = { columns: () => empty, joins: () => empty, joinedExtent: () => null, extent: 'whole' };

/** A companion that an operation takes along. */
interface Taken {
  readonly companion: Companion<never>;
  /** The one that was added, in whose place it may stand beside copies. */
  readonly added: Companion<never>;
  /** How much is read of the row that it brings. */
  readonly extent: Extent;
}

/**
 * The companions of one type. The module that owns the type makes it and reads through it; later modules that extend
 * the type add theirs, so that no earlier module knows them.
 */
export class Companions<Node extends object> {
  private readonly all = new Set<Companion<never>>();
  // What is taken along is the same for whatever runs the same document.
  private taken = new WeakMap<ReadonlySet<string>, readonly Taken[]>();
  private takenBesideCopies = new WeakMap<ReadonlySet<string>, readonly Taken[]>();

  constructor(private readonly extent: RowExtent<Node>) {}

  add<Brought>(companion: Companion<Brought & Accompanied<Node>>): void {
    this.all.add(companion);
    this.taken = new WeakMap();
    this.takenBesideCopies = new WeakMap();
  }

  /**
   * Reads rows with what the operation asks for along, and primes the loaders with that.
   * @param except what is at hand already.
   */
  async read<Row extends Accompanied<{ readonly id: string }>>(
    context: LoaderContext,
    rows: (along: Along) => Promise<readonly Row[]>,
    ...except: readonly Companion<never>[]
  ): Promise<readonly Row[]> {
    const all = this.takenBy(context);
    const taken = except.length > 0 ? all.filter(({ added }) => !except.includes(added)) : all;
    const found = await rows(new TakenAlong(taken, context.viewer, this.extent.of(context)));
    for (const row of found) for (const { companion } of taken) companion.prime(context.loaders, row as never);
    return found;
  }

  private takenBy(context: LoaderContext): readonly Taken[] {
    const known = context.cache ? this.takenBesideCopies : this.taken;
    let taken = known.get(context.asked);
    if (!taken) {
      taken = this.choose(context);
      known.set(context.asked, taken);
    }
    return taken;
  }

  private choose(context: LoaderContext): Taken[] {
    return [...this.all]
      .filter((added) => added.serves.some((field) => context.asks(field)))
      .flatMap((added) => {
        if (!context.cache && added.onlyBesideCopies) return [];
        const companion = context.cache && added.besideCopies !== undefined ? added.besideCopies : added;
        return companion ? { companion, added, extent: companion.extent?.of(context) ?? 'whole' } : [];
      });
  }
}

class TakenAlong implements Along {
  constructor(
    private readonly taken: readonly Taken[],
    private readonly viewer: MaybeViewer,
    readonly extent: Extent,
  ) {}

  columns(alias: string, viewer = this.viewer): Statement {
    let all = empty;
    for (const { companion, extent } of this.taken) all = sql`${all}, ${companion.columns(alias, viewer, extent)}`;
    return all;
  }

  joins(alias: string, viewer = this.viewer, joined?: string): Statement {
    let all = empty;
    for (const { companion } of this.taken) {
      const { joins, joinedAs } = companion;
      const isThere = joins === undefined || (joined !== undefined && joinedAs === joined);
      if (!isThere) all = sql`${all} ${joins(alias, viewer)}`;
    }
    return all;
  }

  joinedExtent(joined: string): Extent | null {
    return this.taken.find(({ companion }) => companion.joinedAs === joined)?.extent ?? null;
  }
}
