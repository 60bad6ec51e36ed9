import { LRUCache } from 'lru-cache';
import { sha256 } from '../../kernel/digest';

/** Makes the object of a row out of its values, in the order of the columns. */
export type ReadRow = (values: readonly unknown[]) => object;

/** What this process knows of one text of SQL. */
export interface KnownText {
  /** Under which PostgreSQL keeps it prepared; undefined until it has shown itself to be one of many. */
  readonly name: string | undefined;
  /** @param columns of its answer, which are the same each time. */
  reader(columns: readonly { readonly name: string }[]): ReadRow;
}

/** Texts known at a time. Screens use some two hundred; what is asked once in a while is forgotten for others. */
const TEXTS_MAX = 512;
/** PostgreSQL finds names by their first 63 bytes. */
const NAME_LENGTH = 24;

/**
 * Remembers texts of SQL: which name each has, and how its rows are read. A text is named when it comes for the second
 * time, so that what is asked once costs no memory in PostgreSQL.
 */
export class StatementTexts {
  private readonly known = new LRUCache<string, Text>({ max: TEXTS_MAX });

  constructor(private readonly prepared: boolean) {}

  /** Counts one use of it. */
  use(text: string): KnownText {
    const known = this.known.get(text);
    if (!known) {
      const fresh = new Text();
      this.known.set(text, fresh);
      return fresh;
    }
    if (this.prepared) known.name ??= sha256(text).slice(0, NAME_LENGTH);
    return known;
  }
}

class Text implements KnownText {
  name: string | undefined;
  private read: ReadRow | undefined;

  reader(columns: readonly { readonly name: string }[]): ReadRow {
    this.read ??= compileReader(columns.map(({ name }) => name));
    return this.read;
  }
}

interface Nest {
  readonly [property: string]: number | Nest;
}

/**
 * Compiles the function that puts values into an object: `author.id` becomes the property `id` of the object `author`.
 * Written out as one literal it takes half the time of setting one property after the other. The names are those of
 * our own statements, never a client's.
 */
export function compileReader(names: readonly string[]): ReadRow {
  const nest: Record<string, number | Nest> = {};
  for (const [place, name] of names.entries()) {
    const path = name.split('.');
    const last = path.pop() as string;
    let inner = nest;
    for (const step of path) {
      inner[step] ??= {};
      inner = inner[step] as Record<string, number | Nest>;
    }
    inner[last] = place;
  }
  return new Function('values', `return ${literal(nest)}`) as ReadRow;
}

function literal(nest: Nest): string {
  const properties = Object.entries(nest).map(([name, inside]) => {
    const value = typeof inside === 'number' ? `values[${inside}]` : literal(inside);
    return `${JSON.stringify(name)}: ${value}`;
  });
  return `({ ${properties.join(', ')} })`;
}
