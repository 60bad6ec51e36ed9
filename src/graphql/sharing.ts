import {
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { type Fragments, fragmentsOf } from './pipeline/fragments';
import type { PreparedOperation } from './pipeline/pipeline';

/** Declared by `@Extensions` on a type or a field whose values are the same for everybody who may see them at all. */
export const SAME_FOR_ALL = { sameForAll: true };

/**
 * Names what a subscription asks when everybody who may see an event sees the same of it; null when its document asks
 * for anything that differs by viewer, or uses variables beyond the arguments of the subscription itself.
 */
export function sharingKey(schema: GraphQLSchema, { document, operation, hash }: PreparedOperation): string | null {
  const root = schema.getSubscriptionType();
  if (!root || operation.directives?.length) return null;
  const alike = isAlike(schema, fragmentsOf(document), operation.selectionSet, root, true);
  return alike ? `${hash}:${operation.name?.value ?? ''}` : null;
}

/** Whether a field of a type is declared the same for everybody: by itself, or as a plain property of such a type. */
export function isSameForAll(type: GraphQLNamedOutputType, field: GraphQLField<unknown, unknown>): boolean {
  if (field.extensions['sameForAll'] === true) return true;
  return type.extensions['sameForAll'] === true && field.args.length === 0 && !readsRows(field);
}

function readsRows({ extensions }: GraphQLField<unknown, unknown>): boolean {
  return (extensions['cost'] as { reads?: unknown } | undefined)?.reads !== undefined;
}

function isAlike(
  schema: GraphQLSchema,
  fragments: Fragments,
  { selections }: SelectionSetNode,
  parent: GraphQLNamedOutputType,
  atRoot: boolean,
): boolean {
  return selections.every((selection) => {
    // @include and @skip may depend on variables, which differ between clients.
    if (selection.directives?.length) return false;
    if (selection.kind !== Kind.FIELD) {
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (!fragment || fragment.directives?.length) return false;
      const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      const type = condition && isCompositeType(condition) ? condition : parent;
      return isAlike(schema, fragments, fragment.selectionSet, type, atRoot);
    }
    if (selection.name.value === '__typename') return true;
    const field = isObjectType(parent) ? parent.getFields()[selection.name.value] : undefined;
    if (!field || !isSameForAll(parent, field)) return false;
    // The root's arguments choose the events; below it they choose what is shown.
    if (!atRoot && selection.arguments?.length) return false;
    const below = getNamedType(field.type);
    return !selection.selectionSet || isAlike(schema, fragments, selection.selectionSet, below, false);
  });
}
