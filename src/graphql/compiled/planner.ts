import {
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { wantsInfo } from '../direct-resolvers';
import { type Fragments, fragmentsOf } from '../pipeline/fragments';
import { type Conditions, collectFields } from './collect';
import { completeAbstract, completeLeaf, completeList, completeNonNull, completeObject } from './complete';
import { leafOf } from './leaf';
import type { Arguments, Complete, FieldPlan, ObjectPlan, OperationPlan } from './run';
import { FRAME_OF_A_VALUE } from './size';

/** The document asks for more fields, in all the types of object that can stand in their places, than are planned. */
export class PlanTooLarge extends Error {}

/**
 * Plans an operation of a validated document, fields asked for under @skip and @include as `conditions` decide.
 * @throws PlanTooLarge
 */
export function planOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: Conditions,
  fieldsMax: number,
): OperationPlan {
  const type = schema.getRootType(operation.operation);
  if (!type) throw new PlanTooLarge();
  const planner = new Planner(schema, fragmentsOf(document), conditions, fieldsMax);
  const root = planner.planObject(type, [operation.selectionSet]);
  // As resolvers are told them by graphql-js.
  const fragments = Object.assign(Object.create(null), Object.fromEntries(fragmentsOf(document)));
  return { schema, operation, fragments, root, size: planner.size };
}

class Planner {
  size = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: Fragments,
    private readonly conditions: Conditions,
    private readonly fieldsMax: number,
  ) {}

  planObject(type: GraphQLObjectType, selections: readonly SelectionSetNode[]): ObjectPlan {
    const collected = collectFields(this.schema, this.fragments, this.conditions, type, selections);
    const fields: FieldPlan[] = [];
    for (const [name, nodes] of collected) {
      const definition = this.definitionOf(type, nodes[0] as FieldNode);
      if (definition) fields.push(this.planField(name, nodes, type, definition));
    }
    return { type, fields, frame: fields.reduce((sum, { name }) => sum + name.length + FRAME_OF_A_VALUE, 0) };
  }

  private planField(
    name: string,
    nodes: FieldNode[],
    parent: GraphQLObjectType,
    definition: GraphQLField<unknown, unknown>,
  ): FieldPlan {
    this.size += 1;
    if (this.size > this.fieldsMax) throw new PlanTooLarge();
    const { type, args, resolve } = definition;
    const isTypeName = definition === TypeNameMetaFieldDef;
    const takesArguments = args.length > 0;
    const named = isNonNullType(type) ? type.ofType : type;
    return {
      name,
      slot: this.size,
      definition,
      parent,
      nodes,
      nullable: !isNonNullType(type),
      resolve: resolve ?? defaultFieldResolver,
      takesArguments,
      fixedArguments: takesArguments ? fixedArguments(definition, nodes[0] as FieldNode) : null,
      complete: this.completion(type, nodes, `${parent.name}.${definition.name}`),
      isProperty: !resolve && !takesArguments,
      wantsInfo: !resolve || wantsInfo(resolve),
      completesWithInfo: asksWhatItIs(type),
      leaf: isLeafType(named) ? leafOf(named) : null,
      constant: isTypeName ? parent.name : null,
    };
  }

  private completion(type: GraphQLOutputType, nodes: FieldNode[], where: string): Complete {
    if (isNonNullType(type)) return completeNonNull(this.completion(type.ofType, nodes, where), where);
    if (isListType(type)) {
      const item = this.completion(type.ofType, nodes, where);
      return completeList(item, !isNonNullType(type.ofType), nodes, where);
    }
    if (isLeafType(type)) return completeLeaf(leafOf(type));
    const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(type)) return completeObject(this.planObject(type, selections), nodes);
    const plans = new Map<string, Complete>();
    for (const possible of this.schema.getPossibleTypes(type)) {
      plans.set(possible.name, completeObject(this.planObject(possible, selections), nodes));
    }
    return completeAbstract(this.schema, type, plans, nodes, where);
  }

  private definitionOf(parent: GraphQLObjectType, { name }: FieldNode): GraphQLField<unknown, unknown> | undefined {
    const atQuery = parent === this.schema.getQueryType();
    if (atQuery && name.value === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (atQuery && name.value === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    if (name.value === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
    return parent.getFields()[name.value];
  }
}

/** The arguments that are the same whatever the variables are, so that they are coerced once for all operations. */
function fixedArguments(definition: GraphQLField<unknown, unknown>, node: FieldNode): Arguments | null {
  // Objects and lists are made for each operation: a resolver may do with them what it likes.
  if (node.arguments?.some(({ value }) => !CONSTANT_KINDS.has(value.kind))) return null;
  try {
    const args = getArgumentValues(definition, node);
    const isPlain = Object.values(args).every((value) => typeof value !== 'object' || value === null);
    return isPlain ? Object.freeze(args) : null;
  } catch {
    // They are refused where they are asked for.
    return null;
  }
}

const CONSTANT_KINDS: ReadonlySet<Kind> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
]);

/** Whether a type finds out by itself what a value of it is, and is told where it stands to do so. */
function asksWhatItIs(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  return isAbstractType(named) || (isObjectType(named) && named.isTypeOf != null);
}
