import { LRUCache } from 'lru-cache';
import type { EntityKey } from './entity';

interface Copy {
  readonly row: object | null;
  /** By `performance.now()`. */
  readonly endsAt: number;
}

/** What a copy takes beside its values: the key, the map's entry, the object. An estimate. */
const BYTES_PER_COPY = 200;
const BYTES_PER_VALUE = 16;
const BYTES_PER_CHARACTER = 2;

/** Copies in this process, the least recently used of them going first. Bounded by what they take, as estimated. */
export class LocalCopies {
  private readonly copies: LRUCache<EntityKey, Copy>;

  constructor(maxBytes: number) {
    this.copies = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ row }) => bytesOf(row) });
  }

  /** In bytes, as estimated. */
  get size(): number {
    return this.copies.calculatedSize;
  }

  /** Undefined when there is no copy; null when it says that there is no such row. */
  get(key: EntityKey): object | null | undefined {
    const copy = this.copies.get(key);
    if (copy === undefined) return undefined;
    if (copy.endsAt > performance.now()) return copy.row;
    this.copies.delete(key);
    return undefined;
  }

  set(key: EntityKey, row: object | null, lifeMs: number): void {
    // Everybody who reads it is handed the same object.
    this.copies.set(key, { row: row && frozen(row), endsAt: performance.now() + lifeMs });
  }

  delete(key: EntityKey): void {
    this.copies.delete(key);
  }

  clear(): void {
    this.copies.clear();
  }
}

/** With the rows that stand in it. */
function frozen<Row extends object>(row: Row): Row {
  for (const value of Object.values(row)) if (Array.isArray(value)) for (const each of value) Object.freeze(each);
  return Object.freeze(row);
}

function bytesOf(row: object | null): number {
  let bytes = BYTES_PER_COPY;
  for (const value of Object.values(row ?? {})) {
    bytes += BYTES_PER_VALUE;
    if (typeof value === 'string') bytes += value.length * BYTES_PER_CHARACTER;
    else if (Array.isArray(value)) for (const each of value) bytes += bytesOf(each);
  }
  return bytes;
}
