import {
  buildSchema,
  GraphQLError,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';
import { type Random, seeded } from './interleaving';

const FIELDS = `
  id: ID! name: String bio: String! count: Int! ratio: Float flag: Boolean! shade: Shade at: Instant words: [String!]! matrix: [[Int!]]
  late: String lateStrict: Int! twin: Thing strict: Thing! list: [Thing] strictList: [Thing!]! holes: [Thing!]
  node: Node nodes: [Node!] any: Any anys: [Any!]!
  echo(text: String = "none", count: Int, shade: Shade = GREEN, shades: [Shade!], wish: Wish, id: ID!): String`;

/** Every shape of field that there is, and two kinds of object that look alike. */
const SDL = `
  interface Node { id: ID! name: String twin: Thing }
  enum Shade { RED GREEN BLUE }
  scalar Instant
  input Wish { text: String! = "a wish", count: Int, shade: Shade = RED, shades: [Shade!], nested: Wish }
  type Thing implements Node { ${FIELDS} }
  type Other implements Node { ${FIELDS} }
  union Any = Thing | Other
  type Query { viewer: Thing thing(id: ID): Thing strict: Thing! things(first: Int = 3): [Thing!]! node(id: ID!): Node any: Any words: [String] echo(wish: Wish! = { text: "root" }): String }
  type Mutation { change(input: Wish!): Thing strictChange: Thing! note(text: String!): String }
`;

interface Row {
  readonly key: string;
  readonly [property: string]: unknown;
}

/** Where each field has a life of its own: the same for the same seed, path and field, whoever executes it. */
export function buildTroubledSchema(seed: number): GraphQLSchema {
  const schema = buildSchema(SDL);
  const trouble = new Trouble(seed, schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.name === 'echo') field.resolve = echo;
      else if (isCompositeType(bareType(field.type)) || field.name.startsWith('late') || !type.getFields()['id']) {
        field.resolve = (_source, _args, _context, info) => trouble.resolve(field, info);
      }
    }
  }
  const node = schema.getType('Node') as GraphQLInterfaceType;
  node.resolveType = (value: Row) => trouble.typeOf(value) as string;
  const other = schema.getType('Other') as GraphQLObjectType;
  other.isTypeOf = (value: Row) => trouble.isOther(value);
  const instant = schema.getType('Instant') as unknown as { serialize: (value: unknown) => unknown };
  instant.serialize = (value) => {
    if (value instanceof Date) return value.toISOString();
    if (value === 'never') return null;
    throw new TypeError(`no instant: ${String(value)}`);
  };
  return schema;
}

/** All that a resolver is told. */
function echo(_source: unknown, args: object, context: unknown, info: GraphQLResolveInfo): string {
  return JSON.stringify({
    args,
    context,
    keys: Object.keys(info),
    field: info.fieldName,
    names: info.fieldNodes.map(({ alias, name }) => alias?.value ?? name.value),
    returns: String(info.returnType),
    parent: info.parentType.name,
    path: responsePathAsArray(info.path),
    typename: info.path.typename,
    fragments: Object.keys(info.fragments),
    operation: info.operation.operation,
    root: info.rootValue,
    variables: info.variableValues,
  });
}

class Trouble {
  constructor(
    private readonly seed: number,
    private readonly schema: GraphQLSchema,
  ) {}

  resolve({ type, name }: GraphQLField<unknown, unknown>, info: GraphQLResolveInfo): unknown {
    const key = `${responsePathAsArray(info.path).join('.')}:${name}`;
    const random = this.chanceOf(key);
    const fate = random();
    if (fate < 0.05) throw failure(key, random);
    if (fate < 0.1) return failure(key, random);
    const value = this.valueOf(type, key, random);
    return fate < 0.55 ? value : later(value, random, fate < 0.6 ? failure(key, random) : null);
  }

  typeOf({ key, kind }: Row): unknown {
    const random = this.chanceOf(`${key}:type`);
    const fate = random();
    if (fate < 0.02) throw failure(key, random);
    const wrong = [undefined, 'Nothing', 'Shade', 'Query', 7, this.schema.getType('Thing')];
    const name = fate < 0.08 ? wrong[Math.floor(random() * wrong.length)] : kind;
    return fate < 0.5 ? name : later(name, random, null);
  }

  isOther({ key, kind }: Row): boolean | Promise<boolean> {
    const random = this.chanceOf(`${key}:is`);
    const is = random() < 0.03 ? kind !== 'Other' : kind === 'Other';
    return random() < 0.5 ? is : (later(is, random, null) as Promise<boolean>);
  }

  private valueOf(type: GraphQLOutputType, key: string, random: Random): unknown {
    if (random() < 0.05) return random() < 0.5 ? null : undefined;
    if (isNonNullType(type)) return this.valueOf(type.ofType, key, random);
    if (isListType(type)) return this.listOf(type.ofType, key, random);
    if (isCompositeType(type)) {
      if (random() < 0.02) return failure(key, random);
      return this.rowOf(key, isObjectType(type) ? type.name : random() < 0.5 ? 'Thing' : 'Other');
    }
    return leafOf(type.name, key, random);
  }

  private listOf(type: GraphQLOutputType, key: string, random: Random): unknown {
    const fate = random();
    if (fate < 0.03) return fate < 0.015 ? 'no list' : { length: 2 };
    // graphql-js leaves a rejection unheard, which ends a process, where an item fails at once behind one that fails
    // later and neither may be null: of such a list all items come at once, or all come later.
    const strict = isNonNullType(type);
    const waitingShare = strict ? (isCompositeType(bareType(type)) || random() < 0.3 ? 1 : 0) : 0.25;
    const items = Array.from({ length: Math.floor(random() * 4) }, (_, n) => {
      const item = this.valueOf(type, `${key}.${n}`, random);
      if (random() >= waitingShare) return item;
      return later(item, random, random() < 0.2 ? failure(`${key}.${n}`, random) : null);
    });
    return fate < 0.1 ? new Set(items) : items;
  }

  private rowOf(key: string, kind: string): Row {
    const row: Record<string, unknown> = { key, kind };
    const random = this.chanceOf(key);
    if (random() < 0.8) row['__typename'] = random() < 0.03 ? 'Nothing' : kind;
    const type = this.schema.getType(kind) as GraphQLObjectType;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve) continue;
      const value = this.valueOf(field.type, `${key}.${field.name}`, random);
      const fate = random();
      if (fate < 0.85) row[field.name] = value;
      else if (fate < 0.9) row[field.name] = later(value, random, fate < 0.87 ? failure(key, random) : null);
      else if (fate < 0.95) row[field.name] = (args: object) => (Object.keys(args).length === 0 ? value : null);
      else row[field.name] = failure(`${key}.${field.name}`, random);
    }
    return row as unknown as Row;
  }

  private chanceOf(key: string): Random {
    let hash = this.seed;
    for (let n = 0; n < key.length; n += 1) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193);
    return seeded(hash);
  }
}

function bareType(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) || isListType(type) ? bareType(type.ofType) : type;
}

function leafOf(name: string, key: string, random: Random): unknown {
  const odd = random() < 0.08;
  const pick = (values: readonly unknown[]) => values[Math.floor(random() * values.length)];
  if (odd) return pick([Number.NaN, {}, [], 'text', 7, 1.5, -0, 2 ** 40, true, Symbol.for('x'), new Date(0), 7n]);
  if (name === 'Int') return Math.floor(random() * 100);
  if (name === 'Float') return pick([random(), 3, -0]);
  if (name === 'Boolean') return random() < 0.5;
  if (name === 'Shade') return pick(['RED', 'GREEN', 'BLUE']);
  if (name === 'Instant') return pick([new Date(86_400_000), 'never']);
  return pick([key, 'Grüße', '\u2028"\\', '', 42]);
}

/** After as many turns as chance has it. What rejects is heard, also when nobody asks for it. */
function later(value: unknown, random: Random, error: unknown): Promise<unknown> {
  const turns = Math.floor(random() * 5);
  const ticks = random() < 0.2;
  const wait = async () => {
    if (ticks) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < turns; turn += 1) await null;
    if (error) throw error;
    return value;
  };
  const promise = wait();
  promise.catch(() => {});
  return promise;
}

function failure(key: string, random: Random): unknown {
  const fate = random();
  if (fate < 0.5) return new Error(`failed at ${key}`);
  if (fate < 0.7) return Object.assign(new TypeError(`wrong at ${key}`), { extensions: { code: 'WRONG', key } });
  if (fate < 0.9) return new GraphQLError(`refused at ${key}`, { extensions: { code: 'REFUSED' } });
  return new GraphQLError(`elsewhere ${key}`, { path: ['elsewhere'], originalError: new Error('cause') });
}
