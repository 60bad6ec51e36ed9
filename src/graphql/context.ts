import { Unauthenticated } from '../kernel/errors';
import type { MaybeViewer, Viewer } from '../kernel/viewer';
import type { EntityCopies } from '../platform/cache/entity-copies';
import type { Database, StatementCounter } from '../platform/postgres/database';
import type { Caller } from './caller';
import type { Deadline } from './deadline';
import { type LoaderContext, LoaderScope } from './loader-scope';
import type { PreparedOperation } from './pipeline/pipeline';

/**
 * Reads something into the operation's loaders before any of its fields is resolved. Fields run side by side, so one
 * that has to be older than everything else in the answer cannot be read by a resolver. Must not throw.
 */
export type Beforehand = (context: RequestContext) => Promise<unknown>;

const NOTHING: ReadonlySet<string> = new Set();

/**
 * What one operation (for subscriptions: one event) runs in. Everything cached here is seen by this viewer only and
 * dies with the operation.
 */
export class RequestContext {
  readonly loaders: LoaderScope;
  /** Takes the place of a subscription's `after`: the last event that the client has. */
  resumeAfter: string | null = null;
  /** What is run in it, word for word; null for events and for what is refused. */
  prepared: PreparedOperation | null = null;
  /** The fields that its document asks for, as `Type.field`; none where several documents share what is read. */
  asked: ReadonlySet<string> = NOTHING;
  private beforehand: readonly Beforehand[] = [];
  private signedIn: MaybeViewer;
  private readonly database: Database;

  constructor(
    database: Database,
    readonly caller: Caller,
    /** Ends what the operation reads; null for work that nobody waits for. */
    readonly deadline: Deadline | null = null,
    readonly cost: StatementCounter = { statements: 0 },
  ) {
    this.signedIn = caller.viewer;
    this.database = database.during(this.cost, deadline ?? undefined);
    this.loaders = new LoaderScope(new ReadingContext(this, this.database));
  }

  /** For what no loader reads. An answer that was read so is not kept for others. */
  get db(): Database {
    this.loaders.tags?.spoil();
    return this.database;
  }

  /** Null as well where the answer may be kept for others: made from copies, it would be as old as both together. */
  get cache(): EntityCopies | null {
    return this.loaders.tags ? null : this.database.cache;
  }

  get viewer(): MaybeViewer {
    return this.signedIn;
  }

  asks(field: string): boolean {
    return this.asked.has(field);
  }

  leavesOut(field: string): boolean {
    return this.asked !== NOTHING && !this.asked.has(field);
  }

  /** Reads what has to be read before any field is resolved. Never throws: who needs what failed meets the failure. */
  async begin(beforehand: readonly Beforehand[]): Promise<void> {
    this.beforehand = beforehand;
    if (beforehand.length > 0) await Promise.allSettled(beforehand.map((read) => read(this)));
  }

  /** A write has happened: what was read before it is forgotten. */
  async renew(): Promise<void> {
    this.loaders.clear();
    await this.begin(this.beforehand);
  }

  /** From here on the operation runs as this person, and what was read for somebody else is forgotten. */
  signIn(viewer: Viewer): void {
    this.signedIn = viewer;
    this.loaders.clear();
  }
}

/**
 * A context to its loaders, which tell by themselves of what is read. An object of its own: to V8 an object that others
 * inherit from is of a kind of its own, and whatever reads a property of it has to look it up each time.
 */
class ReadingContext implements LoaderContext {
  constructor(
    private readonly context: RequestContext,
    readonly db: Database,
  ) {}

  get viewer(): MaybeViewer {
    return this.context.viewer;
  }

  get cache(): EntityCopies | null {
    return this.context.cache;
  }

  get loaders(): LoaderScope {
    return this.context.loaders;
  }

  get asked(): ReadonlySet<string> {
    return this.context.asked;
  }

  asks(field: string): boolean {
    return this.context.asks(field);
  }

  leavesOut(field: string): boolean {
    return this.context.leavesOut(field);
  }
}

/** @throws Unauthenticated for an anonymous request. */
export function requireViewer(context: RequestContext): Viewer {
  if (!context.viewer) throw new Unauthenticated();
  return context.viewer;
}
