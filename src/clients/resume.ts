import { getOperationAST, Kind, OperationTypeNode, parse } from 'graphql';

/** A request as graphql-ws takes it. */
export interface LiveRequest {
  readonly query?: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** What a subscription brings, as far as it is read here. */
export interface LiveResult {
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
}

/** The service cannot continue from the cursor it was given: what the app holds may lack changes. */
export interface Reset {
  /** Where the subscription goes on. */
  readonly cursor: string;
  /** A `ResetReason`; null when the document does not select it. */
  readonly reason: string | null;
  readonly request: LiveRequest;
}

export interface ResumeOptions {
  /** Names of the variable that takes a cursor; the one that a document declares is used. `['after']` when left out. */
  readonly cursorVariables?: readonly string[];
  /**
   * Called before the reset itself is delivered: drop the local copy and load it afresh. What follows is delivered
   * meanwhile; until the promise resolves nothing is persisted, so that an app ended in between starts without a cursor.
   * When it rejects, the subscription ends with its error.
   */
  readonly onReset?: (reset: Reset) => void | Promise<void>;
  /** Keeps the cursor of what the app has taken, or forgets it (null). Must not throw. */
  readonly persist?: (key: string, cursor: string | null) => void;
  /** Where to start when a request names no cursor itself. */
  readonly restore?: (key: string) => string | null | undefined | Promise<string | null | undefined>;
  /** Under which key: operation and variables when left out. Name the account in it where a device has several. */
  readonly keyOf?: (request: LiveRequest) => string;
  /** How many cursors are remembered, so that what comes again is dropped. 1000 when left out. */
  readonly rememberedMax?: number;
}

const CURSOR_VARIABLES = ['after'];
const REMEMBERED_MAX = 1_000;

/** What one result is: a change that is new or came before, a sign of the stream (ready, tick, reset), or neither. */
export type Reading =
  | { readonly kind: 'other' }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'change' | 'signal'; readonly cursor: string }
  | { readonly kind: 'reset'; readonly cursor: string; readonly reset: Reset };

/** Where one running subscription stands. */
export class Position {
  /**
   * The variables to subscribe with. Always the same object, kept up to date: graphql-ws writes a request out whenever
   * it sends it, so that even a reconnect of its own, below this, continues from here.
   */
  readonly variables: Record<string, unknown>;
  private readonly seen = new Set<string>();

  constructor(
    private readonly request: LiveRequest,
    /** The variable that takes the cursor; null for a subscription that cannot be continued. */
    private readonly variable: string | null,
    private readonly rememberedMax = REMEMBERED_MAX,
  ) {
    this.variables = { ...request.variables };
  }

  get resumable(): boolean {
    return this.variable !== null;
  }

  /** The last cursor, or the one that the request came with. */
  get cursor(): string | null {
    const cursor = this.variable === null ? null : this.variables[this.variable];
    return typeof cursor === 'string' ? cursor : null;
  }

  moveTo(cursor: string | null): void {
    if (this.variable !== null) this.variables[this.variable] = cursor;
  }

  /** Reads a result, and moves behind it unless it came before. */
  take({ data }: LiveResult): Reading {
    const item = this.variable === null ? null : itemOf(data);
    if (!item) return { kind: 'other' };
    const { cursor } = item;
    if (isReset(item)) {
      this.seen.clear();
      this.moveTo(cursor);
      const reason = typeof item['reason'] === 'string' ? item['reason'] : null;
      return { kind: 'reset', cursor, reset: { cursor, reason, request: this.request } };
    }
    if (isChange(item)) {
      if (this.seen.has(cursor)) return { kind: 'repeat' };
      this.remember(cursor);
    }
    this.moveTo(cursor);
    return { kind: isChange(item) ? 'change' : 'signal', cursor };
  }

  private remember(cursor: string): void {
    this.seen.add(cursor);
    // A Set keeps the order in which it grew: the first is the oldest.
    for (const oldest of this.seen) {
      if (this.seen.size <= this.rememberedMax) break;
      this.seen.delete(oldest);
    }
  }
}

/**
 * How to follow a request; null for one that must not be sent twice: a query or a mutation. Without a text (persisted
 * documents) a request is taken for a subscription when it brings the cursor variable, be it null.
 */
export function positionOf(request: LiveRequest, options: ResumeOptions): Position | null {
  const names = options.cursorVariables ?? CURSOR_VARIABLES;
  const start = (declares: (name: string) => boolean) =>
    new Position(request, names.find(declares) ?? null, options.rememberedMax);
  if (!request.query) {
    const position = start((name) => request.variables?.[name] !== undefined);
    return position.resumable ? position : null;
  }
  const operation = operationOf(request.query, request.operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return null;
  const declared = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  return start((name) => declared.has(name));
}

/** The name under which a request's cursor is kept: everything about it but the cursor. */
export function keyOf(request: LiveRequest, { cursorVariables = CURSOR_VARIABLES, ...options }: ResumeOptions): string {
  if (options.keyOf) return options.keyOf(request);
  const variables = Object.entries(request.variables ?? {})
    .filter(([name]) => !cursorVariables.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([request.operationName ?? request.query ?? '', variables]);
}

/** What cannot be parsed is for the server to refuse. */
function operationOf(query: string, operationName: string | null | undefined) {
  try {
    const document = parse(query, { noLocation: true });
    const only = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length === 1;
    return getOperationAST(document, only ? null : operationName);
  } catch {
    return null;
  }
}

type Item = Readonly<Record<string, unknown>> & { readonly cursor: string };

/** A subscription has one root field, under whatever alias. */
function itemOf(data: unknown): Item | null {
  if (typeof data !== 'object' || data === null) return null;
  return Object.values(data).find((value): value is Item => typeof value?.cursor === 'string') ?? null;
}

/** An edge, an upserted or a removed node; a tick stands at the cursor of the change before it and is no repeat of it. */
function isChange(item: Item): boolean {
  return 'node' in item || 'nodeId' in item || /^Node/.test(String(item['__typename']));
}

function isReset(item: Item): boolean {
  if ('__typename' in item) return item['__typename'] === 'StreamReset';
  return 'reason' in item && !isChange(item);
}
