import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import type { MaybeViewer } from '../kernel/viewer';
import type { Database } from '../platform/postgres/database';
import type { Log } from '../platform/telemetry/log';
import { RequestContext, type Transport } from './context';
import { presentError } from './errors';
import { type EventStream, observe, subscribeLive } from './live';
import { logOperation, type OperationOutcome } from './operation-log';
import { type OperationRequest, type PreparedOperation, prepareOperation } from './pipeline';

/** On whose behalf an operation runs, and by which way it came. */
export interface Caller {
  readonly viewer: MaybeViewer;
  readonly requestId: string;
  readonly transport: Transport;
}

export interface OperationOptions {
  readonly schema: GraphQLSchema;
  readonly database: Database;
  readonly tokensMax: number;
  readonly log: Log;
}

/** Runs operations for the transports that Apollo Server does not serve, with the same checks, codes and log line. */
export class Operations {
  constructor(private readonly options: OperationOptions) {}

  /** @throws GraphQLError[] already logged, their messages and codes fit for the client. */
  prepare(request: OperationRequest, caller: Caller): PreparedOperation {
    try {
      return prepareOperation(request, this.options);
    } catch (thrown) {
      const errors = (Array.isArray(thrown) ? thrown : [thrown]).map((error) => presentError(error, this.options.log));
      this.log(this.open(caller), { type: 'refused', name: null, startedAt: performance.now(), errors });
      throw errors.map(({ message, ...rest }) => new GraphQLError(message, rest));
    }
  }

  /** Never throws: what fails stands in `errors` of a result. */
  async run(prepared: PreparedOperation, caller: Caller): Promise<EventStream | ExecutionResult> {
    const { operation, operationName: name } = prepared;
    const outcome = { type: operation.operation, name, startedAt: performance.now() };
    const context = this.open(caller);
    const args = {
      schema: this.options.schema,
      document: prepared.document,
      operationName: name,
      variableValues: prepared.variables,
    };
    if (operation.operation !== 'subscription') {
      return this.finish(context, outcome, await execute({ ...args, contextValue: context }));
    }
    let events = 0;
    // The event contexts count into one line: what a subscription cost as a whole.
    const opened = await subscribeLive(args, () => this.open(caller, context));
    if (!(Symbol.asyncIterator in opened)) return this.finish(context, outcome, opened);
    return observe(
      opened,
      (result) => {
        events += 1;
        return this.present(result);
      },
      () => this.log(context, { ...outcome, events }),
    );
  }

  private open(caller: Caller, countInto?: RequestContext): RequestContext {
    const { database } = this.options;
    return new RequestContext(database, caller.viewer, caller.requestId, caller.transport, countInto?.cost);
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
    if (!result.errors) return result;
    const errors = result.errors.map((error) => {
      // graphql-js reports variables of the wrong type before anything runs, without a code.
      const refused = result.data === undefined && !error.originalError && !error.path;
      const { message, ...rest } = presentError(refused ? badInput(error) : error, this.options.log);
      return new GraphQLError(message, { ...rest, nodes: error.nodes, source: error.source });
    });
    return { ...result, errors };
  }

  private log(context: RequestContext, outcome: OperationOutcome): void {
    logOperation(this.options.log, context, outcome);
  }
}

function badInput(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: 'BAD_USER_INPUT' } });
}
