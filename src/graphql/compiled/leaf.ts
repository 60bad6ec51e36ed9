import { GraphQLBoolean, GraphQLID, GraphQLInt, type GraphQLLeafType, GraphQLString } from 'graphql';
import { inspect } from 'graphql/jsutils/inspect';
import { GraphQLDateTime } from 'graphql-scalars';

/** Makes of a value what stands for it in the answer. @throws what the type's `serialize` throws. */
export type Leaf = (value: unknown) => unknown;

/**
 * A time as rows hold it, and as a Date of it would be written. Its days are those that every year has; what else there
 * is goes the long way.
 */
const TIME =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** The commonest values of the scalars of the specification, and times, are sent as they are, without a call of `serialize`. */
export function leafOf(type: GraphQLLeafType): Leaf {
  const serialize: Leaf = (value) => {
    const serialized = type.serialize(value);
    if (serialized != null) return serialized;
    const call = `${inspect(type)}.serialize(${inspect(value)})`;
    throw new Error(`Expected \`${call}\` to return non-nullable value, returned: ${inspect(serialized)}`);
  };
  if (type === GraphQLString || type === GraphQLID) {
    return (value) => (typeof value === 'string' ? value : serialize(value));
  }
  if (type === GraphQLBoolean) return (value) => (typeof value === 'boolean' ? value : serialize(value));
  if (type === GraphQLInt) {
    return (value) => (typeof value === 'number' && (value | 0) === value ? value : serialize(value));
  }
  if (type === GraphQLDateTime) {
    return (value) => (typeof value === 'string' && TIME.test(value) ? value : serialize(value));
  }
  return serialize;
}
