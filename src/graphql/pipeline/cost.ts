import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedOutputType,
  GraphQLNonNull,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isAnswer } from '../compiled/answer';
import { PAGE_DEFAULT, PAGE_MAX } from '../connection';
import { type Fragments, fragmentsOf } from './fragments';

/** What one operation can cost at most. */
export interface OperationCost {
  /** The unit of budgets: 1 for each object in the answer, and a little for each value in it. */
  readonly cost: number;
  /** SQL statements for reading. */
  readonly statements: number;
}

/** Declared on a field by `@Extensions(costOf({ … }))`. */
export interface FieldCost {
  /** Units for the field itself, on top of the objects in its answer; of a value, in place of a tenth. */
  readonly weight?: number;
  /** The batches that resolving it reads through. Fields of one selection that name the same batch share it. */
  readonly reads?: readonly string[];
  /** Its objects bring along what fields of theirs read that say so; see `comesAlong`. */
  readonly companions?: boolean;
  /** What it reads comes along where its object was brought so; elsewhere it takes the batches of `reads`. */
  readonly comesAlong?: boolean;
  /** The batches that it takes from copies, where copies are kept: each is read where one of them is missing. */
  readonly copies?: readonly string[];
  /** The argument whose length, or value, bounds the length of its list. */
  readonly sizedBy?: string;
}

/** Nothing is free: even an operation without objects takes a parse and a round trip. */
export const COST_MIN = 1;
/** A list of objects that nothing bounds by an argument: `userErrors`. */
const PLAIN_LIST_SIZE = 10;
/** Types whose lists are as long as was asked as `first`. */
const PAGE_TYPE = /(Connection|Page)$/;
/** What a value weighs beside the object that it stands in, unless declared otherwise. Names for it multiply it. */
const VALUE_WEIGHT = 0.1;
/** Keys that a loader puts into one statement. */
const BATCH_KEYS = 1_000;
/** What a mutation weighs beyond its answer: a transaction with its locks. */
const MUTATION_WEIGHT = 10;
/** Where a document asks for the schema. */
const INTROSPECTION = new Set(['__schema', '__type']);
/** What such a field weighs with all below it: thousands of objects, but of the same few in memory, without a store. */
export const INTROSPECTION_WEIGHT = 100;

/** What copies take of which the very version is asked for: reading those that are missing, and those changed meanwhile. */
export function versionsOf(batch: string): readonly string[] {
  return [`${batch}:missing`, `${batch}:changed`];
}

export function costOf(cost: FieldCost): { readonly cost: FieldCost } {
  return { cost };
}

/**
 * Bounds what a validated operation can cost, from the document, the declared sizes and the variables alone. Sizes
 * multiply down nested connections. The caller has bounded the number of expanded fields, so this is quick.
 * @param copies whether rows may be taken from copies, all of which may be missing.
 */
export function estimateCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  copies = false,
): OperationCost {
  const fragments = fragmentsOf(document);
  const root = schema.getRootType(operation.operation);
  if (!root) return { cost: 0, statements: 0 };
  const estimator = new Estimator(schema, fragments, variables, copies);
  // What a mutation answers is read node by node, each with its companions.
  const brought = operation.operation === 'mutation';
  const scope = { listSize: PAGE_DEFAULT, parents: 1, batches: new Set<string>(), brought };
  const cost = estimator.costOfSelections(operation.selectionSet, root, scope);
  const mutations = operation.operation === 'mutation' ? operation.selectionSet.selections.length : 0;
  return { cost: Math.ceil(cost - ROUNDING) + mutations * MUTATION_WEIGHT, statements: estimator.statements };
}

/**
 * What an operation has cost, in the units of `estimateCost` and never above it. Without the document, what its
 * fragments bring of the schema counts object by object.
 */
export function measureCost(operation: OperationDefinitionNode, data: unknown, document?: DocumentNode): number {
  const mutations = operation.operation === 'mutation' ? operation.selectionSet.selections.length : 0;
  const schemas = new Set<unknown>();
  findSchemas(operation.selectionSet, data, document ? fragmentsOf(document) : new Map(), schemas);
  const objects = data ? countObjects(data, schemas) - 1 : 0;
  return objects + mutations * MUTATION_WEIGHT;
}

/** Adds to `found` the objects of an answer that stand where its document asked for the schema. */
function findSchemas(
  { selections }: SelectionSetNode,
  value: unknown,
  fragments: Fragments,
  found: Set<unknown>,
): void {
  // The schema stands below the query type, and no list leads there.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const below = (value as Record<string, unknown>)[selection.alias?.value ?? selection.name.value];
      if (INTROSPECTION.has(selection.name.value)) found.add(below);
      else if (selection.selectionSet) findSchemas(selection.selectionSet, below, fragments, found);
      continue;
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (fragment) findSchemas(fragment.selectionSet, value, fragments, found);
  }
}

function countObjects(value: unknown, schemas: ReadonlySet<unknown>): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (schemas.has(value)) return INTROSPECTION_WEIGHT;
  let objects = 0;
  if (Array.isArray(value)) for (const element of value) objects += countObjects(element, schemas);
  // A date, or what else stands for a scalar, is no object of the answer.
  else if (isAnswer(value)) {
    objects = 1;
    for (const name in value) objects += countObjects((value as Record<string, unknown>)[name], schemas);
  }
  return objects;
}

/** Tenths added up in binary come out a little too high. */
const ROUNDING = 1e-6;

/** Where a selection stands. */
interface Scope {
  /** How long the lists of its object are: of a connection, what was asked as `first`. */
  readonly listSize: number;
  /** How many objects it can be made of. */
  readonly parents: number;
  /** The batches that its fields read through. */
  readonly batches: Set<string>;
  /** Whether it came with its companions. */
  readonly brought: boolean;
}

class Estimator {
  statements = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: Fragments,
    private readonly variables: Readonly<Record<string, unknown>>,
    private readonly copies: boolean,
  ) {}

  costOfSelections({ selections }: SelectionSetNode, parent: GraphQLNamedOutputType, scope: Scope): number {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        cost += this.costOfField(selection, parent, scope);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(selection.name.value) : selection;
      if (!fragment) continue;
      const condition = fragment.typeCondition && this.schema.getType(fragment.typeCondition.name.value);
      const type = condition && isCompositeType(condition) ? condition : parent;
      cost += this.costOfSelections(fragment.selectionSet, type, scope);
    }
    return cost;
  }

  private costOfField(node: FieldNode, parent: GraphQLNamedOutputType, scope: Scope): number {
    if (INTROSPECTION.has(node.name.value)) return INTROSPECTION_WEIGHT;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (!field) return 0;
    const declared = declaredCost(field);
    const named = getNamedType(field.type);
    const args = field.args.length > 0 ? this.argumentsOf(field, node) : {};
    this.countStatements(declared, node, args, scope);
    if (!node.selectionSet || !isCompositeType(named)) return declared.weight ?? VALUE_WEIGHT;
    const isPage = 'first' in args || field.args.some((argument) => argument.name === 'first');
    const listSize = isPage ? pageSize(args['first'], args['last']) : scope.listSize;
    const length = this.lengthOf(field, declared, parent, scope.listSize, args);
    // Around a node stand objects that nothing is read for: connections, edges, payloads, counts.
    const brought = declared.companions ?? (declared.reads === undefined && scope.brought);
    const inside = { listSize, parents: scope.parents * length, batches: new Set<string>(), brought };
    const below = this.costOfSelections(node.selectionSet, named, inside);
    return (declared.weight ?? 0) + length * (1 + below);
  }

  private lengthOf(
    field: GraphQLField<unknown, unknown>,
    declared: FieldCost,
    parent: GraphQLNamedOutputType,
    listSize: number,
    args: Readonly<Record<string, unknown>>,
  ): number {
    const type = field.type instanceof GraphQLNonNull ? field.type.ofType : field.type;
    if (!isListType(type)) return 1;
    const sized = declared.sizedBy ? args[declared.sizedBy] : undefined;
    if (Array.isArray(sized)) return sized.length;
    return PAGE_TYPE.test(parent.name) ? listSize : PLAIN_LIST_SIZE;
  }

  /** A batch without arguments is shared by the fields of one selection; one with arguments is its own statement. */
  private countStatements(declared: FieldCost, node: FieldNode, args: object, scope: Scope): void {
    const { batches, parents, brought } = scope;
    const reads = declared.comesAlong && brought ? [] : (declared.reads ?? []);
    const copies = this.copies ? (declared.copies ?? []) : [];
    for (const batch of [...reads, ...copies]) {
      const shared = Object.keys(args).length === 0 ? batch : `${batch}:${node.alias?.value ?? node.name.value}`;
      if (batches.has(shared)) continue;
      batches.add(shared);
      this.statements += Math.ceil(parents / BATCH_KEYS);
    }
  }

  private argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Readonly<Record<string, unknown>> {
    try {
      return getArgumentValues(field, node, this.variables);
    } catch {
      // Wrong arguments are refused when the operation runs; until then they count as the largest.
      return { first: PAGE_MAX };
    }
  }
}

function declaredCost(field: GraphQLField<unknown, unknown>): FieldCost {
  return (field.extensions['cost'] as FieldCost | undefined) ?? {};
}

/** Of a page that is asked for both ways, which is refused, the longer. */
function pageSize(...asked: readonly unknown[]): number {
  const sizes = asked.filter((size): size is number => typeof size === 'number' && size >= 0);
  return sizes.length > 0 ? Math.min(Math.max(...sizes), PAGE_MAX) : PAGE_DEFAULT;
}
