import sql, { empty, join, raw, type Sql } from 'sql-template-tag';

/** SQL text with its parameters apart. Values never enter the text; fragments nest. */
export type Statement = Sql;
export { empty, join, raw, sql };

/** `raw` for a name that stands in our own source: an alias, a column, a table. Refuses anything else. */
export function identifier(name: string): Statement {
  if (!/^[a-z_][a-z0-9_.]*$/.test(name)) throw new TypeError(`not an identifier: ${JSON.stringify(name)}`);
  return raw(name);
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

const plannedEachTime = new WeakSet<Statement>();

/** Has PostgreSQL plan a statement for its values each time, where one plan cannot be good for all. */
export function planEachTime(statement: Statement): Statement {
  plannedEachTime.add(statement);
  return statement;
}

export function isPlannedEachTime(statement: Statement): boolean {
  return plannedEachTime.has(statement);
}
