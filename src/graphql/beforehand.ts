import {
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Beforehand } from './context';

/** Declared by `@Extensions` on a field. */
export function beforehand(read: Beforehand): { readonly beforehand: Beforehand } {
  return { beforehand: read };
}

const NONE: readonly Beforehand[] = [];
const known = new WeakMap<DocumentNode, readonly Beforehand[]>();

/** What the fields of a validated document, any operation of it, declare. */
export function beforehandOf(
  schema: GraphQLSchema,
  { document, operation }: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
): readonly Beforehand[] {
  if (operation.operation === 'subscription') return NONE;
  const found = known.get(document);
  if (found) return found;
  const reads = new Set<Beforehand>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field() {
        const field = info.getFieldDef();
        const read = field?.extensions['beforehand'] as Beforehand | undefined;
        if (read) reads.add(read);
      },
    }),
  );
  const list = reads.size === 0 ? NONE : [...reads];
  known.set(document, list);
  return list;
}
