import type { Ms } from './ledger';

/** What a client that follows one list (`commentAdded`, `messageAdded`) received. */
export interface ListHistory {
  readonly client: string;
  /** The person signed in. */
  readonly reader: string;
  readonly list: string;
  /** Behind which cursor it began; null for the beginning. */
  readonly start: string | null;
  /** It went for good before the end, and owes nothing behind the last item that it received. */
  readonly left: boolean;
  readonly records: readonly ListRecord[];
}

export type ListRecord =
  | { readonly kind: 'opened'; readonly at: Ms; readonly after: string | null }
  | ListItem
  | { readonly kind: 'closed'; readonly at: Ms; readonly why: string };

export interface ListItem {
  readonly kind: 'item';
  readonly at: Ms;
  readonly cursor: string;
  readonly id: string;
  readonly text: string;
  /** Of messages: 1, 2, 3 … in their conversation. */
  readonly seq: number | null;
}

/** A list as it is at the end, in order. */
export interface ListTruth {
  readonly list: string;
  /** How many entries stand before those that follow here. */
  readonly before: number;
  readonly edges: readonly { readonly id: string; readonly cursor: string; readonly seq: number | null }[];
}

export const SCOPES = ['FEED', 'NOTIFICATIONS', 'MESSAGES', 'SOCIAL_GRAPH', 'PROFILE'] as const;
export type Scope = (typeof SCOPES)[number];

/** One node in a client's copy. */
export interface CopyNode {
  readonly scope: Scope;
  readonly id: string;
  /** Grows with every change; null where a node has none. */
  readonly version: number | null;
  readonly text: string | null;
  readonly author: string | null;
  /** Of a message: its conversation and its place there. */
  readonly place: { readonly list: string; readonly seq: number } | null;
  /** Everything that two copies must agree in, as text. */
  readonly state: string;
}

/** What a client that keeps a copy by `Viewer.sync` and `Subscription.stream` received. */
export interface CopyHistory {
  readonly client: string;
  readonly reader: string;
  readonly records: readonly CopyRecord[];
}

export type CopyRecord =
  | { readonly kind: 'opened'; readonly at: Ms; readonly by: 'stream' | 'sync'; readonly after: string | null }
  | { readonly kind: 'ready'; readonly at: Ms; readonly cursor: string; readonly recovered: boolean }
  | { readonly kind: 'reset'; readonly at: Ms; readonly cursor: string; readonly reason: string }
  /** The copy was dropped and read afresh; changes that came meanwhile follow. */
  | { readonly kind: 'loaded'; readonly at: Ms; readonly nodes: readonly CopyNode[] }
  | { readonly kind: 'upsert'; readonly at: Ms; readonly cursor: string; readonly node: CopyNode }
  | {
      readonly kind: 'removed';
      readonly at: Ms;
      readonly cursor: string;
      readonly scope: Scope;
      readonly id: string;
    }
  | { readonly kind: 'tick'; readonly at: Ms; readonly cursor: string }
  | { readonly kind: 'closed'; readonly at: Ms; readonly why: string };

/** A copy by scope and id. */
export type Copy = ReadonlyMap<string, CopyNode>;

export function copyKey(scope: Scope, id: string): string {
  return `${scope} ${id}`;
}

export function copyOf(nodes: Iterable<CopyNode>): Map<string, CopyNode> {
  return new Map([...nodes].map((node) => [copyKey(node.scope, node.id), node]));
}

/** The copy that a client has after all it received. */
export function foldHistory(records: readonly CopyRecord[]): Copy {
  let copy = new Map<string, CopyNode>();
  for (const record of records) {
    if (record.kind === 'loaded') copy = copyOf(record.nodes);
    if (record.kind === 'upsert') copy.set(copyKey(record.node.scope, record.node.id), record.node);
    if (record.kind === 'removed') copy.delete(copyKey(record.scope, record.id));
  }
  return copy;
}

export type Fault =
  /** Should have come, and did not. */
  | 'lost'
  /** As `lost`, `stale` or `left over`, after the server had said that the stream recovered. */
  | 'hole'
  | 'doubled'
  | 'out of order'
  /** Came to somebody who may not see it. */
  | 'leaked'
  /** Came before it was written, or before the stream was ready. */
  | 'early'
  /** Nobody wrote this. */
  | 'unknown'
  /** Still there, though it is gone. */
  | 'left over'
  | 'stale';

export interface Violation {
  readonly fault: Fault;
  readonly client: string;
  readonly detail: string;
}
