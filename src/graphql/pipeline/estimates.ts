import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { estimateCost, type OperationCost } from './cost';

type Variables = Readonly<Record<string, unknown>>;

/** Different sizes that are remembered of one operation: an app asks for pages of two or three. */
const SIZES_MAX = 16;

/** What operations can cost, reckoned once for an operation and what its variables say of sizes. */
export class Estimates {
  private readonly known = new WeakMap<OperationDefinitionNode, Map<string, OperationCost>>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly copies: boolean,
  ) {}

  /** As `estimateCost`. @param variables Coerced. */
  of(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): OperationCost {
    let known = this.known.get(operation);
    if (!known) {
      known = new Map();
      this.known.set(operation, known);
    }
    const sizes = sizesOf(operation, variables);
    let estimate = known.get(sizes);
    if (!estimate) {
      estimate = estimateCost(this.schema, document, operation, variables, this.copies);
      if (known.size >= SIZES_MAX) known.clear();
      known.set(sizes, estimate);
    }
    return estimate;
  }
}

/**
 * All of the variables that an estimate can depend on: numbers, how long lists are, and which are missing or null, which
 * may make an argument wrong or leave it out. Texts and what stands inside of objects size nothing.
 */
function sizesOf({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): string {
  let sizes = '';
  for (const { variable } of variableDefinitions) {
    const value = variables[variable.name.value];
    if (typeof value === 'number') sizes += value;
    else if (Array.isArray(value)) sizes += `[${value.length}`;
    else if (value === null) sizes += 'n';
    else if (value !== undefined) sizes += 'x';
    sizes += ',';
  }
  return sizes;
}
