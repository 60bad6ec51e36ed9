import { type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';

/** Declares a mutation that may also be sent in a session that has ended, e.g. since it ended it and is sent again. */
export const AFTER_END = { afterEnd: true };

/** Whether an operation does nothing but what may be done in a session that has ended. */
export function runsAfterEnd(schema: GraphQLSchema, { operation, selectionSet }: OperationDefinitionNode): boolean {
  if (operation !== 'mutation') return false;
  const fields = schema.getMutationType()?.getFields() ?? {};
  return selectionSet.selections.every((selection) => {
    if (selection.kind !== Kind.FIELD) return false;
    const name = selection.name.value;
    return name === '__typename' || fields[name]?.extensions['afterEnd'] === true;
  });
}
