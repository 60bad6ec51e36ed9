import { LRUCache } from 'lru-cache';
import { sha256 } from '../../kernel/digest';
import { type Column, compileDecoder, type DecodeRow } from './row-decoder';

/** What this process knows of one text of SQL. */
export interface KnownText {
  /** Always the same string, which is compared with itself without looking at its characters. */
  readonly text: string;
  /** Under which PostgreSQL keeps it prepared; undefined until it has shown itself to be one of many. */
  readonly name: string | undefined;
  /** Whether PostgreSQL has said once what its answer looks like. */
  described: boolean;
  /** How its rows are read, once they have been described. */
  readonly decode: DecodeRow | undefined;
  /** Takes a description of its columns. */
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
      const fresh = new Text(text);
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
  decode: DecodeRow | undefined;
  private columns: readonly Column[] = [];

  constructor(readonly text: string) {}

  describe(columns: readonly Column[]): DecodeRow {
    if (this.decode && areSame(columns, this.columns)) return this.decode;
    this.columns = columns.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
    this.decode = compileDecoder(this.columns);
    return this.decode;
  }
}

function areSame(some: readonly Column[], others: readonly Column[]): boolean {
  const isSame = ({ name, dataTypeID }: Column, n: number) =>
    name === others[n]?.name && dataTypeID === others[n].dataTypeID;
  return some.length === others.length && some.every(isSame);
}
