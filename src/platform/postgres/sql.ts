import sql, { empty, join, raw, type Sql } from 'sql-template-tag';

/** SQL text with its parameters apart. Values never enter the text; fragments nest. */
export type Statement = Sql;
export { empty, join, raw, sql };

/** `raw` for a name that stands in our own source: an alias, a column, a table. Refuses anything else. */
export function identifier(name: string): Statement {
  if (!/^[a-z_][a-z0-9_.]*$/.test(name)) throw new TypeError(`not an identifier: ${JSON.stringify(name)}`);
  return raw(name);
}
