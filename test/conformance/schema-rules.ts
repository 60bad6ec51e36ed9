import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';

/** Each rule answers what breaks it: the coordinate, such as `Post.comments(first:)`, and where it helps, why. */
export type SchemaRule = (schema: GraphQLSchema) => string[];

type Composite = GraphQLObjectType | GraphQLInterfaceType;

/** Lists that cannot grow, or whose length the app that asks decides. */
const BOUNDED_LISTS = new Set([
  'HandleTakenError.suggestions',
  'MutationPayload.userErrors',
  'Query.nodes',
  'SyncPage.changes',
  'UserError.path',
  'Viewer.identities',
  'Viewer.passkeys',
  'Viewer.devices',
  'Viewer.sessions',
]);

/** Every type, field, argument, input field and enum value has a description. */
export const isDescribed: SchemaRule = (schema) => {
  const silent: string[] = [];
  const check = (coordinate: string, { description }: { description?: string | null }) => {
    if (!description?.trim()) silent.push(coordinate);
  };
  for (const type of ownTypes(schema)) {
    check(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field);
    }
    if (!isComposite(type)) continue;
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field);
      for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name}:)`, argument);
    }
  }
  return silent;
};

/** Every list that can grow is a connection. */
export const pagesItsLists: SchemaRule = (schema) =>
  fieldsOf(schema)
    .filter(({ owner, field }) => {
      if (!isListType(getNullableType(field.type)) || isConnection(owner)) return false;
      const declaredBy = [owner, ...owner.getInterfaces()];
      return !declaredBy.some((type) => BOUNDED_LISTS.has(`${type.name}.${field.name}`));
    })
    .map(
      ({ owner, field }) => `${owner.name}.${field.name}: ${field.type} is a list that can grow; make it a connection`,
    );

/**
 * Every connection has the shape that Relay's specification gives it, and `nodes`; its fields take `first` and `after`,
 * or, to be paged both ways, `last` and `before` as well: then `first` has no default, which would stand beside `last`.
 */
export const hasWholeConnections: SchemaRule = (schema) => {
  const shapes = ownTypes(schema).filter(isComposite).filter(isConnection).flatMap(shapeFaults);
  const askedFor = fieldsOf(schema).filter(({ field }) => isConnection(getNamedType(field.type)));
  const asked = askedFor.flatMap(({ owner, field }) => {
    const taken = field.args.map(({ name, type, defaultValue }) => `${name}: ${type} = ${defaultValue}`);
    const bothWays = field.args.some(({ name }) => name === 'last' || name === 'before');
    const missing = (bothWays ? PAGED_BOTH_WAYS : PAGED_FORWARD).filter((argument) => !taken.includes(argument));
    const faults = isNonNullType(field.type) ? missing : ['a non-null type', ...missing];
    return faults.map((fault) => `${owner.name}.${field.name} lacks ${fault}`);
  });
  return [...shapes, ...asked];
};

const PAGED_FORWARD = ['first: Int = 20', 'after: String = undefined'];
const PAGED_BOTH_WAYS = ['first', 'last']
  .map((name) => `${name}: Int = undefined`)
  .concat(['after', 'before'].map((name) => `${name}: String = undefined`));

function shapeFaults(connection: Composite): string[] {
  const fields = connection.getFields();
  const edge = fields['edges'] && getNamedType(fields['edges'].type);
  if (!edge || !isObjectType(edge)) return [`${connection.name} lacks edges`];
  const node = edge.getFields()['node'];
  const expected = {
    edges: `[${edge.name}!]!`,
    nodes: `[${node && getNamedType(node.type).name}!]!`,
    pageInfo: 'PageInfo!',
  };
  const faults = Object.entries(expected).filter(([name, type]) => String(fields[name]?.type) !== type);
  if (!node || !isNonNullType(node.type)) faults.push([`edges.node`, 'of a non-null type']);
  if (String(edge.getFields()['cursor']?.type) !== 'String!') faults.push(['edges.cursor', 'String!']);
  return faults.map(([name, type]) => `${connection.name} lacks ${name}: ${type}`);
}

/** Every mutation takes one `input: X!` with a `clientMutationId`, and answers a non-null MutationPayload. */
export const hasUniformMutations: SchemaRule = (schema) =>
  fieldsOf(schema)
    .filter(({ owner }) => owner === schema.getMutationType())
    .flatMap(({ field }) => {
      const faults: string[] = [];
      const [argument, ...others] = field.args;
      const input = argument && getNamedType(argument.type);
      if (
        others.length > 0 ||
        argument?.name !== 'input' ||
        !isNonNullType(argument.type) ||
        !isInputObjectType(input)
      ) {
        faults.push(`${field.name} must take one argument, input: X!`);
      } else if (String(input.getFields()['clientMutationId']?.type) !== 'String') {
        faults.push(`${input.name} lacks clientMutationId: String`);
      }
      const payload = getNullableType(field.type);
      const kept = isObjectType(payload) && payload.getInterfaces().some(({ name }) => name === 'MutationPayload');
      if (!kept || !isNonNullType(field.type)) faults.push(`${field.name} must answer a MutationPayload, non-null`);
      return faults;
    });

function ownTypes(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
}

function fieldsOf(schema: GraphQLSchema): { owner: Composite; field: GraphQLField<unknown, unknown> }[] {
  const owners = ownTypes(schema).filter(isComposite);
  return owners.flatMap((owner) => Object.values(owner.getFields()).map((field) => ({ owner, field })));
}

function isComposite(type: unknown): type is Composite {
  return isObjectType(type) || isInterfaceType(type);
}

function isConnection({ name }: { name: string }): boolean {
  return name.endsWith('Connection');
}
