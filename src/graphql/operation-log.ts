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
  const { caller, cost, viewer } = context;
  // What is undefined is not written.
  log.info(
    {
      operation: nameShown(outcome.name),
      type: outcome.type,
      transport: caller.transport,
      ms: Math.round((performance.now() - outcome.startedAt) * 10) / 10,
      statements: cost.statements,
      units: outcome.units,
      events: outcome.events,
      codes: codesOf(outcome),
      viewer: viewer?.userId ?? null,
      requestId: caller.requestId,
    },
    'operation',
  );
}

function codesOf({ errors }: OperationOutcome): readonly unknown[] | undefined {
  if (!errors || errors.length === 0) return undefined;
  return [...new Set(errors.map((error) => error.extensions?.code ?? 'UNKNOWN'))];
}
