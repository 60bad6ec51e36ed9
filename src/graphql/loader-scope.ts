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

/** Declares a loader. The definition itself is its identity: one DataLoader per definition and request. */
export function defineLoader<Key, Value>(definition: LoaderDefinition<Key, Value>): LoaderDefinition<Key, Value> {
  return definition;
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

/** What one request has of one definition. */
interface Shelf {
  /** Values that are there. Forgotten as a whole, so that what was asked before is not put among what is read after. */
  there: Map<unknown, unknown>;
  /** Of what is on its way, or has failed. */
  readonly promises: Map<unknown, Promise<unknown>>;
  readonly loader: DataLoader<Asked, unknown, unknown>;
}

/** The DataLoaders of one request, made when first used, with what pages have brought along for them. */
export class LoaderScope {
  private readonly shelves = new Map<unknown, Shelf>();
  /** Told of every value; null where nobody wants to know. */
  tags: AnswerTags | null = null;

  constructor(private readonly context: LoaderContext) {}

  async load<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Promise<Value> {
    return this.find(definition, key);
  }

  /** As `load`, but without a promise where the value is there: a page asks for hundreds that came with its rows. */
  find<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Found<Value> {
    const { there, promises, loader } = this.get(definition);
    const cacheKey = cacheKeyOf(definition, key);
    const value = there.get(cacheKey) as Value | undefined;
    if (value !== undefined || there.has(cacheKey)) return value as Value;
    const atHand = promises.has(cacheKey) ? undefined : definition.atHand?.(this.context, key);
    if (atHand === undefined) return loader.load({ key, cacheKey }) as Promise<Value>;
    there.set(cacheKey, atHand);
    this.tags?.note(definition, key, atHand);
    return atHand;
  }

  /** What is there already, or undefined. */
  known<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Value | undefined {
    return this.get(definition).there.get(cacheKeyOf(definition, key)) as Value | undefined;
  }

  /** Puts a row that a page brought along where its loader will find it. What is known or asked for already stays. */
  prime<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key, value: Value): void {
    const { there, promises } = this.get(definition);
    const cacheKey = cacheKeyOf(definition, key);
    if (!there.has(cacheKey) && !promises.has(cacheKey)) there.set(cacheKey, value);
    this.tags?.note(definition, key, value);
  }

  /** Forgets everything read so far: a write has happened in this request. */
  clear(): void {
    for (const shelf of this.shelves.values()) {
      shelf.there = new Map();
      shelf.loader.clearAll();
    }
  }

  private get<Key, Value>(definition: LoaderDefinition<Key, Value>): Shelf {
    let shelf = this.shelves.get(definition);
    if (!shelf) {
      const promises = new Map<unknown, Promise<unknown>>();
      const loader = new DataLoader<Asked, unknown, unknown>((asked) => this.read(definition, asked), {
        maxBatchSize: BATCH_MAX,
        cacheKeyFn: ({ cacheKey }) => cacheKey,
        cacheMap: promises,
      });
      shelf = { there: new Map(), promises, loader };
      this.shelves.set(definition, shelf);
    }
    return shelf;
  }

  private async read<Key, Value>(definition: LoaderDefinition<Key, Value>, asked: readonly Asked[]) {
    const { there } = this.get(definition);
    const values = await definition.batch(
      this.context,
      asked.map(({ key }) => key as Key),
    );
    const { tags } = this;
    for (const [index, { key, cacheKey }] of asked.entries()) {
      const value = values[index];
      if (value instanceof Error) tags?.spoil();
      else {
        tags?.note(definition, key as Key, value as Value);
        there.set(cacheKey, value);
      }
    }
    return values;
  }
}

function cacheKeyOf<Key, Value>({ cacheKey }: LoaderDefinition<Key, Value>, key: Key): unknown {
  return cacheKey ? cacheKey(key) : key;
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
