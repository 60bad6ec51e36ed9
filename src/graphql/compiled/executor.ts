import { type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { PreparedOperation } from '../pipeline/pipeline';
import { type Conditions, conditionsOf } from './collect';
import { executePlan } from './execute';
import { PlanTooLarge, planOperation } from './planner';
import type { OperationPlan } from './run';
import { exceeds, refuseTooLarge } from './size';

export interface ExecutorOptions {
  readonly schema: GraphQLSchema;
  /** Whether operations are planned; graphql-js executes them all when not. */
  readonly compiled: boolean;
  /** Fields of all plans together, the least recently used of which go. A field takes 0.7 KB. */
  readonly fieldsKept: number;
  /** Bytes of one answer. One that is certain to be larger is not finished, and is RESPONSE_TOO_LARGE. Any when left out. */
  readonly answerMaxBytes?: number;
}

interface Kept {
  /** Null of what graphql-js executes. */
  readonly plan: OperationPlan | null;
}

/** Fields of one plan, in all types of object that can stand in their places. */
const PLAN_FIELDS_MAX = 2_000;

/**
 * Executes operations that the pipeline has prepared. What graphql-js finds out anew for every operation, and much of
 * it for every object in the answer, is found out once: which fields are asked for, their definitions, types and places.
 * It takes less than the validation of the document, so it is done when a document is executed first. The answers are
 * those of graphql-js, which executes what is not planned.
 */
export class Executor {
  private readonly kept: LRUCache<string, Kept>;
  private readonly conditions = new WeakMap<object, readonly string[]>();

  constructor(private readonly options: ExecutorOptions) {
    this.kept = new LRUCache({
      maxSize: Math.max(options.fieldsKept, PLAN_FIELDS_MAX),
      sizeCalculation: ({ plan }) => plan?.size || 1,
    });
  }

  /** Fields of all plans that are kept. */
  get fieldsKept(): number {
    return this.kept.calculatedSize;
  }

  /** Never throws. The operation has been validated and its variables coerced. */
  execute(
    prepared: PreparedOperation,
    contextValue: unknown,
    rootValue?: unknown,
  ): ExecutionResult | Promise<ExecutionResult> {
    const plan = this.options.compiled ? this.planOf(prepared) : null;
    const { answerMaxBytes = Number.POSITIVE_INFINITY } = this.options;
    if (plan) return executePlan(plan, rootValue, contextValue, prepared.coerced, answerMaxBytes);
    const { document, operationName, variables: variableValues } = prepared;
    const { schema } = this.options;
    const result = execute({ schema, document, operationName, variableValues, contextValue, rootValue });
    const measure = (made: ExecutionResult) => (exceeds(made.data, answerMaxBytes) ? refuseTooLarge() : made);
    return result instanceof Promise ? result.then(measure) : measure(result as ExecutionResult);
  }

  private planOf(prepared: PreparedOperation): OperationPlan | null {
    const names = this.conditionsOf(prepared);
    const values = names.map((name) => prepared.coerced[name]);
    // A condition that is null is an error where it is met, and none where it is not.
    if (!values.every((value) => typeof value === 'boolean')) return null;
    const key = `${prepared.hash}:${prepared.operationName ?? ''}:${values.join()}`;
    const kept = this.kept.get(key);
    if (kept) return kept.plan;
    const plan = this.plan(prepared, new Map(names.map((name, n) => [name, values[n] as boolean])));
    this.kept.set(key, { plan });
    return plan;
  }

  private conditionsOf({ document, operation }: PreparedOperation): readonly string[] {
    let names = this.conditions.get(operation);
    if (!names) {
      names = conditionsOf(document, operation);
      this.conditions.set(operation, names);
    }
    return names;
  }

  private plan({ document, operation }: PreparedOperation, conditions: Conditions): OperationPlan | null {
    try {
      return planOperation(this.options.schema, document, operation, conditions, PLAN_FIELDS_MAX);
    } catch (error) {
      if (error instanceof PlanTooLarge) return null;
      throw error;
    }
  }
}
