import { LRUCache } from 'lru-cache';
import { sha256 } from '../../kernel/digest';
import { type Column, compileDecoder, type DecodeRow } from './row-decoder';
import { compileReader, type ReadRow } from './row-reader';

export { compileReader };

/** What this process knows of one text of SQL. */
export interface KnownText {
  /** Under which PostgreSQL keeps it prepared; undefined until it has shown itself to be one of many. */
  readonly name: string | undefined;
  /** @param columns of its answer, which are the same each time. */
  reader(columns: readonly { readonly name: string }[]): ReadRow;
  /** How rows are read that come as PostgreSQL sends them; undefined before it has described them. */
  readonly decoder: DecodeRow | undefined;
  /** @param columns as PostgreSQL describes them. */
  describe(columns: readonly Column[]): DecodeRow;
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
  decoder: DecodeRow | undefined;
  private read: ReadRow | undefined;
  private described: readonly Column[] = [];

  reader(columns: readonly { readonly name: string }[]): ReadRow {
    this.read ??= compileReader(columns.map(({ name }) => name));
    return this.read;
  }

  describe(columns: readonly Column[]): DecodeRow {
    const { described } = this;
    const isKnown = columns.length === described.length && columns.every((column, n) => isSame(column, described[n]));
    if (this.decoder && isKnown) return this.decoder;
    this.described = columns.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
    this.decoder = compileDecoder(this.described);
    return this.decoder;
  }
}

function isSame(one: Column, other: Column | undefined): boolean {
  return one.name === other?.name && one.dataTypeID === other.dataTypeID;
}
