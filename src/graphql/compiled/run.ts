import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  locatedError,
  type OperationDefinitionNode,
  responsePathAsArray,
} from 'graphql';
import type { Leaf } from './leaf';

export type Path = GraphQLResolveInfo['path'];
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * Makes of what a resolver has answered what stands in the answer, or a promise of it (GraphQL specification, "Value
 * Completion"). @throws what makes the field null.
 */
export type Complete = (run: Run, info: GraphQLResolveInfo, path: Path, value: unknown) => unknown;

/** A field as it is asked for in one place of an operation, of one type of object. */
export interface FieldPlan {
  /** Its name in the answer. */
  readonly name: string;
  /** Numbers the fields of a plan. */
  readonly slot: number;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parent: GraphQLObjectType;
  readonly nodes: readonly FieldNode[] & FieldNode[];
  readonly nullable: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly takesArguments: boolean;
  /** Those that no variable stands in; null where they are to be found out. */
  readonly fixedArguments: Arguments | null;
  readonly complete: Complete;
  /** It only reads a property of its row. */
  readonly isProperty: boolean;
  /** Whether its resolver is told where it stands. */
  readonly wantsInfo: boolean;
  /** Whether that is asked for when its value is completed. */
  readonly completesWithInfo: boolean;
  /** Of a field of one plain value: makes what is sent of it. */
  readonly leaf: Leaf | null;
  /** What it always answers: a type's name. */
  readonly constant: string | null;
}

/** What is asked of one type of object in one place. */
export interface ObjectPlan {
  readonly type: GraphQLObjectType;
  readonly fields: readonly FieldPlan[];
  /** Characters that it takes in the answer without its values. */
  readonly frame: number;
}

/** An operation with everything decided that does not depend on variables, except those of @skip and @include. */
export interface OperationPlan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly root: ObjectPlan;
  /** Fields of all its places and types. */
  readonly size: number;
}

/** One execution of a plan: what `execute` of graphql-js keeps for one operation. */
export class Run {
  readonly errors: GraphQLError[] = [];
  /** Characters of the answer so far, of names and texts: no more than the bytes that it will take. */
  size = 0;
  private readonly failed = new Set<Path | undefined>();
  private readonly args: (Arguments | undefined)[] = [];

  constructor(
    readonly plan: OperationPlan,
    readonly rootValue: unknown,
    readonly context: unknown,
    readonly variables: { readonly [name: string]: unknown },
    readonly sizeMax: number,
  ) {}

  /** Whether the answer is larger than it may be, so that nothing more is put into it. */
  get isTooLarge(): boolean {
    return this.size > this.sizeMax;
  }

  /**
   * The arguments of a field, coerced once for all the objects in which the operation asks for it: frozen, since their
   * resolvers share them. @throws GraphQLError when a variable turns out null or missing.
   */
  argumentsOf(field: FieldPlan): Arguments {
    if (field.fixedArguments !== null) return field.fixedArguments;
    let args = this.args[field.slot];
    if (args === undefined) {
      args = Object.freeze(getArgumentValues(field.definition, field.nodes[0] as FieldNode, this.variables));
      this.args[field.slot] = args;
    }
    return args;
  }

  infoOf(field: FieldPlan, path: Path): GraphQLResolveInfo {
    const { plan } = this;
    return {
      fieldName: field.definition.name,
      fieldNodes: field.nodes,
      returnType: field.definition.type,
      parentType: field.parent,
      path,
      schema: plan.schema,
      fragments: plan.fragments,
      rootValue: this.rootValue,
      operation: plan.operation,
      variableValues: this.variables as Record<string, unknown>,
    };
  }

  /** What stands in the answer where something failed. @throws GraphQLError where null may not stand. */
  fail(nodes: readonly FieldNode[], nullable: boolean, cause: unknown, path: Path): null {
    const error = locatedError(cause, nodes as FieldNode[], responsePathAsArray(path));
    if (!nullable) throw error;
    this.add(error, path);
    return null;
  }

  /** Nothing is said of what fails below a place that has become null already. */
  add(error: GraphQLError, path: Path | undefined): void {
    for (let place = path; place !== undefined; place = place.prev) if (this.failed.has(place)) return;
    if (this.failed.has(undefined)) return;
    this.failed.add(path);
    this.errors.push(error);
  }
}
