import { sha256 } from '../../kernel/digest';

/** A kind of row that copies are kept of: whole rows, the same for everybody. */
export interface Entity<Row extends object> {
  /** Stands in front of the id in keys. */
  readonly name: string;
  readonly id: keyof Row & string;
  readonly columns: readonly (keyof Row & string)[];
  /** Names the columns: builds with other columns do not understand each other's copies. */
  readonly shape: string;
}

/** What a row is found by, such as `post:0190a5d0-…`. */
export type EntityKey = string;

const SHAPE_LENGTH = 8;

/** Declares a kind of row. `columns` are all that it has, `id` one of them that is a text. */
export function defineEntity<Row extends object>(
  name: string,
  id: keyof Row & string,
  columns: readonly (keyof Row & string)[],
): Entity<Row> {
  return { name, id, columns, shape: sha256([name, ...columns].join()).slice(0, SHAPE_LENGTH) };
}

export function keyOf(name: string, id: string): EntityKey {
  return `${name}:${id}`;
}

/** A copy as text; null says that there is no such row. */
export function encodeCopy<Row extends object>({ shape, columns }: Entity<Row>, id: string, row: Row | null): string {
  return JSON.stringify([shape, id, row && columns.map((column) => row[column])]);
}

/** The copy in a text; undefined when it is none of this row in this build's shape, whoever wrote it. */
export function decodeCopy<Row extends object>(entity: Entity<Row>, id: string, text: string): Row | null | undefined {
  const parsed = parse(text);
  if (!Array.isArray(parsed) || parsed.length !== 3 || parsed[0] !== entity.shape || parsed[1] !== id) return undefined;
  const values: unknown = parsed[2];
  if (values === null) return null;
  if (!Array.isArray(values) || values.length !== entity.columns.length) return undefined;
  if (values.some((value) => typeof value === 'object' && value !== null)) return undefined;
  const row = Object.fromEntries(entity.columns.map((column, index) => [column, values[index]])) as Row;
  return row[entity.id] === id ? row : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
