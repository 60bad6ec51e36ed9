import {
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  parse,
} from 'graphql';
import { Executor } from '../../src/graphql/compiled/executor';
import { rootCause } from '../../src/graphql/errors';
import type { PreparedOperation } from '../../src/graphql/pipeline/pipeline';

export interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

const FIELDS_KEPT = 50_000;

/** What a way of execution answered, as text: two that are alike are the same byte for byte. */
export interface Answered {
  readonly text: string;
  /** By a plan, and not by graphql-js. */
  readonly planned: boolean;
}

/** Executes a document by plans and by graphql-js, each in a context of its own. */
export class BothWays {
  private readonly plans: Executor;
  private readonly graphqlJs: Executor;

  constructor(
    schema: GraphQLSchema,
    private readonly prepare: (asked: Asked) => PreparedOperation = (asked) => prepareBare(schema, asked),
  ) {
    this.plans = new Executor({ schema, compiled: true, fieldsKept: FIELDS_KEPT });
    this.graphqlJs = new Executor({ schema, compiled: false, fieldsKept: FIELDS_KEPT });
  }

  async run(asked: Asked, contextOf: () => unknown = () => ({}), rootValue?: unknown): Promise<[Answered, Answered]> {
    const prepared = this.prepare(asked);
    // The same document twice, so that what the first execution leaves behind is there for the second.
    await this.plans.execute(prepared, contextOf(), rootValue);
    const planned = await this.plans.execute(prepared, contextOf(), rootValue);
    const byGraphqlJs = await this.graphqlJs.execute(prepared, contextOf(), rootValue);
    return [describe(planned), describe(byGraphqlJs)];
  }
}

/** What the pipeline hands on, without its checks. */
export function prepareBare(schema: GraphQLSchema, { query, variables = {}, operationName }: Asked): PreparedOperation {
  const document = parse(query);
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new Error('the document has no such operation');
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (!coerced) throw errors[0];
  const name = operation.name?.value ?? null;
  return { hash: query, document, operation, operationName: name, variables, coerced } as unknown as PreparedOperation;
}

function describe(result: ExecutionResult): Answered {
  const { data } = result;
  const causes = result.errors?.map((error) => ({ cause: String(rootCause(error)), nodes: error.nodes?.length }));
  // graphql-js makes the objects of its answers without a prototype.
  const planned = Boolean(data) && Object.getPrototypeOf(data) !== null;
  return { text: JSON.stringify([result, causes]), planned };
}

export function errorsOf({ text }: Answered): readonly GraphQLError[] {
  return JSON.parse(text)[0].errors ?? [];
}

/** @throws Error that shows where two answers differ first. */
export function demandAlike([planned, byGraphqlJs]: readonly [Answered, Answered], { query, variables }: Asked): void {
  if (planned.text === byGraphqlJs.text) return;
  let at = 0;
  while (planned.text[at] === byGraphqlJs.text[at]) at += 1;
  const around = ({ text }: Answered) => text.slice(Math.max(0, at - SHOWN_BEFORE), at + SHOWN_BEHIND);
  const asked = `${query}\nvariables ${JSON.stringify(variables ?? {})}`;
  throw new Error(`${asked}\nplanned    …${around(planned)}\ngraphql-js …${around(byGraphqlJs)}`);
}

const SHOWN_BEFORE = 120;
const SHOWN_BEHIND = 160;
