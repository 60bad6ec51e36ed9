import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/**
 * The fields that a validated document asks for anywhere in it, as `Type.field`; of an interface or union those of its
 * possible types as well. So it may hold more than one operation of the document needs, never less.
 */
export function askedIn(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const asked = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field({ name }) {
        const parent = getNamedType(info.getParentType() ?? undefined);
        if (!parent) return;
        asked.add(`${parent.name}.${name.value}`);
        if (!isAbstractType(parent)) return;
        for (const type of schema.getPossibleTypes(parent)) asked.add(`${type.name}.${name.value}`);
      },
    }),
  );
  return asked;
}
