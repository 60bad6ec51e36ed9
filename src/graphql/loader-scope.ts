import DataLoader from 'dataloader';
import type { MaybeViewer } from '../kernel/viewer';
import type { Executor } from '../platform/postgres/database';

/** What a batch reads with: the request's database and rights. */
export interface LoaderContext {
  readonly db: Executor;
  readonly viewer: MaybeViewer;
  readonly loaders: LoaderScope;
  /** Whether the operation may ask for a field, named as `Type.field`: what nobody asks for is not read. */
  asks(field: string): boolean;
}

/** Answers many keys at once, in their order. Runs in a request and sees what that request's viewer may see. */
export interface LoaderDefinition<Key, Value> {
  readonly batch: (context: LoaderContext, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>;
  /** Makes composite keys comparable. */
  readonly cacheKey?: (key: Key) => string;
}

/** Declares a loader. The definition itself is its identity: one DataLoader per definition and request. */
export function defineLoader<Key, Value>(definition: LoaderDefinition<Key, Value>): LoaderDefinition<Key, Value> {
  return definition;
}

/** Far above any page, far below what PostgreSQL takes in one array. */
const BATCH_MAX = 1_000;

/** The DataLoaders of one request, made when first used. */
export class LoaderScope {
  private readonly loaders = new Map<unknown, DataLoader<unknown, unknown, unknown>>();

  constructor(private readonly context: LoaderContext) {}

  load<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Promise<Value> {
    return this.get(definition).load(key);
  }

  /** Puts a row that a page brought along where its loader will find it. */
  prime<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key, value: Value): void {
    this.get(definition).prime(key, value);
  }

  /** Forgets everything read so far: a write has happened in this request. */
  clear(): void {
    for (const loader of this.loaders.values()) loader.clearAll();
  }

  private get<Key, Value>(definition: LoaderDefinition<Key, Value>): DataLoader<Key, Value, unknown> {
    let loader = this.loaders.get(definition) as DataLoader<Key, Value, unknown> | undefined;
    if (!loader) {
      const { batch, cacheKey } = definition;
      loader = new DataLoader<Key, Value, unknown>((keys) => batch(this.context, keys), {
        maxBatchSize: BATCH_MAX,
        ...(cacheKey && { cacheKeyFn: cacheKey }),
      });
      this.loaders.set(definition, loader as DataLoader<unknown, unknown, unknown>);
    }
    return loader;
  }
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
