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

/**
 * The companions of one type. The module that owns the type makes it and reads through it; later modules that extend
 * the type add theirs, so that no earlier module knows them.
 */
export class Companions<Node extends object> {
  private readonly all = new Set<Companion<never>>();

  constructor(private readonly extent: RowExtent<Node>) {}

  add<Brought>(companion: Companion<Brought & Accompanied<Node>>): void {
    this.all.add(companion);
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
    const asked = [...this.all]
      .filter((each) => !except.includes(each) && each.serves.some((field) => context.asks(field)))
      .flatMap((each) => (context.cache && each.besideCopies !== undefined ? (each.besideCopies ?? []) : each));
    const found = await rows(alongOf(asked, context, this.extent.of(context)));
    for (const row of found) for (const each of asked) each.prime(context.loaders, row as never);
    return found;
  }
}

function alongOf(asked: readonly Companion<never>[], context: LoaderContext, extent: Extent): Along {
  const { viewer } = context;
  const extentOf = (each: Companion<never>) => each.extent?.of(context) ?? 'whole';
  return {
    columns: (alias, as = viewer) =>
      asked.reduce((all, each) => sql`${all}, ${each.columns(alias, as, extentOf(each))}`, empty),
    joins: (alias, as = viewer, joined) =>
      asked.reduce((all, { joins, joinedAs }) => {
        const isThere = joins === undefined || (joined !== undefined && joinedAs === joined);
        return isThere ? all : sql`${all} ${joins(alias, as)}`;
      }, empty),
    joinedExtent(joined) {
      const companion = asked.find(({ joinedAs }) => joinedAs === joined);
      return companion ? extentOf(companion) : null;
    },
    extent,
  };
}
