import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { MaybeViewer } from '../kernel/viewer';
import { shareLoop } from '../platform/lifecycle/loop-share';
import type { RequestContext } from './context';

/** What a subscription delivers, before it is executed: pulled, so that a slow client slows its own reading only. */
export interface LiveSource<Event> {
  /** The next events, one at least, in order; waits for them. Null is the end. */
  next(): Promise<readonly Event[] | null>;
  /** Ends it at once, also while `next` waits. */
  close(): void;
  /**
   * Those of the events that may be shown to the viewer now: asked at delivery, since they may have waited while rights
   * changed. Null when the viewer may not follow this at all any more, which ends the subscription.
   */
  admit?(viewer: MaybeViewer, events: readonly Event[]): Promise<readonly Event[] | null>;
  /** Where a client goes on behind an event: the `id:` of an event stream. */
  cursorOf?(event: Event): string | null;
  /**
   * Whether anybody, signed in or not, may see this event; then clients that ask for the same are sent the same frame.
   * Two subscriptions have an event in common when they hold the same object.
   */
  isPublic?(event: Event): Promise<boolean>;
}

/** What graphql-js takes for a stream of events; `LiveStream` pulls it by its own rules. */
export type EventSource<Event> = LiveSource<Event> & AsyncIterable<Event>;

/** Makes a source fit for `createSourceEventStream`. */
export function eventSource<Event>(source: LiveSource<Event>): EventSource<Event> {
  const unused = () => {
    throw new Error('a live source is pulled, not iterated');
  };
  return Object.assign(source, { [Symbol.asyncIterator]: unused });
}

/** One event as it is sent. */
export interface LiveFrame {
  /** The execution result as JSON. */
  readonly payload: string;
  /** The cursor behind which a client goes on; null when the event has none. Made when it is asked for. */
  readonly id: () => string | null;
}

export interface LiveStreamOptions {
  readonly args: ExecutionArgs;
  readonly viewer: MaybeViewer;
  /** A context for some events that are read at the same time. */
  readonly openContext: () => RequestContext;
  /** Frames of events that everybody may see and sees alike; null when the document asks for what differs by viewer. */
  readonly shared: SharedFrames | null;
  /** The result as JSON, errors masked. @throws Reconsider when it says no more than that a store did not answer. */
  readonly present: (result: ExecutionResult) => string;
  /** Frames of this many bytes together may wait for a slow client; the first may be larger. */
  readonly waitingMaxBytes: number;
  /** Called for each failure to read; it is tried again. */
  readonly onFault: (error: unknown) => void;
}

/** An event could not be executed: it is asked for anew whether it may be shown, and tried again. */
export class Reconsider extends Error {}

/** Events executed together, in one context: few until it is known how large their frames are. */
const BATCH_MAX = 32;
const BATCH_FIRST = 4;
/** Where making frames took longer than this, rights are asked for again before they are sent. */
const ADMISSION_STALE_MS = 100;
/** Frames that have waited longer than this for a slow client are made anew: rights may have changed. */
const FRAME_STALE_MS = 1_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

/** Subscribes. @returns the stream, or a result with errors when the subscription was refused. */
export async function openLive(
  options: LiveStreamOptions,
  context: RequestContext,
): Promise<LiveStream | ExecutionResult> {
  const opened = await createSourceEventStream({ ...options.args, contextValue: context });
  if (!(Symbol.asyncIterator in opened)) return opened;
  return new LiveStream(opened as EventSource<object>, options);
}

/**
 * One subscription: pulls events, asks which of them may be shown, executes them with loaders of their own (with those
 * of the whole subscription, the second event would show what was read for the first) and hands out one frame after
 * the other. No event is passed over because a store is away: it is tried again until it can be delivered.
 */
export class LiveStream {
  private waiting: readonly object[] = [];
  private ready: { readonly event: object; readonly frame: LiveFrame }[] = [];
  private readyAt = 0;
  private batchSize = BATCH_FIRST;
  private faults = 0;
  private closed = false;
  /** Events that came to nothing once. */
  private readonly doubted = new WeakSet<object>();
  private hurry = () => {};

  constructor(
    private readonly source: LiveSource<object>,
    private readonly options: LiveStreamOptions,
  ) {}

  /** The next frame; waits for it. Null is the end. Never throws. */
  async next(): Promise<LiveFrame | null> {
    while (!this.closed) {
      const turn = shareLoop();
      if (turn) await turn;
      if (this.closed) break;
      if (this.ready.length > 0 && performance.now() - this.readyAt > FRAME_STALE_MS) {
        this.waiting = [...this.ready.map(({ event }) => event), ...this.waiting];
        this.ready = [];
      }
      const next = this.ready.shift();
      if (next) return next.frame;
      try {
        if (!(await this.fill())) break;
        this.faults = 0;
      } catch (error) {
        this.faults += 1;
        this.options.onFault(error);
        await this.pause(Math.min(RETRY_FIRST_MS * 2 ** (this.faults - 1), RETRY_MAX_MS));
      }
    }
    this.close();
    return null;
  }

  /** Ends it at once, also while `next` waits. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.source.close();
    this.hurry();
  }

  /** Makes the next frames; false at the end. Events leave `waiting` only once their frames are made. */
  private async fill(): Promise<boolean> {
    if (this.waiting.length === 0) {
      const events = await this.source.next();
      if (!events || this.closed) return false;
      this.waiting = events;
    }
    const batch = this.waiting.slice(0, this.batchSize);
    const askedAt = performance.now();
    let admitted = await this.admit(batch);
    if (!admitted) return false;
    const context = new Lazy(this.options.openContext);
    const frames = await Promise.all(admitted.map((event) => this.frame(event, context))).finally(() =>
      context.made?.deadline?.clear(),
    );
    const made = new Map(admitted.map((event, index) => [event, frames[index] as LiveFrame]));
    if (performance.now() - askedAt > ADMISSION_STALE_MS) admitted = await this.admit(admitted);
    if (!admitted) return false;
    const rest = this.waiting.slice(batch.length);
    const kept = this.fitting(admitted.map((event) => ({ event, frame: made.get(event) as LiveFrame })));
    this.waiting = [...admitted.slice(kept.length), ...rest];
    this.ready = kept;
    this.readyAt = performance.now();
    return true;
  }

  /** As many of the frames as may wait together; how many are made next follows from their size. */
  private fitting<Made extends { readonly frame: LiveFrame }>(all: Made[]): Made[] {
    const { waitingMaxBytes } = this.options;
    let bytes = 0;
    let looked = 0;
    for (const { frame } of all) {
      bytes += Buffer.byteLength(frame.payload);
      looked += 1;
      if (bytes > waitingMaxBytes) break;
    }
    const count = bytes > waitingMaxBytes ? Math.max(1, looked - 1) : looked;
    const ofTheirSize = Math.floor((waitingMaxBytes * looked) / Math.max(1, bytes));
    this.batchSize = Math.max(1, Math.min(ofTheirSize, this.batchSize * 2, BATCH_MAX));
    return all.slice(0, count);
  }

  private async admit(events: readonly object[]): Promise<readonly object[] | null> {
    return this.source.admit ? this.source.admit(this.options.viewer, events) : events;
  }

  private async frame(event: object, context: Lazy<RequestContext>): Promise<LiveFrame> {
    const { shared } = this.options;
    const id = () => this.source.cursorOf?.(event) ?? null;
    if (shared && (await this.source.isPublic?.(event))) {
      const payload = await shared.of(event, () => this.execute(event, shared.openContext()));
      return { payload, id };
    }
    return { payload: await this.execute(event, context.get()), id };
  }

  private async execute(event: object, contextValue: RequestContext): Promise<string> {
    const result = await execute({ ...this.options.args, rootValue: event, contextValue });
    // What it shows may have been hidden since it was admitted; then it is not admitted again.
    if (result.data === null && !this.doubted.has(event)) {
      this.doubted.add(event);
      throw new Reconsider();
    }
    return this.options.present(result);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Made when it is first asked for: where all frames are shared, a subscription needs no context of its own. */
class Lazy<Value> {
  made: Value | undefined;

  constructor(private readonly make: () => Value) {}

  get(): Value {
    this.made ??= this.make();
    return this.made;
  }
}

/** Frames that many subscriptions have in common, for as long as somebody holds their event. */
export class SharedFrames {
  constructor(
    private readonly byEvent: WeakMap<object, Map<string, Promise<string>>>,
    /** Names what is asked: the document and its operation. */
    private readonly key: string,
    /** A context without a viewer, for what is executed in the same moment. */
    readonly openContext: () => RequestContext,
  ) {}

  async of(event: object, make: () => Promise<string>): Promise<string> {
    const frames = this.byEvent.get(event) ?? new Map<string, Promise<string>>();
    this.byEvent.set(event, frames);
    let frame = frames.get(this.key);
    if (!frame) {
      frame = make();
      frames.set(this.key, frame);
      // The next one to ask tries again.
      frame.catch(() => frames.delete(this.key));
    }
    return frame;
  }
}
