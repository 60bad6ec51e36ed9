import { type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import type { PreparedOperation } from '../pipeline/pipeline';
import { type Conditions, conditionsOf } from './collect';
import { executePlan } from './execute';
import { fragmentsIn, PlanTooLarge, planOperation } from './planner';
import type { OperationPlan } from './run';

export interface ExecutorOptions {
  readonly schema: GraphQLSchema;
  /** Whether operations are planned; graphql-js executes them all when not. */
  readonly compiled: boolean;
}

/** What is known of an operation: it lives as long as its parsed document, and so is bounded with those. */
interface Known {
  readonly conditions: readonly string[];
  /** By the values of the conditions; null of what graphql-js executes. */
  readonly plans: Map<string, OperationPlan | null>;
}

/** Fields of one plan, in all types of object that can stand in their places. */
const PLAN_FIELDS_MAX = 2_000;
/** Plans of one operation, for different values of the variables of its @skip and @include. */
const PLANS_MAX = 8;

/**
 * Executes operations that the pipeline has prepared. What graphql-js finds out anew for every operation, and much of
 * it for every object in the answer, is found out once for a document and kept with it: which fields are asked for,
 * their definitions, types and places. The answers are those of graphql-js, which executes what is not planned.
 */
export class Executor {
  private readonly known = new WeakMap<object, Known>();

  constructor(private readonly options: ExecutorOptions) {}

  /** Never throws. The operation has been validated and its variables coerced. */
  execute(
    prepared: PreparedOperation,
    contextValue: unknown,
    rootValue?: unknown,
  ): ExecutionResult | Promise<ExecutionResult> {
    const plan = this.options.compiled ? this.planOf(prepared) : null;
    if (plan) return executePlan(plan, rootValue, contextValue, prepared.coerced);
    const { document, operationName, variables: variableValues } = prepared;
    return execute({
      schema: this.options.schema,
      document,
      operationName,
      variableValues,
      contextValue,
      rootValue,
    }) as ExecutionResult | Promise<ExecutionResult>;
  }

  private planOf({ document, operation, coerced }: PreparedOperation): OperationPlan | null {
    let known = this.known.get(operation);
    if (!known) {
      known = { conditions: conditionsOf(document, operation), plans: new Map() };
      this.known.set(operation, known);
    }
    const values = known.conditions.map((name) => coerced[name]);
    // A condition that is null is an error, or none where the field is not reached.
    if (!values.every((value) => typeof value === 'boolean')) return null;
    const key = values.join();
    const found = known.plans.get(key);
    if (found !== undefined) return found;
    if (known.plans.size >= PLANS_MAX) return null;
    const conditions = new Map(known.conditions.map((name, n) => [name, values[n] as boolean]));
    const plan = this.plan({ document, operation }, conditions);
    known.plans.set(key, plan);
    return plan;
  }

  private plan(
    { document, operation }: Pick<PreparedOperation, 'document' | 'operation'>,
    conditions: Conditions,
  ): OperationPlan | null {
    try {
      const fragments = fragmentsIn(document.definitions);
      return planOperation(this.options.schema, fragments, operation, conditions, PLAN_FIELDS_MAX);
    } catch (error) {
      if (error instanceof PlanTooLarge) return null;
      throw error;
    }
  }
}
