import {
  buildSchema,
  GraphQLEnumType,
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
  Kind,
} from 'graphql';

const KINDS = 24;
const KIND_NAMES = Array.from({ length: KINDS }, (_, n) => `Kind${n}`);

/** One of everything that executors of GraphQL have been seen to do differently. */
const SDL = `
  enum Shade { RED GREEN }
  scalar Day
  scalar Whatever
  input Wish { text: String! = "a wish", shade: Shade = GREEN, days: [Day!], nested: Wish }
  interface Kind { id: ID! other: Kind }
  ${KIND_NAMES.map((name) => `type ${name} implements Kind { id: ID! other: Kind }`).join('\n')}
  type Leaf { text: String! shade: Shade day: Day whatever: Whatever fails: String told: String said: String! }
  type Tree { id: ID! leaf: Leaf leaves: [Leaf!]! tree: Tree trees(first: Int = 2): [Tree!]! strict: Tree! items: [String!] }
  type Picky { id: ID! }
  type Slow { id: ID! }
  type Numbers { whole: Int far: Int half: Int none: Int low: Int zero: Int text: Int flag: Int strict: Int! }
  type Query {
    picky(fits: Boolean!): Picky slow(fits: Boolean!): Slow numbers: Numbers
    tree: Tree leaf: Leaf kind: Kind
    say(text: String): String shade(shade: Shade = RED): String day(day: Day!): String wish(wish: Wish, wishes: [Wish!]): String
    number(count: Int = 3): Int racing: [String!] promised: [String!]! refused: String coded: String wrapped: String thrown: String
    instant: Whatever scribbled(text: String): String writes: [Tree!]!
  }
  type Mutation { step(name: String!, turns: Int = 0): [String!]! stop(name: String!): [String!]! }
`;

/** The cause of `wrapped`, to be found again behind its error. */
export const CAUSE = new Error('the cause');
const PAST = new GraphQLError('refused long ago', { path: ['elsewhere'] });

/** What stands for a scalar in an answer, and is no object of it. */
class Moment {
  readonly seconds = 7;
}

type Fields = Record<string, (source: never, args: never, context: never) => unknown>;

export function buildShapesSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  const type = <Type>(name: string) => schema.getType(name) as unknown as Type;
  const attach = (name: string, resolvers: Fields) => {
    const fields = type<GraphQLObjectType>(name).getFields();
    for (const [field, resolve] of Object.entries(resolvers)) {
      const definition = fields[field];
      if (definition) definition.resolve = resolve as never;
    }
  };
  const values = { RED: { value: 'inner red' }, GREEN: { value: 7 } };
  Object.assign(type<GraphQLEnumType>('Shade'), new GraphQLEnumType({ name: 'Shade', values }));
  Object.assign(type<GraphQLInputObjectType>('Wish').getFields()['shade'] ?? {}, { defaultValue: 7 });
  Object.assign(schema.getQueryType()?.getFields()['shade']?.args[0] ?? {}, { defaultValue: 'inner red' });
  makeDay(type<GraphQLScalarType>('Day'));
  type<GraphQLInterfaceType>('Kind').resolveType = async () => 'Kind7';
  const fits = ({ fits: does }: { fits: boolean }) => does;
  type<GraphQLObjectType>('Picky').isTypeOf = fits;
  type<GraphQLObjectType>('Slow').isTypeOf = async (value) => fits(value);
  const guest = (_source: never, args: { fits: boolean }) => ({ id: 'guest', ...args });
  attach('Query', {
    picky: guest,
    slow: guest,
    numbers: () => ({
      whole: -5,
      far: 2 ** 31,
      half: 1.5,
      none: Number.NaN,
      low: -(2 ** 31),
      zero: -0,
      text: '7',
      flag: true,
      strict: '1.5',
    }),
    tree: () => tree(),
    leaf: () => leaf(),
    kind: () => ({ id: 'kind', other: { id: 'other' } }),
    say: (_source, { text }: { text?: string }) => `said ${text}`,
    ...asTold('shade', 'day', 'wish'),
    number: (_source, { count }: { count: number }) => count,
    racing: () => [Promise.reject(new Error('late')), null],
    promised: () => [Promise.resolve('a'), Promise.reject(new Error('no second item')), Promise.resolve('c')],
    coded: () => {
      throw Object.assign(new Error('coded'), { extensions: { code: 'CODED' } });
    },
    refused: async () => {
      throw PAST;
    },
    wrapped: () => new GraphQLError('wrapper', { originalError: CAUSE }),
    thrown: () => {
      throw 'no error at all';
    },
    instant: () => new Moment(),
    scribbled: (_source, args: { text: string }) => Object.assign(args, { text: 'changed' }).text,
    writes: () => [tree(), tree()],
  });
  attach('Tree', {
    tree: () => tree(),
    trees: (_source, args: { first: number }) => Array.from({ length: args.first }, () => tree()),
    strict: () => null,
  });
  attach('Mutation', { step, stop: () => Promise.reject(new Error('stopped')) });
  return schema;
}

function makeDay(day: GraphQLScalarType): void {
  const read = (text: unknown) => {
    if (typeof text !== 'string' || Number.isNaN(Date.parse(text))) throw new TypeError(`no day: ${String(text)}`);
    return new Date(text);
  };
  day.parseValue = read;
  day.parseLiteral = (node) => read(node.kind === Kind.STRING ? node.value : null);
  day.serialize = (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : null);
}

function asTold(...names: string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, (_source: never, args: never) => JSON.stringify(args)]));
}

function leaf() {
  return {
    text: 'text',
    shade: 'inner red',
    day: new Date(0),
    whatever: { constructor: 1 },
    fails: new Error('failed in its place'),
    told: (args: object, context: object) => `told ${JSON.stringify([args, context])}`,
    said: Promise.resolve('said'),
  };
}

function tree() {
  return { id: 1, leaf: leaf(), leaves: [leaf(), leaf()], items: ['a', null, 'c'] };
}

/** Writes down in the context when it began and when it ended. */
async function step(_source: unknown, { name, turns }: { name: string; turns: number }, context: { steps: string[] }) {
  context.steps.push(`${name} begins`);
  for (let turn = 0; turn < turns; turn += 1) await null;
  context.steps.push(`${name} ends`);
  return [...context.steps];
}
