import { LRUCache } from 'lru-cache';

interface Copy {
  readonly name: string;
  readonly id: string;
  readonly row: object | null;
  /** By `performance.now()`, as `usedAt`. */
  readonly endsAt: number;
  usedAt: number;
}

/** What a copy takes beside its values: its places in the maps, the object. An estimate. */
const BYTES_PER_COPY = 300;
const BYTES_PER_VALUE = 16;
const BYTES_PER_CHARACTER = 2;
/** A copy that is used again so soon keeps its place in the order in which they go. */
const USED_MS = 1_000;

/**
 * Copies in this process, the least recently used of them going first. Bounded by what they take, as estimated. A page
 * asks for hundreds: they are found by the id alone, for which no text has to be made, and seldom change their order.
 */
export class LocalCopies {
  private readonly byName = new Map<string, Map<string, Copy>>();
  private readonly order: LRUCache<Copy, Copy>;

  constructor(maxBytes: number) {
    this.order = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ row }) => bytesOf(row),
      dispose: (copy) => this.forget(copy),
    });
  }

  /** In bytes, as estimated. */
  get size(): number {
    return this.order.calculatedSize;
  }

  /**
   * Undefined when there is no copy; null when it says that there is no such row.
   * @param now by `performance.now()`.
   */
  get(name: string, id: string, now: number): object | null | undefined {
    const copy = this.byName.get(name)?.get(id);
    if (copy === undefined) return undefined;
    if (copy.endsAt <= now) {
      this.order.delete(copy);
      return undefined;
    }
    if (now - copy.usedAt > USED_MS) {
      copy.usedAt = now;
      this.order.get(copy);
    }
    return copy.row;
  }

  set(name: string, id: string, row: object | null, lifeMs: number): void {
    this.delete(name, id);
    const now = performance.now();
    // Everybody who reads it is handed the same object.
    const copy = { name, id, row: row && frozen(row), endsAt: now + lifeMs, usedAt: now };
    const some = this.byName.get(name);
    if (some) some.set(id, copy);
    else this.byName.set(name, new Map([[id, copy]]));
    this.order.set(copy, copy);
    // One that is larger than all may be is not kept.
    if (!this.order.has(copy)) this.forget(copy);
  }

  delete(name: string, id: string): void {
    const copy = this.byName.get(name)?.get(id);
    if (copy) this.order.delete(copy);
  }

  clear(): void {
    this.order.clear();
  }

  private forget({ name, id }: Copy): void {
    this.byName.get(name)?.delete(id);
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
