import { getMetadataArgsStorage } from 'typeorm';
import { identifier, join, raw, type Statement, sql } from './sql';

/** A class with TypeORM's `@Entity` and `@Column` decorators. */
export type EntityClass<Row> = new () => Row;

/** What a repository needs of an entity: its table, its columns under their row names, and an insert. */
export interface TableMapping<Row> {
  readonly table: Statement;
  /** What a row is made of. */
  readonly properties: readonly (keyof Row & string)[];
  /** `p.author_id AS "authorId", …`: selects a whole row under the alias; as the object `under` of the row when given. */
  columns(alias: string, under?: string): Statement;
  /** `x."author.id" AS id, …`: the columns of the table again, out of what `columns` selected as the object `under`. */
  restored(alias: string, under: string): Statement;
  /** `INSERT INTO posts (…) VALUES (…)`, of values or of expressions; append `ON CONFLICT` or `RETURNING` as needed. */
  insert(row: { readonly [Property in keyof Row]: Row[Property] | Statement }): Statement;
}

/**
 * Reads the mapping from the entity's decorators once, at module load. Rows then come straight from SQL in their final
 * shape: the entity stays the only place that knows column names, and nothing is hydrated per row.
 */
export function mapTable<Row extends object>(entity: EntityClass<Row>): TableMapping<Row> {
  const storage = getMetadataArgsStorage();
  const name = storage.tables.find((table) => table.target === entity)?.name;
  if (!name) throw new TypeError(`${entity.name} has no @Entity name`);
  const columns = storage.filterColumns(entity).map((column) => ({
    property: column.propertyName as keyof Row & string,
    column: column.options.name ?? column.propertyName,
  }));
  const table = identifier(name);
  const names = join(columns.map(({ column }) => identifier(column)));
  const selections = new Map<string, Statement>();
  return {
    table,
    properties: columns.map(({ property }) => property),
    columns(alias, under) {
      const key = under === undefined ? alias : `${alias} ${under}`;
      let selected = selections.get(key);
      if (!selected) {
        const path = under === undefined ? '' : `${under}.`;
        selected = raw(columns.map((c) => `${alias}.${c.column} AS "${path}${c.property}"`).join(', '));
        selections.set(key, selected);
      }
      return selected;
    },
    restored: (alias, under) => raw(columns.map((c) => `${alias}."${under}.${c.property}" AS ${c.column}`).join(', ')),
    insert: (row) => sql`INSERT INTO ${table} (${names}) VALUES (${join(columns.map((c) => row[c.property]))})`,
  };
}
