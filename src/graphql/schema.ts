import {
  assertValidSchema,
  GraphQLNonNull,
  GraphQLSchema,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { buildSchemaSync, getMetadataStorage, type NonEmptyArray, type PubSub } from 'type-graphql';
import { Unauthenticated } from '../kernel/errors';
import type { Payload } from './command';
import type { RequestContext } from './context';
import { callDirectly, takesNoInfo, wantsInfo } from './direct-resolvers';
import { eventSource, type LiveSource } from './live';
import { ConflictErrorType, HandleTakenErrorType, MutationPayloadType, SimpleUserErrorType } from './mutation.types';

/** Types that nothing but an interface leads to. */
const ORPHANED_TYPES = [SimpleUserErrorType, ConflictErrorType, HandleTakenErrorType, MutationPayloadType];

/**
 * Builds the schema from instances of resolver classes and the sources of its subscriptions.
 * @throws type-graphql's errors and graphql's when the decorators contradict each other.
 */
export function buildPorticoSchema(resolvers: readonly object[], sources: SubscriptionSources): GraphQLSchema {
  leavePropertiesAlone();
  const instances = new Map(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const schema = buildSchemaSync({
    resolvers: resolvers.map((resolver) => resolver.constructor) as unknown as NonEmptyArray<new () => object>,
    orphanedTypes: ORPHANED_TYPES,
    container: { get: (resolver) => instances.get(resolver) },
    authChecker: requireSignIn,
    // Inputs are checked by their services, which answer userErrors.
    validate: false,
    pubSub: NO_TOPICS,
    // Reads the whole schema by a query, before it is complete; what is served in the end is checked below.
    skipCheck: true,
  });
  callDirectly(schema, instances);
  describeRoots(schema);
  completePayloads(schema);
  attachSources(schema, sources);
  stopAtDeadline(schema);
  const sorted = lexicographicSortSchema(schema);
  assertValidSchema(sorted);
  return sorted;
}

/**
 * type-graphql gives a field that only reads a property a resolver of its own, which takes several times as long as
 * reading it. Without one, the property is read by whoever executes the operation. What is guarded keeps it.
 */
function leavePropertiesAlone(): void {
  const { fields, authorizedFields, authorizedResolver, middlewares, resolverMiddlewares } = getMetadataStorage();
  const guards = [...authorizedFields, ...middlewares];
  const targets = new Set([...authorizedResolver, ...resolverMiddlewares].map(({ target }) => target));
  for (const field of fields) {
    const { target, name, schemaName } = field;
    const guarded = targets.has(target) || guards.some((each) => each.target === target && each.fieldName === name);
    if (name === schemaName && !guarded) field.simple ??= true;
  }
}

/** Opens what a subscription delivers; its arguments are those of the field. */
export type SubscriptionSource<Args = never> = (args: Args, context: RequestContext) => Promise<LiveSource<unknown>>;

export type SubscriptionSources = Readonly<Record<string, SubscriptionSource>>;

/** Stands in a `@Subscription` decorator, which is evaluated before the module that feeds it is built. */
export const ATTACHED_SOURCE = (): never => {
  throw new Error('this subscription has no source');
};

/** @throws Error when fields and sources do not match one to one. */
function attachSources(schema: GraphQLSchema, sources: SubscriptionSources): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const name of new Set([...Object.keys(fields), ...Object.keys(sources)])) {
    const field = fields[name];
    const source = sources[name] as SubscriptionSource<unknown> | undefined;
    if (!field || !source) throw new Error(`the subscription ${name} lacks its ${field ? 'source' : 'field'}`);
    const resumes = field.args.some((argument) => argument.name === 'after');
    field.subscribe = async (_root, args, context: RequestContext) => {
      const { resumeAfter } = context;
      return eventSource(
        await source(resumes && resumeAfter !== null ? { ...args, after: resumeAfter } : args, context),
      );
    };
  }
}

/** The schema as SDL, sorted: the text of schema.graphql. */
export function printPorticoSchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

const requireSignIn = ({ context }: { context: RequestContext }): boolean => {
  if (!context.viewer) throw new Unauthenticated();
  return true;
};

/** Subscriptions here bring their own source; type-graphql demands a pub/sub as soon as there is one. */
const NO_TOPICS: PubSub = {
  publish: () => {},
  subscribe: () => {
    throw new Error('subscriptions follow a log, not a topic');
  },
};

/**
 * Lets no field that can start work begin once the operation is over: its time is up, or nobody waits for it. Fields
 * that only read a property of a row are left alone, so that a long list costs nothing more.
 */
function stopAtDeadline(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      const startsWork = field.args.length > 0 || field.extensions['cost'] !== undefined;
      if (!resolve || !startsWork) continue;
      const timed = (source: unknown, args: never, context: RequestContext, info: never) => {
        context.deadline?.throwIfAborted();
        return resolve(source, args, context, info);
      };
      field.resolve = (wantsInfo(resolve) ? timed : takesNoInfo(timed)) as typeof resolve;
    }
  }
}

/** The root types have no class that a decorator could describe. */
function describeRoots(schema: GraphQLSchema): void {
  const descriptions = {
    Query: 'What can be read. Everything is shown as the signed-in person may see it.',
    Mutation: 'What can be done. Expected failures are `userErrors`; send a `clientMutationId` to retry safely.',
    Subscription: 'What can be followed live, over WebSocket (graphql-ws) or Server-Sent Events.',
  };
  for (const [name, description] of Object.entries(descriptions)) {
    const type = schema.getType(name);
    if (type) type.description = description;
  }
}

/**
 * `query: Query!` cannot be declared by a decorator, because the root type has no class; `cursor` is read only where it
 * is asked for.
 */
function completePayloads(schema: GraphQLSchema): void {
  const query = schema.getQueryType();
  const payload = schema.getType('MutationPayload');
  if (!query || !payload || !('getFields' in payload)) throw new Error('the schema has no payloads');
  const payloads = Object.values(schema.getTypeMap()).filter(
    (type) => 'getInterfaces' in type && type.getInterfaces().some((face) => face.name === payload.name),
  );
  for (const type of [payload, ...payloads]) {
    if (!('getFields' in type)) continue;
    Object.assign(type.getFields(), {
      query: {
        name: 'query',
        description: 'The whole graph, to read more in the same round trip.',
        type: new GraphQLNonNull(query),
        args: [],
        resolve: () => ({}),
        subscribe: undefined,
        deprecationReason: undefined,
        extensions: {},
        astNode: undefined,
      },
    });
    const cursor = isObjectType(type) ? type.getFields()['cursor'] : undefined;
    if (cursor) cursor.resolve = (payload: Payload) => payload.cursor?.() ?? null;
  }
}
