import { Statement } from './statement';

export type { Statement };

/** Makes a statement of a template: what stands in `${}` is a value, or a statement that becomes part of it. */
export function sql(pieces: TemplateStringsArray, ...parts: readonly unknown[]): Statement {
  return Statement.of(pieces, parts);
}

/** Above what our own source has by far; whatever makes more of them does not stay for ever. */
const CONSTANTS_MAX = 5_000;

/** Statements that are nothing but a text, each made once. */
class Constants {
  private readonly made = new Map<string, Statement>();

  /** @param check throws for a text that must not be one. */
  constructor(private readonly check: (text: string) => void) {}

  get(text: string): Statement {
    return this.made.get(text) ?? this.make(text);
  }

  private make(text: string): Statement {
    this.check(text);
    if (this.made.size >= CONSTANTS_MAX) this.made.clear();
    const constant = Statement.of([text], []);
    this.made.set(text, constant);
    return constant;
  }
}

const texts = new Constants(() => {});
const names = new Constants((name) => {
  if (!/^[a-z_][a-z0-9_.]*$/.test(name)) throw new TypeError(`not an identifier: ${JSON.stringify(name)}`);
});

/** SQL as it stands there. Nothing that comes from outside may be in it. */
export function raw(text: string): Statement {
  return texts.get(text);
}

/** `raw` for a name that stands in our own source: an alias, a column, a table. Refuses anything else. */
export function identifier(name: string): Statement {
  return names.get(name);
}

/** No text at all. */
export const empty = raw('');

/** Parts in a row, with commas in between. @throws TypeError if there are none. */
export function join(parts: readonly unknown[]): Statement {
  if (parts.length === 0) throw new TypeError('nothing to join');
  return Statement.of(commasBetween(parts.length), [...parts]);
}

/** The text around so many parts: as long as the columns of the widest table. */
const commas: string[][] = [];

function commasBetween(count: number): readonly string[] {
  commas[count] ??= ['', ...new Array<string>(count - 1).fill(','), ''];
  return commas[count];
}

/**
 * That a column of UUIDs holds one of these. A single one is compared by itself: PostgreSQL takes an array that it has
 * yet to see for ten long, and would plan anew for every shorter one.
 */
export function isOneOf(column: string, ids: readonly string[]): Statement {
  const [only] = ids;
  const c = identifier(column);
  return ids.length === 1 ? sql`${c} = ${only}` : sql`${c} = ANY(${ids}::uuid[])`;
}

/** UUIDs as a table with the column `id`, under an alias; for the same reason a single one is not an array. */
export function idsAs(alias: string, ids: readonly string[]): Statement {
  const [only] = ids;
  if (ids.length === 1) return sql`(SELECT ${only}::uuid AS id) ${identifier(alias)}`;
  return sql`unnest(${ids}::uuid[]) AS ${identifier(alias)}(id)`;
}

/**
 * A value that PostgreSQL does not look at when it plans: the plan is the same for all, so that it is made once and kept,
 * where planning costs more than reading.
 */
export function unplanned(value: string | number, type: 'uuid' | 'integer'): Statement {
  return sql`(SELECT ${value}::${raw(type)})`;
}

/** Has PostgreSQL plan a statement for its values each time, where one plan cannot be good for all. */
export function planEachTime(statement: Statement): Statement {
  return statement.plannedEachTime();
}
