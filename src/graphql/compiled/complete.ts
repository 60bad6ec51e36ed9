import {
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect';
import { executeFields, isPromise } from './execute';
import type { Leaf } from './leaf';
import type { Complete, ObjectPlan, Path, Run } from './run';

/** `where`: the field, such as Post.author. */
export function completeNonNull(complete: Complete, where: string): Complete {
  return (run, info, path, value) => {
    const completed = complete(run, info, path, value);
    if (completed === null) throw new Error(`Cannot return null for non-nullable field ${where}.`);
    return completed;
  };
}

export function completeLeaf(leaf: Leaf): Complete {
  return (run, _info, _path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    const sent = leaf(value);
    if (typeof sent === 'string') run.size += sent.length;
    return sent;
  };
}

export function completeList(
  complete: Complete,
  nullable: boolean,
  nodes: readonly FieldNode[],
  where: string,
): Complete {
  const completeItem = (run: Run, info: GraphQLResolveInfo, path: Path, item: unknown) => {
    try {
      const completed = isPromise(item)
        ? item.then((resolved) => complete(run, info, path, resolved))
        : complete(run, info, path, item);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (cause: unknown) => run.fail(nodes, nullable, cause, path));
    } catch (cause) {
      return run.fail(nodes, nullable, cause, path);
    }
  };
  return (run, info, path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    if (!isIterableObject(value)) {
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${where}".`);
    }
    const items: unknown[] = [];
    let waits = false;
    try {
      for (const item of value) {
        const completed = completeItem(run, info, { prev: path, key: items.length, typename: undefined }, item);
        if (isPromise(completed)) waits = true;
        items.push(completed);
      }
    } catch (cause) {
      // The list comes to nothing; what is still under way in it is not left unheard when it fails, too.
      for (const item of items) if (isPromise(item)) item.then(undefined, () => {});
      throw cause;
    }
    return waits ? Promise.all(items) : items;
  };
}

export function completeObject(plan: ObjectPlan, nodes: readonly FieldNode[]): Complete {
  const { type } = plan;
  const { isTypeOf } = type;
  const refuse = (value: unknown) => {
    throw new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes });
  };
  return (run, info, path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    if (isTypeOf) {
      const answer: unknown = isTypeOf.call(type, value, run.context, info);
      if (isPromise(answer)) {
        return answer.then((fits) => (fits ? executeFields(run, plan, value, path) : refuse(value)));
      }
      if (!answer) refuse(value);
    }
    return executeFields(run, plan, value, path);
  };
}

export function completeAbstract(
  schema: GraphQLSchema,
  type: GraphQLAbstractType,
  plans: ReadonlyMap<string, Complete>,
  nodes: readonly FieldNode[],
  where: string,
): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const planOf = (name: unknown, value: unknown): Complete => {
    const plan = typeof name === 'string' ? plans.get(name) : undefined;
    if (plan) return plan;
    throw wrongType(schema, type, name, nodes, where, value);
  };
  return (run, info, path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    const name: unknown = resolveType.call(type, value, run.context, info, type);
    if (!isPromise(name)) return planOf(name, value)(run, info, path, value);
    return name.then((resolved) => planOf(resolved, value)(run, info, path, value));
  };
}

/** The error of graphql-js for a type that cannot stand where it was said to. */
function wrongType(
  schema: GraphQLSchema,
  { name: abstract }: GraphQLAbstractType,
  name: unknown,
  nodes: readonly FieldNode[],
  where: string,
  value: unknown,
): GraphQLError {
  const must = `Abstract type "${abstract}" must resolve to an Object type at runtime for field "${where}"`;
  if (name == null) {
    const remedy = `Either the "${abstract}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`;
    return new GraphQLError(`${must}. ${remedy}`, { nodes });
  }
  if (isObjectType(name)) {
    return new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string') {
    return new GraphQLError(`${must} with value ${inspect(value)}, received "${inspect(name)}".`);
  }
  const found = schema.getType(name);
  const fault = !found
    ? `Abstract type "${abstract}" was resolved to a type "${name}" that does not exist inside the schema.`
    : isObjectType(found)
      ? `Runtime Object type "${name}" is not a possible type for "${abstract}".`
      : `Abstract type "${abstract}" was resolved to a non-object type "${name}".`;
  return new GraphQLError(fault, { nodes });
}

function isIterableObject(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'
  );
}
