import { GraphQLBoolean, GraphQLID, GraphQLInt, type GraphQLLeafType, GraphQLString } from 'graphql';
import { inspect } from 'graphql/jsutils/inspect';

/** Makes of a value what stands for it in the answer. @throws what the type's `serialize` throws. */
export type Leaf = (value: unknown) => unknown;

/** The commonest values of the scalars of the specification are sent as they are, without a call of `serialize`. */
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
  return serialize;
}
