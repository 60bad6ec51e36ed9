import DataLoader from 'dataloader';
import type { MaybeViewer } from '../kernel/viewer';
import type { EntityCopies } from '../platform/cache/entity-copies';
import type { Tag } from '../platform/cache/touched';
import type { Executor } from '../platform/postgres/database';
import type { AnswerTags } from './answer-tags';

/** What a batch reads with: the request's database and rights. */
export interface LoaderContext {
  readonly db: Executor;
  readonly viewer: MaybeViewer;
  /** Rows that are the same for every viewer; null when all are read from `db`. */
  readonly cache: EntityCopies | null;
  readonly loaders: LoaderScope;
  /** The fields that the operation asks for: the very same set for all that run the same document. */
  readonly asked: ReadonlySet<string>;
  /** Whether the operation may ask for a field, named as `Type.field`: what nobody asks for is not read. */
  asks(field: string): boolean;
  /** Whether it is certain that the operation does not ask for a field. */
  leavesOut(field: string): boolean;
}

/** Answers many keys at once, in their order. Runs in a request and sees what that request's viewer may see. */
export interface LoaderDefinition<Key, Value> {
  readonly batch: (context: LoaderContext, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>;
  /**
   * The value where it takes no reading, such as that of a copy in this process; undefined where it does. Asked before
   * `batch`, and saves a page of copies a promise for each row.
   */
  readonly atHand?: (context: LoaderContext, key: Key) => Value | undefined;
  /** Makes composite keys comparable. */
  readonly cacheKey?: (key: Key) => string;
  /**
   * Names all whose change can change what a stranger is given for this key: `Touched` is told of each. Null, or left
   * out, where that cannot be named; an answer in which that stands is not kept.
   */
  readonly tags?: (key: Key, value: Value) => readonly Tag[] | null;
}

/** A loader that has been declared, which is its identity: each request has one shelf for it. */
export interface Loader<Key, Value> extends LoaderDefinition<Key, Value> {
  /** Of its shelf among those of a request. */
  readonly place: number;
}

let declared = 0;

/** Declares a loader, once for all requests. */
export function defineLoader<Key, Value>({
  batch,
  atHand,
  cacheKey,
  tags,
}: LoaderDefinition<Key, Value>): Loader<Key, Value> {
  const place = declared;
  declared += 1;
  // All are of one shape to V8, with what they lack.
  return { place, batch, atHand, cacheKey, tags };
}

/** Far above any page, far below what PostgreSQL takes in one array. */
const BATCH_MAX = 1_000;

/** A value that is there already, or a promise of it. */
export type Found<Value> = Value | Promise<Value>;

/** Goes on with a value: at once where it is there. */
export function whenFound<Value, Result>(found: Found<Value>, read: (value: Value) => Result): Found<Awaited<Result>> {
  return (found instanceof Promise ? found.then(read) : read(found)) as Found<Awaited<Result>>;
}

/** The same for several. */
export function whenAllFound<const Values extends readonly unknown[], Result>(
  found: { readonly [Index in keyof Values]: Found<Values[Index]> },
  read: (values: Values) => Result,
): Found<Awaited<Result>> {
  const waits = found.some((each) => each instanceof Promise);
  return whenFound((waits ? Promise.all(found) : found) as Found<Values>, read);
}

interface Asked {
  readonly key: unknown;
  readonly cacheKey: unknown;
}

/** What one request has of one loader. */
interface Shelf {
  /** Values that are there. Forgotten as a whole, so that what was asked before is not put among what is read after. */
  there: Map<unknown, unknown>;
  /** Keys and values by turns that pages have brought along, of which many are never asked for: not put in order yet. */
  brought: unknown[];
  /** Of what is on its way, or has failed. */
  readonly promises: Map<unknown, Promise<unknown>>;
  /** Made when something has to be read. */
  loader: DataLoader<Asked, unknown, unknown> | null;
}

/** What one request has of all loaders, with what pages have brought along for them. */
export class LoaderScope {
  private readonly shelves: (Shelf | undefined)[] = [];
  /** Told of every value; null where nobody wants to know. */
  tags: AnswerTags | null = null;

  constructor(private readonly context: LoaderContext) {}

  async load<Key, Value>(loader: Loader<Key, Value>, key: Key): Promise<Value> {
    return this.find(loader, key);
  }

  /** As `load`, but without a promise where the value is there: a page asks for hundreds that came with its rows. */
  find<Key, Value>(loader: Loader<Key, Value>, key: Key): Found<Value> {
    const shelf = this.shelfOf(loader);
    const there = inOrderOn(shelf, loader);
    const cacheKey = cacheKeyOf(loader, key);
    const value = there.get(cacheKey) as Value | undefined;
    if (value !== undefined || there.has(cacheKey)) return value as Value;
    const atHand = shelf.promises.has(cacheKey) ? undefined : loader.atHand?.(this.context, key);
    if (atHand === undefined) {
      shelf.loader ??= this.reading(loader, shelf);
      return shelf.loader.load({ key, cacheKey }) as Promise<Value>;
    }
    there.set(cacheKey, atHand);
    this.tags?.note(loader, key, atHand);
    return atHand;
  }

  /** What is there already, or undefined. */
  known<Key, Value>(loader: Loader<Key, Value>, key: Key): Value | undefined {
    return inOrderOn(this.shelfOf(loader), loader).get(cacheKeyOf(loader, key)) as Value | undefined;
  }

  /** Puts a row that a page brought along where its loader will find it. What is known or asked for already stays. */
  prime<Key, Value>(loader: Loader<Key, Value>, key: Key, value: Value): void {
    this.shelfOf(loader).brought.push(key, value);
    this.tags?.note(loader, key, value);
  }

  /** Forgets everything read so far: a write has happened in this request. */
  clear(): void {
    for (const shelf of this.shelves) {
      if (!shelf) continue;
      shelf.there = new Map();
      shelf.brought = [];
      shelf.loader?.clearAll();
    }
  }

  private shelfOf<Key, Value>({ place }: Loader<Key, Value>): Shelf {
    let shelf = this.shelves[place];
    if (!shelf) {
      shelf = { there: new Map(), brought: [], promises: new Map(), loader: null };
      this.shelves[place] = shelf;
    }
    return shelf;
  }

  private reading<Key, Value>(loader: Loader<Key, Value>, { promises }: Shelf) {
    return new DataLoader<Asked, unknown, unknown>((asked) => this.read(loader, asked), {
      maxBatchSize: BATCH_MAX,
      cacheKeyFn: ({ cacheKey }) => cacheKey,
      cacheMap: promises,
    });
  }

  private async read<Key, Value>(loader: Loader<Key, Value>, asked: readonly Asked[]) {
    const { there } = this.shelfOf(loader);
    const values = await loader.batch(
      this.context,
      asked.map(({ key }) => key as Key),
    );
    const { tags } = this;
    for (const [index, { key, cacheKey }] of asked.entries()) {
      const value = values[index];
      if (value instanceof Error) tags?.spoil();
      else {
        tags?.note(loader, key as Key, value as Value);
        there.set(cacheKey, value);
      }
    }
    return values;
  }
}

function cacheKeyOf<Key, Value>({ cacheKey }: Loader<Key, Value>, key: Key): unknown {
  return cacheKey ? cacheKey(key) : key;
}

/** The values that are there, among them those that pages have brought along since. */
function inOrderOn<Key, Value>(shelf: Shelf, loader: Loader<Key, Value>): Map<unknown, unknown> {
  const { there, brought, promises } = shelf;
  for (let n = 0; n < brought.length; n += 2) {
    const cacheKey = cacheKeyOf(loader, brought[n] as Key);
    if (!there.has(cacheKey) && !promises.has(cacheKey)) there.set(cacheKey, brought[n + 1]);
  }
  if (brought.length > 0) shelf.brought = [];
  return there;
}

/** The nodes of rows without what came along with them. */
export function nodesOf<Node>(rows: readonly { readonly node: Node }[]): Node[] {
  return rows.map(({ node }) => node);
}

/** Puts nodes in the order of their ids; null where there is none. */
export function nodesInOrder<Node extends { readonly id: string }>(
  ids: readonly string[],
  rows: readonly { readonly node: Node }[],
): (Node | null)[] {
  const byId = new Map(rows.map(({ node }) => [node.id, node]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Puts rows in the order of the keys asked; null where there is none. */
export function inOrder<Key, Row>(
  keys: readonly Key[],
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): (Row | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}
