import { type GraphQLField, type GraphQLSchema, getNamedType, isLeafType, isObjectType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';

type Storage = ReturnType<typeof getMetadataStorage>;
type Handler = Storage['queries'][number] | Storage['fieldResolvers'][number];
type Parameter = NonNullable<Handler['params']>[number];
type Field = GraphQLField<unknown, unknown>;
type Resolve = (source: unknown, args: Readonly<Record<string, unknown>>, context: unknown) => unknown;

const withoutInfo = new WeakSet<object>();

/** Says of a resolver that it looks at no fourth argument, so that none need be made for it. */
export function takesNoInfo<Resolver extends object>(resolve: Resolver): Resolver {
  withoutInfo.add(resolve);
  return resolve;
}

export function wantsInfo(resolve: object): boolean {
  return !withoutInfo.has(resolve);
}

/**
 * For each object of an answer anew, type-graphql finds out what the method of a resolver takes, makes instances of its
 * arguments and waits for checks of them that are switched off. A method that takes the row, the context and plain
 * arguments, and that nothing guards, is called as it stands.
 */
export function callDirectly(schema: GraphQLSchema, instances: ReadonlyMap<unknown, object>): void {
  const { objectTypes, fieldResolvers, queries } = getMetadataStorage();
  const names = new Map(objectTypes.map(({ target, name }) => [target as unknown, name]));
  const taken = new Set<Field>();
  const replace = (typeName: string | undefined, handler: Handler) => {
    const type = typeName === undefined ? undefined : schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[handler.schemaName] : undefined;
    const instance = instances.get(handler.target);
    if (!field || !instance || taken.has(field)) return;
    taken.add(field);
    const resolve = isUnguarded(handler) ? directResolve(handler, field, instance) : null;
    if (resolve) field.resolve = takesNoInfo(resolve);
  };
  for (const handler of fieldResolvers) {
    if (handler.kind === 'external') replace(names.get(handler.getObjectType?.()), handler);
  }
  for (const handler of queries) replace(schema.getQueryType()?.name, handler);
}

function isUnguarded({ roles, middlewares }: Handler): boolean {
  return roles === undefined && (middlewares ?? []).length === 0;
}

/** Null where a parameter has to be made first. */
function directResolve(handler: Handler, field: Field, instance: object): Resolve | null {
  const parameters = [...(handler.params ?? [])].sort((one, other) => one.index - other.index);
  const reads = parameters.map((parameter, index) => (parameter.index === index ? readOf(parameter, field) : null));
  const method = (instance as Record<string, (...given: unknown[]) => unknown>)[handler.methodName];
  if (!method || reads.some((read) => read === null)) return null;
  const [first = nothing, second = nothing, third = nothing, ...more] = reads as Resolve[];
  if (more.length > 0) return null;
  return (source, args, context) =>
    method.call(instance, first(source, args, context), second(source, args, context), third(source, args, context));
}

const nothing: Resolve = () => undefined;
const source: Resolve = (row) => row;
const context: Resolve = (_row, _args, whole) => whole;
const all: Resolve = (_row, args) => args;

function readOf(parameter: Parameter, { args }: Field): Resolve | null {
  if (parameter.kind === 'root') return parameter.propertyName || parameter.getType ? null : source;
  if (parameter.kind === 'context') return parameter.propertyName ? null : context;
  if (parameter.kind !== 'args' && parameter.kind !== 'arg') return null;
  // An input object would have to be made an instance of its class.
  const isPlain = args.every(({ type }) => isLeafType(getNamedType(type)));
  if (!isPlain || parameter.validateFn || parameter.validateSettings) return null;
  if (parameter.kind === 'args') return all;
  const { name } = parameter;
  return (_row, given) => given[name];
}
