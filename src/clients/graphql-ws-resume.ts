import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';
import { keyOf, type Position, positionOf, type ResumeOptions } from './resume';
import { Backoff, isFinal, isPassingRefusal, type RetryOptions } from './retry';

export interface ResumableOptions extends ResumeOptions, RetryOptions {
  /** How long an answer to a ping of the client may take before its line is taken for dead. 5000 when left out. */
  readonly pongWaitMs?: number;
}

const PONG_WAIT_MS = 5_000;

/**
 * A graphql-ws client whose subscriptions continue: after a lost connection each subscribes again with the cursor of
 * the last item as `after`, and what comes twice is delivered once. Queries and mutations pass through and are sent once.
 * Give it a client made with `retryAttempts: 0`, a `keepAlive` (nothing else notices a line that died without a word),
 * and `connectionParams` that fetch the current token on each call.
 *
 * It stands around the client and not in a link or an exchange above it, because there close codes are known (Apollo's
 * GraphQLWsLink makes a text of them), and because graphql-ws itself subscribes again with what it was given, unseen
 * from above. And it waits by itself instead of letting graphql-ws (`retryAttempts: 0`), because graphql-ws gives up on a
 * subscription that is refused when it comes back, and after a restart, when all come back, some are: RATE_LIMITED,
 * SERVICE_UNAVAILABLE. A client with attempts of its own is no harm: its variables are kept up to date too.
 */
export function resumable(client: Client, options: ResumableOptions = {}): Client {
  const running = new Set<Running>();
  endDeadLines(client, options.pongWaitMs ?? PONG_WAIT_MS);

  function follow(payload: SubscribePayload, sink: ItemSink): () => void {
    const position = positionOf(payload, options);
    if (!position) return client.subscribe(payload, { ...sink, next: (result) => sink.next(result, nothing) });
    const subscription = new Running(client, payload, position, options, sink, () => running.delete(subscription));
    running.add(subscription);
    subscription.start();
    return () => subscription.end();
  }

  return {
    ...client,
    subscribe(payload, sink) {
      return follow(payload, {
        next(result, taken) {
          sink.next(result as never);
          taken();
        },
        error: (failure) => sink.error(failure),
        complete: () => sink.complete(),
      });
    },
    iterate: ((payload) => iterate((sink) => follow(payload, sink))) as Client['iterate'],
    /** Dispose of this one, not of the client inside: a subscription that waits would connect again. */
    async dispose() {
      for (const subscription of [...running]) subscription.complete();
      await client.dispose();
    },
  };
}

/** graphql-ws sends pings but leaves it to others to miss the answers. */
function endDeadLines(client: Client, pongWaitMs: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const answered = () => clearTimeout(timer);
  client.on('ping', (received) => {
    if (received) return;
    answered();
    timer = setTimeout(() => client.terminate(), pongWaitMs);
  });
  client.on('pong', (received) => received && answered());
  client.on('closed', answered);
}

type Result = FormattedExecutionResult<Record<string, unknown>, unknown>;

interface ItemSink {
  /** `taken` is to be called when the app is done with the result. */
  next(result: Result, taken: () => void): void;
  error(failure: unknown): void;
  complete(): void;
}

const nothing = () => {};

/** One subscription of the app, over all the attempts that it takes. */
class Running {
  private readonly backoff: Backoff;
  private readonly key: string;
  private over = false;
  private restored = false;
  private resetting = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unsubscribe = nothing;

  constructor(
    private readonly client: Client,
    private readonly payload: SubscribePayload,
    private readonly position: Position,
    private readonly options: ResumableOptions,
    private readonly sink: ItemSink,
    private readonly onOver: () => void,
  ) {
    this.backoff = new Backoff(options);
    this.key = keyOf(payload, options);
  }

  start(): void {
    const { restore } = this.options;
    if (!restore || !this.position.resumable || this.position.cursor !== null) {
      this.attempt();
      return;
    }
    new Promise<string | null | undefined>((resolve) => resolve(restore(this.key))).then(
      (cursor) => {
        this.restored = typeof cursor === 'string';
        if (typeof cursor === 'string') this.position.moveTo(cursor);
        this.attempt();
      },
      (failure) => this.fail(failure),
    );
  }

  /** The app wants no more. */
  end(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.unsubscribe();
    this.onOver();
  }

  complete(): void {
    if (this.over) return;
    this.end();
    this.sink.complete();
  }

  private fail(failure: unknown): void {
    if (this.over) return;
    this.end();
    this.sink.error(failure);
  }

  private attempt(): void {
    if (this.over) return;
    this.backoff.attemptBegins();
    let attempting = true;
    const whileAttempting = (then: () => void) => {
      if (attempting && !this.over) then();
    };
    const lost = (failure: unknown) => {
      attempting = false;
      this.lost(failure);
    };
    const sink: Sink<Result> = {
      next: (result) =>
        whileAttempting(() => {
          if (!isPassingRefusal(result)) {
            this.deliver(result);
            return;
          }
          // The subscription was refused, or an event could not be read just then: from the last cursor it comes again.
          lost(result.errors);
          this.unsubscribe();
        }),
      error: (failure) => whileAttempting(() => lost(failure)),
      complete: () => whileAttempting(() => this.complete()),
    };
    const request = { ...this.payload, variables: this.position.variables };
    this.unsubscribe = this.client.subscribe(request, sink as Sink<never>);
  }

  private deliver(result: Result): void {
    if (this.over) return;
    const reading = this.position.take(result);
    if (reading.kind === 'repeat') return;
    if (result.data) this.backoff.succeeded();
    if (reading.kind === 'other') {
      this.sink.next(result, nothing);
      return;
    }
    this.restored = false;
    if (reading.kind === 'reset') {
      this.forget();
      const loaded = this.options.onReset?.(reading.reset);
      if (loaded) this.persistAfter(loaded);
    }
    this.sink.next(result, () => this.persist(reading.cursor));
  }

  private persist(cursor: string): void {
    if (this.resetting === 0) this.options.persist?.(this.key, cursor);
  }

  private forget(): void {
    this.options.persist?.(this.key, null);
  }

  private persistAfter(loaded: Promise<void>): void {
    this.resetting += 1;
    loaded.then(
      () => {
        this.resetting -= 1;
        const { cursor } = this.position;
        if (cursor !== null) this.persist(cursor);
      },
      (failure) => this.fail(failure),
    );
  }

  private lost(failure: unknown): void {
    if (isFinal(failure, this.options)) {
      // A kept cursor that is refused would be refused at every start.
      if (this.restored && Array.isArray(failure)) this.forget();
      this.fail(failure);
      return;
    }
    const waitMs = this.backoff.next(failure);
    if (waitMs === null) {
      this.fail(failure);
      return;
    }
    this.options.onLost?.(failure, waitMs);
    this.timer = setTimeout(() => {
      const { ready } = this.options;
      if (!ready) this.attempt();
      else
        ready().then(
          () => this.attempt(),
          (reason) => this.fail(reason),
        );
    }, waitMs);
  }
}

/** The results of a subscription for a `for await`; each is taken when the next one is asked for. */
function iterate(follow: (sink: ItemSink) => () => void): AsyncIterableIterator<Result> {
  const waiting: { readonly result: Result; readonly taken: () => void }[] = [];
  const ends: { readonly failure?: unknown }[] = [];
  let wake = nothing;
  const finish = (end: { readonly failure?: unknown }) => {
    ends.push(end);
    wake();
  };
  const unsubscribe = follow({
    next(result, taken) {
      waiting.push({ result, taken });
      wake();
    },
    error: (failure) => finish({ failure }),
    complete: () => finish({}),
  });
  const results = (async function* () {
    try {
      for (;;) {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          yield next.result;
          next.taken();
        }
        const [end] = ends;
        if (end && 'failure' in end) throw end.failure;
        if (end) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      unsubscribe();
    }
  })();
  const { return: close } = results;
  // A generator that waits for a result would close only with the next one.
  results.return = (value) => {
    unsubscribe();
    waiting.length = 0;
    finish({});
    return close.call(results, value);
  };
  return results;
}
