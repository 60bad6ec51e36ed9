import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments';

/** What an attempt to get in says of the device that it comes from. */
export interface DeviceClaim {
  readonly token: string;
  /** What names the account that it is for. */
  readonly login: string;
}

/** A field of an operation by which a stranger tries to get in, or somebody shows once more who they are. */
export interface Attempt {
  /** It needs a session, and concerns the account of that one alone. */
  readonly own: boolean;
  /** Not verified. */
  readonly device: DeviceClaim | null;
}

/** Declared on a field by `@Extensions`. */
export interface AttemptExtension {
  readonly attempt: {
    readonly own?: boolean;
    /** What the arguments, which are of their declared types, say of the device. */
    readonly deviceOf?: (args: Readonly<Record<string, unknown>>) => DeviceClaim | null;
  };
}

/** Counted by address. */
export const ATTEMPT: AttemptExtension = { attempt: {} };

/** Counted by session. */
export const OWN_ATTEMPT: AttemptExtension = { attempt: { own: true } };

/**
 * The root fields of an operation that are declared as attempts. What fragments could bring is among them: an attempt
 * cannot be hidden in one.
 * @param variables Coerced.
 */
export function findAttempts(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Attempt[] {
  if (operation.operation !== 'mutation') return [];
  const fields = schema.getMutationType()?.getFields() ?? {};
  return [operation, ...fragmentsOf(document).values()].flatMap((definition) => {
    return fieldsIn(definition.selectionSet).flatMap((node) => {
      const field = fields[node.name.value];
      return field?.extensions['attempt'] ? [readAttempt(field, node, variables)] : [];
    });
  });
}

function fieldsIn({ selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsIn(selection.selectionSet) : [];
  });
}

function readAttempt(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): Attempt {
  const { own = false, deviceOf } = field.extensions['attempt'] as AttemptExtension['attempt'];
  if (!deviceOf) return { own, device: null };
  try {
    return { own, device: deviceOf(getArgumentValues(field, node, variables)) };
  } catch {
    // Wrong arguments are refused when the operation runs.
    return { own, device: null };
  }
}
