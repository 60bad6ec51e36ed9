import {
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { fragmentsOf } from './pipeline/fragments';
import type { PreparedOperation } from './pipeline/pipeline';

/** Declared on a type or field by `@Extensions(cacheFor(seconds))`: how long a stranger's copy may be shown. */
export function cacheFor(maxAgeSeconds: number): { readonly maxAge: number } {
  return { maxAge: maxAgeSeconds };
}

const WRAPPER = /(Connection|Edge|Counts)$|^PageInfo$/;

const known = new WeakMap<OperationDefinitionNode, number>();

/**
 * How long any cache may keep what an anonymous request was answered, in seconds; 0 when some part of it has no
 * declared hint. The shortest hint of all types in the operation counts.
 */
export function publicMaxAge(schema: GraphQLSchema, prepared: PreparedOperation): number {
  const { operation } = prepared;
  let maxAge = known.get(operation);
  if (maxAge === undefined) {
    maxAge = shortestHint(schema, prepared);
    known.set(operation, maxAge);
  }
  return maxAge;
}

function shortestHint(schema: GraphQLSchema, { document, operation }: PreparedOperation): number {
  const info = new TypeInfo(schema);
  let maxAge = Number.POSITIVE_INFINITY;
  for (const part of [operation, ...fragmentsOf(document).values()]) {
    visit(
      part,
      visitWithTypeInfo(info, {
        Field() {
          const field = info.getFieldDef();
          const type = info.getType();
          const named = type && getNamedType(type);
          if (!field || !named || !isCompositeType(named)) return;
          // What stands behind an interface can be any of its types, with or without a hint.
          const types = isObjectType(named) ? [named] : schema.getPossibleTypes(named);
          // What has no hint by design stands around elements, and the walk reaches those.
          if (WRAPPER.test(named.name)) return;
          for (const each of types) {
            const hint = field.extensions['maxAge'] ?? each.extensions['maxAge'];
            maxAge = Math.min(maxAge, typeof hint === 'number' ? hint : 0);
          }
        },
      }),
    );
  }
  return Number.isFinite(maxAge) ? maxAge : 0;
}
