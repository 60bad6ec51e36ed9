import { type FieldNode, type GraphQLSchema, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/** Declares a mutation that may also be sent in a session that has ended, e.g. since it ended it and is sent again. */
export const AFTER_END = { afterEnd: true };

/** What leads from a payload to everything there is. */
const WAY_BACK = 'query';

/** Whether an operation does nothing but what may be done in a session that has ended, and reads nothing besides. */
export function runsAfterEnd(schema: GraphQLSchema, { operation, selectionSet }: OperationDefinitionNode): boolean {
  if (operation !== 'mutation') return false;
  const fields = schema.getMutationType()?.getFields() ?? {};
  return fieldsOf(selectionSet, (field) => {
    if (field.name.value === '__typename') return true;
    if (fields[field.name.value]?.extensions['afterEnd'] !== true || !field.selectionSet) return false;
    return fieldsOf(field.selectionSet, ({ name }) => name.value !== WAY_BACK);
  });
}

/** Whether there are fields alone, no fragments, and each of them passes. */
function fieldsOf({ selections }: SelectionSetNode, passes: (field: FieldNode) => boolean): boolean {
  return selections.every((selection) => selection.kind === Kind.FIELD && passes(selection));
}
