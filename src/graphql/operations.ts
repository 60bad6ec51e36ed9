import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Database } from '../platform/postgres/database';
import type { Log } from '../platform/telemetry/log';
import type { Caller } from './caller';
import { RequestContext } from './context';
import { Deadline } from './deadline';
import { presentError, ResponseTooLarge } from './errors';
import type { Admitted, Gate } from './gate';
import { type EventStream, observe, subscribeLive } from './live';
import { logOperation, type OperationOutcome } from './operation-log';
import { measureCost } from './pipeline/cost';
import { Refusal } from './pipeline/refusal';
import { type OperationRequest, readOperationRequest } from './pipeline/request';

export interface OperationOptions {
  readonly schema: GraphQLSchema;
  readonly database: Database;
  readonly gate: Gate;
  /** For a query or mutation as a whole, for a subscription per event. */
  readonly operationTimeoutMs: number;
  readonly responseMaxBytes: number;
  readonly log: Log;
}

/** Runs operations for the transports that Apollo Server does not serve, with the same checks, codes and log line. */
export class Operations {
  constructor(private readonly options: OperationOptions) {}

  /** @throws GraphQLError[] already logged, their messages and codes fit for the client. */
  async admit(sent: unknown, caller: Caller): Promise<Admitted> {
    try {
      const request: OperationRequest = readOperationRequest(sent);
      return await this.options.gate.admit(request, caller);
    } catch (thrown) {
      const errors = thrown instanceof Refusal ? thrown.errors : [this.toError(thrown)];
      this.log(this.open(caller), { type: 'refused', name: null, startedAt: performance.now(), errors });
      throw errors;
    }
  }

  /** Never throws: what fails stands in `errors` of a result. */
  async run({ prepared, grant }: Admitted, caller: Caller): Promise<EventStream | ExecutionResult> {
    const { operation, operationName: name } = prepared;
    const outcome = { type: operation.operation, name, startedAt: performance.now() };
    const args = {
      schema: this.options.schema,
      document: prepared.document,
      operationName: name,
      variableValues: prepared.variables,
    };
    if (operation.operation !== 'subscription') {
      const deadline = new Deadline(this.options.operationTimeoutMs);
      const abandon = () => deadline.abandon();
      if (caller.gone?.aborted) abandon();
      caller.gone?.addEventListener('abort', abandon, { once: true });
      const context = this.open(caller, deadline);
      const result = await execute({ ...args, contextValue: context });
      deadline.clear();
      caller.gone?.removeEventListener('abort', abandon);
      const { actual } = grant.settle(measureCost(operation, result.data));
      return this.finish(context, { ...outcome, units: actual }, result);
    }
    const whole = this.open(caller);
    let events = 0;
    // The event contexts count into one line: what a subscription cost as a whole.
    const opened = await subscribeLive(args, () => this.openEvent(caller, whole));
    if (!(Symbol.asyncIterator in opened)) return this.finish(whole, outcome, opened);
    return observe(
      opened,
      (result) => {
        events += 1;
        return this.present(result);
      },
      () => this.log(whole, { ...outcome, events }),
    );
  }

  private open(caller: Caller, deadline: Deadline | null = null): RequestContext {
    return new RequestContext(this.options.database, caller.viewer, caller.requestId, caller.transport, deadline);
  }

  private openEvent(caller: Caller, { cost }: RequestContext): RequestContext {
    const { database } = this.options;
    return new RequestContext(database, caller.viewer, caller.requestId, caller.transport, null, cost);
  }

  private finish(
    context: RequestContext,
    outcome: Omit<OperationOutcome, 'errors'>,
    result: ExecutionResult,
  ): ExecutionResult {
    const presented = this.present(result);
    this.log(context, { ...outcome, errors: presented.errors });
    return presented;
  }

  private present(result: ExecutionResult): ExecutionResult {
    if (Buffer.byteLength(JSON.stringify(result)) > this.options.responseMaxBytes) {
      return { errors: [this.toError(new ResponseTooLarge())] };
    }
    if (!result.errors) return result;
    return { ...result, errors: result.errors.map((error) => this.toError(error)) };
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
