import type { MaybeViewer } from '../kernel/viewer';
import { empty, identifier, type Statement, sql } from '../platform/postgres/sql';
import type { LoaderContext, LoaderScope } from './loader-scope';

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
  readonly columns: (alias: string, viewer: MaybeViewer) => Statement;
  /** Joined for it. Of each row it finds one, by a look-up (`LATERAL … OFFSET 0`), so that rows keep their order. */
  readonly joins?: (alias: string, viewer: MaybeViewer) => Statement;
  readonly prime: (loaders: LoaderScope, brought: Brought) => void;
  /**
   * What takes its place where copies of shared rows are kept: the part of it that differs by viewer, or null where there
   * is none and its loader finds all of it among the copies.
   */
  readonly besideCopies?: Companion<never> | null;
}

/** The companions that one operation asks for, as its statements take them. */
export interface Along {
  /** To follow the columns of a select list; begins with a comma, or is empty. */
  columns(alias: string): Statement;
  /** To follow the tables of a FROM clause. */
  joins(alias: string): Statement;
}

/** For statements whose rows nobody asks more of. */
export const ALONE: Along = { columns: () => empty, joins: () => empty };

/**
 * The companions of one type. The module that owns the type makes it and reads through it; later modules that extend
 * the type add theirs, so that no earlier module knows them.
 */
export class Companions<Node> {
  private readonly all = new Set<Companion<never>>();

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
    if (asked.length === 0) return rows(ALONE);
    const found = await rows(alongOf(asked, context.viewer));
    for (const row of found) for (const each of asked) each.prime(context.loaders, row as never);
    return found;
  }
}

function alongOf(asked: readonly Companion<never>[], viewer: MaybeViewer): Along {
  return {
    columns: (alias) => asked.reduce((all, each) => sql`${all}, ${each.columns(alias, viewer)}`, empty),
    joins: (alias) => asked.reduce((all, each) => sql`${all} ${each.joins?.(alias, viewer) ?? empty}`, empty),
  };
}
