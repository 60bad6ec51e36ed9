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
 * The fields that a validated document asks for anywhere in it, as `Type.field`: more than one operation of several
 * needs, never less. A field that is asked of an interface stands under each type of object that has it.
 */
export function askedIn(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const asked = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field({ name }) {
        const parent = getNamedType(info.getParentType() ?? undefined);
        const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : parent ? [parent] : [];
        for (const type of types) asked.add(`${type.name}.${name.value}`);
      },
    }),
  );
  return asked;
}
