import type { RequestContext } from '../../graphql/context';
import { requireViewer } from '../../graphql/context';
import type { LiveSource } from '../../graphql/live';
import { readPosition, type StreamCursors, type StreamPosition, streamPosition } from '../../graphql/stream-cursor';
import type { Clock } from '../../kernel/clock';
import { type ChangeEntry, readChanges, readHeads, streamTopic } from '../../platform/changelog/change-log';
import { readEpoch } from '../../platform/changelog/epoch';
import { type HubOptions, LogHub } from '../../platform/changelog/hub';
import type { LogReader } from '../../platform/changelog/log-reader';
import type { Database } from '../../platform/postgres/database';
import { type ChangeReader, isAsked, isBroken, newestOfEach } from './change.reader';
import type { ResetReason, SyncScope } from './sync.types';

export interface StreamArgs {
  readonly after?: string | null;
  readonly scopes?: readonly SyncScope[] | null;
}

/** What stands behind an item of a stream. */
export type StreamEvent = { readonly cursor: string } & (
  | { readonly __typename: 'StreamReady'; readonly recovered: boolean }
  | { readonly __typename: 'StreamReset'; readonly reason: ResetReason }
  | { readonly __typename: 'StreamTick'; readonly serverTime: string }
  | { readonly __typename: 'Changed'; readonly entry: ChangeEntry }
);

/** References only. */
const ENTRY_BYTES = 300;
/** A stream of which much is filtered out moves its client's place no more often than this. */
const TICK_MS = 1_000;

/** Follows the change log of every viewer who has a stream open in this process. */
export function createStreamHub(database: Database, options: HubOptions): LogHub<ChangeEntry> {
  let epoch: string | null = null;
  return new LogHub<ChangeEntry>(
    {
      topic: streamTopic,
      async heads(viewerIds) {
        const [heads, now] = await Promise.all([readHeads(database, viewerIds), readEpoch(database)]);
        const isNew = epoch !== null && epoch !== now;
        epoch = now;
        // In a new history every log has gone back: who follows one is told to start over.
        return isNew ? new Map() : heads;
      },
      read: (places, limit) => readChanges(database, places, limit),
      streamOf: ({ viewerId }) => viewerId,
      sizeOf: () => ENTRY_BYTES,
    },
    options,
  );
}

export interface StreamDeps {
  readonly database: Database;
  readonly hub: LogHub<ChangeEntry>;
  readonly changes: ChangeReader;
  readonly cursors: StreamCursors;
  readonly clock: Clock;
}

/** Opens a viewer's stream behind a cursor, or from now on. @throws Unauthenticated */
export async function openStream(deps: StreamDeps, args: StreamArgs, context: RequestContext) {
  const { userId } = requireViewer(context);
  const stream = new ChangeStream(deps, userId, args.scopes ?? null);
  await stream.open(context, args.after ?? null);
  return stream;
}

/** One viewer's changes: how it begins, then what is behind the place, then what comes. */
class ChangeStream implements LiveSource<StreamEvent> {
  private reader: LogReader<ChangeEntry> | null = null;
  private epoch = '';
  private greeting: StreamEvent | null = null;
  private tickedAt = 0;
  private closed = false;

  constructor(
    private readonly deps: StreamDeps,
    private readonly userId: string,
    private readonly scopes: readonly SyncScope[] | null,
  ) {}

  async open(context: RequestContext, after: string | null): Promise<void> {
    const now = await context.loaders.load(streamPosition, this.userId);
    const place = after === null ? now.seq : this.deps.changes.placeOf(this.userId, after, now);
    if (place === null) return this.reset(now, 'CURSOR_INVALID');
    if (await this.isGone(place, now)) return this.reset(now, 'CURSOR_EXPIRED');
    this.follow({ ...now, seq: place });
    this.greeting = { __typename: 'StreamReady', cursor: this.cursorAt(place), recovered: after !== null };
  }

  async next(): Promise<readonly StreamEvent[] | null> {
    for (;;) {
      const { greeting } = this;
      this.greeting = null;
      if (greeting) return [greeting];
      const entries = await this.reader?.next();
      if (!entries || this.closed) return null;
      if (typeof entries === 'string') await this.restart(entries === 'EXPIRED' ? 'CURSOR_EXPIRED' : 'CURSOR_INVALID');
      else {
        const events = this.eventsOf(entries);
        if (events.length > 0) return events;
      }
    }
  }

  close(): void {
    this.closed = true;
    this.reader?.close();
  }

  cursorOf({ cursor }: StreamEvent): string {
    return cursor;
  }

  private eventsOf(entries: readonly ChangeEntry[]): StreamEvent[] {
    const events: StreamEvent[] = newestOfEach(entries)
      .filter(({ scope }) => isAsked(scope, this.scopes))
      .map((entry) => ({ __typename: 'Changed', cursor: this.cursorAt(entry.seq), entry }));
    const last = entries.at(-1);
    const { clock } = this.deps;
    if (last && !isAsked(last.scope, this.scopes) && clock.ms() - this.tickedAt >= TICK_MS) {
      this.tickedAt = clock.ms();
      events.push({ __typename: 'StreamTick', cursor: this.cursorAt(last.seq), serverTime: clock.now() });
    }
    return events;
  }

  /** Whether what follows the place is no longer kept. */
  private async isGone(place: number, now: StreamPosition): Promise<boolean> {
    if (place === now.seq) return false;
    return isBroken(
      await readChanges(this.deps.database, [{ streamId: this.userId, after: place }], 1),
      place,
      now.seq,
    );
  }

  private async restart(reason: ResetReason): Promise<void> {
    const now = await readPosition(this.deps.database, this.userId);
    if (!this.closed) this.reset(now, reason);
  }

  private reset(now: StreamPosition, reason: ResetReason): void {
    this.follow(now);
    this.greeting = { __typename: 'StreamReset', cursor: this.cursorAt(now.seq), reason };
  }

  private follow({ epoch, seq }: StreamPosition): void {
    this.reader?.close();
    this.epoch = epoch;
    this.reader = this.deps.hub.follow(this.userId, seq);
  }

  private cursorAt(seq: number): string {
    return this.deps.cursors.encode(this.userId, { epoch: this.epoch, seq });
  }
}
