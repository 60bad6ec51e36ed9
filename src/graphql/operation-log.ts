import type { Log } from '../platform/telemetry/log';
import type { RequestContext } from './context';

/** A client chooses the name of its operation; a log line stays short. */
const NAME_LENGTH_MAX = 80;

export function nameShown(name: string | null): string {
  return name?.slice(0, NAME_LENGTH_MAX) ?? 'anonymous';
}

export interface OperationOutcome {
  readonly type: string;
  readonly name: string | null;
  /** `performance.now()` when the operation began. */
  readonly startedAt: number;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[] | undefined;
  /** Units of cost that it has used. */
  readonly units?: number;
  /** Events delivered, for a subscription. */
  readonly events?: number;
}

/** Writes the one line of an operation. Names, numbers, ids and codes only; variables and answers never. */
export function logOperation(log: Log, context: RequestContext, outcome: OperationOutcome): void {
  const codes = outcome.errors?.map((error) => error.extensions?.code ?? 'UNKNOWN');
  log.info(
    {
      operation: nameShown(outcome.name),
      type: outcome.type,
      transport: context.caller.transport,
      ms: Math.round((performance.now() - outcome.startedAt) * 10) / 10,
      statements: context.cost.statements,
      ...(outcome.units !== undefined && { units: outcome.units }),
      ...(outcome.events !== undefined && { events: outcome.events }),
      ...(codes && codes.length > 0 && { codes: [...new Set(codes)] }),
      viewer: context.viewer?.userId ?? null,
      requestId: context.caller.requestId,
    },
    'operation',
  );
}
