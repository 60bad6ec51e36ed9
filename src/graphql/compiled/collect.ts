import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
  visit,
} from 'graphql';
import type { Fragments } from '../pipeline/fragments';

/** The variables of @skip and @include, each with its value. */
export type Conditions = ReadonlyMap<string, boolean>;

const INCLUDE = 'include';
const SKIP = 'skip';

/** The names of the variables by which @skip and @include decide which fields of an operation are there at all. */
export function conditionsOf(document: DocumentNode, { variableDefinitions }: OperationDefinitionNode): string[] {
  const used = new Set<string>();
  visit(document, {
    Directive({ name, arguments: args }) {
      if (name.value !== INCLUDE && name.value !== SKIP) return;
      for (const { value } of args ?? []) if (value.kind === Kind.VARIABLE) used.add(value.name.value);
    },
  });
  // What is used elsewhere in the document belongs to its other operations.
  const declared = variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  return declared.filter((name) => used.has(name));
}

/**
 * The fields that are asked of an object of this type, by their names in its answer (GraphQL specification,
 * "CollectFields").
 */
export function collectFields(
  schema: GraphQLSchema,
  fragments: Fragments,
  conditions: Conditions,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD && visited.has(selection.name.value)) continue;
      if (!isIncluded(selection, conditions)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(name);
        if (nodes) nodes.push(selection);
        else fields.set(name, [selection]);
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) visited.add(selection.name.value);
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment && applies(schema, fragment, type)) collect(fragment.selectionSet);
    }
  };
  for (const selectionSet of selectionSets) collect(selectionSet);
  return fields;
}

/** @skip comes before @include. */
function isIncluded({ directives }: SelectionNode, conditions: Conditions): boolean {
  if (!directives || directives.length === 0) return true;
  if (conditionOf(directives, SKIP, conditions) === true) return false;
  return conditionOf(directives, INCLUDE, conditions) !== false;
}

function conditionOf(directives: readonly DirectiveNode[], name: string, conditions: Conditions): boolean | undefined {
  const value = directives.find((directive) => directive.name.value === name)?.arguments?.[0]?.value;
  if (value?.kind === Kind.VARIABLE) return conditions.get(value.name.value);
  return value?.kind === Kind.BOOLEAN ? value.value : undefined;
}

function applies(
  schema: GraphQLSchema,
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
  type: GraphQLObjectType,
): boolean {
  if (!typeCondition) return true;
  const condition = typeFromAST(schema, typeCondition);
  return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
}
