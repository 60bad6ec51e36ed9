import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Database } from '../platform/postgres/database';
import { isUnavailable } from '../platform/postgres/failures';
import type { Log } from '../platform/telemetry/log';
import { beforehandOf } from './beforehand';
import { type Caller, nobody } from './caller';
import type { Executor } from './compiled/executor';
import { isTooLarge } from './compiled/size';
import { RequestContext } from './context';
import { Deadline, DeadlineExceeded } from './deadline';
import { presentError, ResponseTooLarge, rootCause } from './errors';
import type { Admitted, Gate } from './gate';
import { type LiveFrame, LiveStream, openLive, Reconsider, SharedFrames } from './live';
import { logOperation, type OperationOutcome } from './operation-log';
import { measureCost } from './pipeline/cost';
import { Refusal } from './pipeline/refusal';
import type { OperationRequest } from './pipeline/request';
import { sharingKey } from './sharing';

export interface OperationOptions {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly database: Database;
  readonly gate: Gate;
  /** For a query or mutation as a whole, for a subscription each time it reads. */
  readonly operationTimeoutMs: number;
  readonly responseMaxBytes: number;
  readonly log: Log;
}

/** What an operation answers, one frame for a query or mutation, pulled by the transport as fast as its client reads. */
export interface Frames {
  /** Where the budget stands, for a transport that has headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The next frame; waits for it. Null is the end. Never throws. */
  next(): Promise<LiveFrame | null>;
  /** Ends it at once, also while `next` waits. */
  close(): void;
}

/** How long public events are executed in one context, and so may show the same reading. */
const PUBLIC_CONTEXT_MS = 5;

/** Runs operations for the transports that Apollo Server does not serve, with the same checks, codes and log line. */
export class Operations {
  /** Frames of public events, by event: it lives as long as a subscription holds it. */
  private readonly sharedFrames = new WeakMap<object, Map<string, Promise<string>>>();

  private publicContext: { readonly context: RequestContext; readonly openedAt: number } | null = null;

  constructor(private readonly options: OperationOptions) {}

  /** @throws Refusal already logged, its messages and codes fit for the client. */
  async admit(read: () => OperationRequest, caller: Caller): Promise<Admitted> {
    try {
      return await this.options.gate.admit(read(), caller);
    } catch (thrown) {
      const refusal = thrown instanceof Refusal ? thrown : new Refusal([this.toError(thrown)]);
      const { errors } = refusal;
      this.log(this.open(caller), { type: 'refused', name: null, startedAt: performance.now(), errors });
      throw refusal;
    }
  }

  /** Never throws: what fails stands in `errors` of a result. */
  async run(admitted: Admitted): Promise<Frames> {
    const { operation } = admitted.prepared;
    return operation.operation === 'subscription' ? this.subscribe(admitted) : this.execute(admitted);
  }

  private async execute({ prepared, grant, caller }: Admitted): Promise<Frames> {
    const { operation } = prepared;
    const startedAt = performance.now();
    const deadline = new Deadline(this.options.operationTimeoutMs);
    const unlisten = caller.gone?.listen(() => deadline.abandon());
    const context = this.open(caller, deadline);
    context.prepared = prepared;
    context.asked = prepared.asked;
    await context.begin(beforehandOf(this.options.schema, prepared));
    const made = await this.options.executor.execute(prepared, context);
    const used = isTooLarge(made) ? prepared.price : measureCost(operation, made.data, prepared.document);
    const result = this.mask(made);
    deadline.clear();
    unlisten?.();
    const cost = grant.settle(used);
    const outcome = { type: operation.operation, name: prepared.operationName, startedAt };
    this.log(context, { ...outcome, units: cost.actual, errors: result.errors });
    return single(this.write(result), grant.headers(cost));
  }

  private async subscribe({ prepared, grant, caller }: Admitted): Promise<Frames> {
    const { schema, executor, database, operationTimeoutMs, log } = this.options;
    const outcome = { type: 'subscription', name: prepared.operationName, startedAt: performance.now() };
    const whole = this.open(caller);
    whole.resumeAfter = caller.resumeAfter ?? null;
    const args = this.argsOf(prepared);
    const key = sharingKey(schema, prepared);
    // The event contexts count into one line: what a subscription cost as a whole.
    const openContext = () => {
      const deadline = new Deadline(operationTimeoutMs);
      const context = new RequestContext(database, caller, deadline, whole.cost);
      context.asked = prepared.asked;
      return context;
    };
    const shared = key === null ? null : new SharedFrames(this.sharedFrames, key, () => this.sharedContext(caller));
    const opened = await openLive(
      {
        args,
        execute: (event, context) => executor.execute(prepared, context, event),
        viewer: caller.viewer,
        openContext,
        shared,
        present: (result) => this.presentEvent(result),
        waitingMaxBytes: this.options.responseMaxBytes,
        onFault: (err) => err instanceof Reconsider || log.warn({ err }, 'a subscription could not read, trying again'),
      },
      whole,
    );
    // What it was estimated at is not given back: it goes on reading.
    const headers = grant.headers(grant.settle(prepared.price));
    if (!(opened instanceof LiveStream)) {
      const result = this.mask(opened);
      this.log(whole, { ...outcome, errors: result.errors });
      return single(this.write(result), headers);
    }
    return this.counted(opened, whole, outcome, headers);
  }

  /** The log line of a subscription is written at its end. */
  private counted(
    stream: LiveStream,
    whole: RequestContext,
    outcome: Omit<OperationOutcome, 'errors'>,
    headers: Frames['headers'],
  ): Frames {
    let events = 0;
    let ended = false;
    const end = () => {
      if (!ended) this.log(whole, { ...outcome, events });
      ended = true;
    };
    return {
      headers,
      async next() {
        const frame = await stream.next();
        if (frame) events += 1;
        else end();
        return frame;
      },
      close() {
        stream.close();
        end();
      },
    };
  }

  /** One for all public events of a moment, so that what they show is read by the same batches. */
  private sharedContext({ requestId, transport }: Caller): RequestContext {
    const now = performance.now();
    if (!this.publicContext || now - this.publicContext.openedAt > PUBLIC_CONTEXT_MS) {
      const context = new RequestContext(this.options.database, nobody(requestId, transport));
      this.publicContext = { context, openedAt: now };
    }
    return this.publicContext.context;
  }

  private argsOf({ document, operationName, variables }: Admitted['prepared']) {
    return { schema: this.options.schema, document, operationName, variableValues: variables };
  }

  private open(caller: Caller, deadline: Deadline | null = null): RequestContext {
    return new RequestContext(this.options.database, caller, deadline);
  }

  private presentEvent(result: ExecutionResult): string {
    if (result.errors?.some((error) => isPassing(rootCause(error)))) throw new Reconsider();
    return this.write(this.mask(result));
  }

  private mask(result: ExecutionResult): ExecutionResult {
    return result.errors ? { ...result, errors: result.errors.map((error) => this.toError(error)) } : result;
  }

  private write(result: ExecutionResult): string {
    const text = JSON.stringify(result);
    if (Buffer.byteLength(text) <= this.options.responseMaxBytes) return text;
    return JSON.stringify({ errors: [this.toError(new ResponseTooLarge())] });
  }

  private toError(error: unknown): GraphQLError {
    const { message, ...rest } = presentError(error, this.options.log);
    const place = error instanceof GraphQLError ? { nodes: error.nodes, source: error.source } : {};
    return new GraphQLError(message, { ...rest, ...place });
  }

  private log(context: RequestContext, outcome: OperationOutcome): void {
    logOperation(this.options.log, context, outcome);
  }
}

/** A failure to read that says nothing about what was to be read. */
function isPassing(cause: unknown): boolean {
  return cause instanceof DeadlineExceeded || isUnavailable(cause);
}

/** An answer of one frame, or of none. */
export function single(payload: string, headers: Frames['headers'] = {}): Frames {
  let frame: LiveFrame | null = { payload, id: () => null };
  return {
    headers,
    async next() {
      const next = frame;
      frame = null;
      return next;
    },
    close() {
      frame = null;
    },
  };
}
