import { LRUCache } from 'lru-cache';
import { sha256 } from '../../kernel/digest';
import { type Column, compileDecoder, type DecodeRow } from './row-decoder';
import { compileReader, type ReadRow, type ReadValue } from './row-reader';

/** What this process knows of one text of SQL. */
export interface KnownText {
  /** Under which PostgreSQL keeps it prepared; undefined until it has shown itself to be one of many. */
  readonly name: string | undefined;
  /** Whether PostgreSQL has said once what its answer looks like. */
  described: boolean;
  /** How its rows are read, once they have been described. */
  readonly read: ReadRow | undefined;
  /** Takes a description of its columns: their names, and how their values are read. */
  describe(names: readonly string[], valueReaders: readonly (ReadValue | null)[]): ReadRow;
  /** How its rows are read off the socket, once they have been described so. */
  readonly decode: DecodeRow | undefined;
  describeColumns(columns: readonly Column[]): DecodeRow;
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
  described = false;
  read: ReadRow | undefined;
  decode: DecodeRow | undefined;
  private oids: readonly number[] = [];
  private decoded: readonly string[] = [];
  private names: readonly string[] = [];
  private valueReaders: readonly (ReadValue | null)[] = [];

  describe(names: readonly string[], valueReaders: readonly (ReadValue | null)[]): ReadRow {
    if (this.read && isSame(names, this.names) && isSame(valueReaders, this.valueReaders)) return this.read;
    this.names = names;
    this.valueReaders = valueReaders;
    this.read = compileReader(names, valueReaders);
    return this.read;
  }

  describeColumns(columns: readonly Column[]): DecodeRow {
    const names = columns.map(({ name }) => name);
    const oids = columns.map(({ dataTypeID }) => dataTypeID);
    if (this.decode && isSame(names, this.decoded) && isSame(oids, this.oids)) return this.decode;
    this.decoded = names;
    this.oids = oids;
    this.decode = compileDecoder(columns);
    return this.decode;
  }
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, n) => each === others[n]);
}
