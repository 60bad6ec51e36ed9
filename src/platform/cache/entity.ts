import { sha256 } from '../../kernel/digest';

/** A kind of row that copies are kept of: whole rows, the same for everybody. */
export interface Entity<Row extends object> {
  /** Stands in front of the id in keys. */
  readonly name: string;
  readonly id: keyof Row & string;
  readonly columns: readonly (keyof Row & string)[];
  /** Of which kind the rows are that stand in some of its columns, as lists. */
  readonly lists: EntityLists<Row>;
  /** Names the columns: builds with other columns do not understand each other's copies. */
  readonly shape: string;
}

/** By column. */
export type EntityLists<Row> = { readonly [Column in keyof Row & string]?: Entity<never> };

/** What a row is found by, such as `post:0190a5d0-…`. */
export type EntityKey = string;

const SHAPE_LENGTH = 8;

/**
 * Declares a kind of row. `columns` are all that it has, `id` one of them that is a text; what `lists` does not name are
 * texts, numbers, booleans or null.
 */
export function defineEntity<Row extends object>(
  name: string,
  id: keyof Row & string,
  columns: readonly (keyof Row & string)[],
  lists: EntityLists<Row> = {},
): Entity<Row> {
  const shapes = Object.values<Entity<never> | undefined>(lists).map((list) => list?.shape);
  const shape = sha256([name, ...columns, ...shapes].join()).slice(0, SHAPE_LENGTH);
  return { name, id, columns, lists, shape };
}

export function keyOf(name: string, id: string): EntityKey {
  return `${name}:${id}`;
}

/** The name and the id; no name has a colon. */
export function partsOf(key: EntityKey): [name: string, id: string] {
  const end = key.indexOf(':');
  return [key.slice(0, end), key.slice(end + 1)];
}

/** A copy as text; null says that there is no such row. */
export function encodeCopy<Row extends object>(entity: Entity<Row>, id: string, row: Row | null): string {
  return JSON.stringify([entity.shape, id, row && valuesOf(entity, row)]);
}

/** The copy in a text; undefined when it is none of this row in this build's shape, whoever wrote it. */
export function decodeCopy<Row extends object>(entity: Entity<Row>, id: string, text: string): Row | null | undefined {
  const parsed = parse(text);
  if (!Array.isArray(parsed) || parsed.length !== 3 || parsed[0] !== entity.shape || parsed[1] !== id) return undefined;
  const values: unknown = parsed[2];
  if (values === null) return null;
  const row = rowOf(entity, values);
  return row?.[entity.id] === id ? row : undefined;
}

function valuesOf<Row extends object>({ columns, lists }: Entity<Row>, row: Row): unknown[] {
  return columns.map((column) => {
    const list = lists[column];
    return list ? (row[column] as never[]).map((each) => valuesOf(list, each)) : row[column];
  });
}

function rowOf<Row extends object>({ columns, lists }: Entity<Row>, values: unknown): Row | undefined {
  if (!Array.isArray(values) || values.length !== columns.length) return undefined;
  const row: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const list = lists[column];
    const value: unknown = list ? rowsOf(list, values[index]) : values[index];
    if (value === undefined || (!list && typeof value === 'object' && value !== null)) return undefined;
    row[column] = value;
  }
  return row as Row;
}

function rowsOf(entity: Entity<never>, values: unknown): object[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const rows = values.map((each) => rowOf(entity, each));
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
