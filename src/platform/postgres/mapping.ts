import { getMetadataArgsStorage } from 'typeorm';
import { definePart, partOf } from './row-reader';
import { identifier, join, raw, type Statement, sql } from './sql';

/** A class with TypeORM's `@Entity` and `@Column` decorators. */
export type EntityClass<Row> = new () => Row;

/** How much of a row is selected: all of it, or a part that lacks what few read. To read what is lacking throws. */
export type Extent = 'whole' | 'part';

/** A row that an outer join may not have found. */
export type Nullable<Row> = { readonly [Property in keyof Row]: Row[Property] | null };

/** What a repository needs of an entity: its table, its columns under their row names, and an insert. */
export interface TableMapping<Row> {
  readonly table: Statement;
  /** What a row is made of. */
  readonly properties: readonly (keyof Row & string)[];
  /** `p.author_id AS "authorId", …`: selects a row under the alias; as the object `under` of the row when given. */
  columns(alias: string, under?: string, extent?: Extent): Statement;
  /** `x."author.id" AS id, …`: the columns of the table again, out of what `columns` selected as the object `under`. */
  restored(alias: string, under: string, extent?: Extent): Statement;
  /** `INSERT INTO posts (…) VALUES (…)`, of values or of expressions; append `ON CONFLICT` or `RETURNING` as needed. */
  insert(row: { readonly [Property in keyof Row]: Row[Property] | Statement }): Statement;
}

/**
 * Reads the mapping from the entity's decorators once, at module load. Rows then come straight from SQL in their final
 * shape: the entity stays the only place that knows column names, and nothing is hydrated per row.
 * @param inWholeOnly the properties that a row of extent `part` lacks.
 */
export function mapTable<Row extends object>(
  entity: EntityClass<Row>,
  inWholeOnly: readonly (keyof Row & string)[] = [],
): TableMapping<Row> {
  const storage = getMetadataArgsStorage();
  const name = storage.tables.find((table) => table.target === entity)?.name;
  if (!name) throw new TypeError(`${entity.name} has no @Entity name`);
  const columns = storage.filterColumns(entity).map((column) => ({
    property: column.propertyName as keyof Row & string,
    column: column.options.name ?? column.propertyName,
  }));
  const table = identifier(name);
  const names = join(columns.map(({ column }) => identifier(column)));
  const part = columns.filter(({ property }) => !inWholeOnly.includes(property));
  if (inWholeOnly.length > 0) definePart(name, propertiesOf(part), inWholeOnly);
  const selectedOf = (extent: Extent, under?: string) => {
    const path = under === undefined ? '' : `${under}.`;
    const isPart = extent === 'part' && inWholeOnly.length > 0;
    return (isPart ? part : columns).map(({ column, property }) => ({
      column,
      as: isPart ? partOf(name, `${path}${property}`) : `${path}${property}`,
    }));
  };
  const selections = new Map<string, Statement>();
  return {
    table,
    properties: propertiesOf(columns),
    columns(alias, under, extent = 'whole') {
      const key = `${extent} ${alias} ${under ?? ''}`;
      let selected = selections.get(key);
      if (!selected) {
        selected = raw(
          selectedOf(extent, under)
            .map(({ column, as }) => `${alias}.${column} AS "${as}"`)
            .join(', '),
        );
        selections.set(key, selected);
      }
      return selected;
    },
    restored: (alias, under, extent = 'whole') =>
      raw(
        selectedOf(extent, under)
          .map(({ column, as }) => `${alias}."${as}" AS ${column}`)
          .join(', '),
      ),
    insert: (row) => sql`INSERT INTO ${table} (${names}) VALUES (${join(columns.map((c) => row[c.property]))})`,
  };
}

function propertiesOf<Property extends string>(columns: readonly { readonly property: Property }[]): Property[] {
  return columns.map(({ property }) => property);
}
