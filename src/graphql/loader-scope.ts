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
}

/** Answers many keys at once, in their order. Runs in a request and sees what that request's viewer may see. */
export interface LoaderDefinition<Key, Value> {
  readonly batch: (context: LoaderContext, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>;
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

/** The DataLoaders of one request, made when first used. */
export class LoaderScope {
  private readonly loaders = new Map<unknown, DataLoader<unknown, unknown, unknown>>();
  /** Told of every value; null where nobody wants to know. */
  tags: AnswerTags | null = null;

  constructor(private readonly context: LoaderContext) {}

  load<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Promise<Value> {
    return this.get(definition).load(key);
  }

  /** Puts a row that a page brought along where its loader will find it. */
  prime<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key, value: Value): void {
    this.get(definition).prime(key, value);
    this.tags?.note(definition, key, value);
  }

  /** Forgets everything read so far: a write has happened in this request. */
  clear(): void {
    for (const loader of this.loaders.values()) loader.clearAll();
  }

  private get<Key, Value>(definition: LoaderDefinition<Key, Value>): DataLoader<Key, Value, unknown> {
    let loader = this.loaders.get(definition) as DataLoader<Key, Value, unknown> | undefined;
    if (!loader) {
      const { cacheKey } = definition;
      loader = new DataLoader<Key, Value, unknown>((keys) => this.read(definition, keys), {
        maxBatchSize: BATCH_MAX,
        ...(cacheKey && { cacheKeyFn: cacheKey }),
      });
      this.loaders.set(definition, loader as DataLoader<unknown, unknown, unknown>);
    }
    return loader;
  }

  private async read<Key, Value>(definition: LoaderDefinition<Key, Value>, keys: readonly Key[]) {
    const values = await definition.batch(this.context, keys);
    const { tags } = this;
    if (tags) {
      for (const [index, key] of keys.entries()) {
        const value = values[index];
        if (value instanceof Error) tags.spoil();
        else tags.note(definition, key, value as Value);
      }
    }
    return values;
  }
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
