import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  OperationTypeNode,
} from 'graphql';
import { NOBODYS, type Samples, USUAL } from './bad-usual';
import { OMITTED, objectValue, type Value } from './sent-value';

export type Operation = 'query' | 'mutation' | 'subscription';
/** Where the value stands: in the document, in a variable of its own, or in a variable with the whole argument. */
export type Mode = 'literal' | 'variable' | 'argument';
export const MODES: readonly Mode[] = ['literal', 'variable', 'argument'];

/** One argument or input field of the schema that can be given any value. */
export interface Place {
  /** `Query.post(id:)`, or `CreatePostInput.text`. */
  readonly coordinate: string;
  readonly name: string;
  readonly operation: Operation;
  /** The field of the root type that the document asks for. */
  readonly rootField: string;
  readonly type: GraphQLInputType;
  /** What an app would send here; null where it would send nothing. */
  readonly usual: Value | null;
  /** The request with `value` in this place; `pick` chooses among equals for the places beside it. */
  fill(value: Value, mode: Mode, pick: number): { readonly query: string; readonly variables: string };
}

/** Every so many requests ask for more than the first level, which costs several times as much. */
const DEEP_EVERY = 4;

/** The arguments that a field must be given: `(input: {…})`. */
export function validArguments(field: GraphQLField<unknown, unknown>, parent: string, samples = NOBODYS): string {
  return argumentList(field.args.map((arg) => [arg.name, usualOfArgument(parent, field, arg, samples, 0)]));
}

/**
 * Every argument and every input field that requests can reach, found by walking the schema.
 * @throws Error for one that must be given and has no usual value here.
 */
export function findPlaces(schema: GraphQLSchema, samples: Samples): Place[] {
  const places: Place[] = [];
  const add = (operation: Operation, parent: GraphQLObjectType, way: readonly string[]) => {
    for (const field of Object.values(parent.getFields())) {
      const rootField = way[0]?.match(/^\w+/)?.[0] ?? field.name;
      for (const arg of field.args) {
        for (const path of [[], ...inputPaths(arg.type)]) {
          places.push(makePlace({ operation, parent, way, field, arg, path, rootField }, samples));
        }
      }
    }
  };
  for (const [type, way] of waysFromQuery(schema, samples)) add('query', type, way);
  for (const operation of [OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION]) {
    const root = schema.getRootType(operation);
    if (root) add(operation, root, []);
  }
  return places;
}

interface At {
  readonly operation: Operation;
  readonly parent: GraphQLObjectType;
  /** The fields from the root to `parent`, outermost first. */
  readonly way: readonly string[];
  readonly rootField: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly arg: GraphQLArgument;
  /** The input fields from the argument to the place; none for the argument itself. */
  readonly path: readonly GraphQLInputField[];
}

function makePlace(at: At, samples: Samples): Place {
  const { operation, parent, way, field, arg, path, rootField } = at;
  const inner = path.at(-1);
  const owner = path.length > 1 ? path.at(-2)?.type : arg.type;
  const coordinate = inner ? `${getNamedType(owner)}.${inner.name}` : argumentCoordinate(parent.name, field, arg);
  const type = inner?.type ?? arg.type;
  return {
    coordinate,
    name: inner?.name ?? arg.name,
    operation,
    rootField,
    type,
    usual: USUAL[coordinate]?.(samples, 1) ?? null,
    fill(value, mode, pick) {
      const inArgument = mode === 'variable' ? { json: '', literal: '$v' } : value;
      const whole = withHole(arg.type, path, inArgument, samples, pick);
      const argument = mode === 'argument' ? { json: '', literal: '$v' } : whole;
      const args = field.args.map((each): [string, Value] => [
        each.name,
        each === arg ? argument : usualOfArgument(parent.name, field, each, samples, pick),
      ]);
      const declared = mode === 'variable' ? type : arg.type;
      const sent = mode === 'variable' ? value : whole;
      const asked = `${field.name}${argumentList(args)} ${selection(field.type, pick % DEEP_EVERY === 0 ? 2 : 1)}`;
      return {
        query: `${operation} Bad${mode === 'literal' ? '' : `($v: ${declared})`} { ${nested(way, asked)} }`,
        variables: mode === 'literal' || sent.json === '' ? '{}' : `{"v":${sent.json}}`,
      };
    },
  };
}

/** The argument's usual value with another one in the place that `path` leads to. */
function withHole(
  type: GraphQLInputType,
  path: readonly GraphQLInputField[],
  value: Value,
  samples: Samples,
  pick: number,
): Value {
  const [next, ...rest] = path;
  const named = getNamedType(type);
  if (!next || !isInputObjectType(named)) return value;
  return objectValue(
    Object.values(named.getFields()).map((field) => [
      field.name,
      field === next ? withHole(field.type, rest, value, samples, pick) : usualOfField(named, field, samples, pick),
    ]),
  );
}

function usualOfArgument(
  parent: string,
  field: GraphQLField<unknown, unknown>,
  arg: GraphQLArgument,
  samples: Samples,
  pick: number,
): Value {
  const named = getNamedType(arg.type);
  const usual = USUAL[argumentCoordinate(parent, field, arg)];
  if (usual) return usual(samples, pick);
  if (!isRequiredArgument(arg)) return OMITTED;
  if (isInputObjectType(named)) return usualInput(named, samples, pick);
  throw new Error(`tell USUAL what an app sends as ${argumentCoordinate(parent, field, arg)}`);
}

function usualInput(type: GraphQLInputObjectType, samples: Samples, pick: number): Value {
  return objectValue(
    Object.values(type.getFields()).map((field) => [field.name, usualOfField(type, field, samples, pick)]),
  );
}

function usualOfField(type: GraphQLInputObjectType, field: GraphQLInputField, samples: Samples, pick: number): Value {
  const usual = USUAL[`${type.name}.${field.name}`];
  if (usual) return usual(samples, pick);
  if (!isRequiredInputField(field)) return OMITTED;
  throw new Error(`tell USUAL what an app sends as ${type.name}.${field.name}`);
}

function argumentCoordinate(parent: string, field: GraphQLField<unknown, unknown>, arg: GraphQLArgument): string {
  return `${parent}.${field.name}(${arg.name}:)`;
}

/** The ways to all fields of an input object, its own input objects included. */
function inputPaths(type: GraphQLInputType): GraphQLInputField[][] {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return [];
  return Object.values(named.getFields()).flatMap((field) => [
    [field],
    ...inputPaths(field.type).map((path) => [field, ...path]),
  ]);
}

/** The shortest way to every object type that a query reaches. */
function waysFromQuery(schema: GraphQLSchema, samples: Samples): Map<GraphQLObjectType, readonly string[]> {
  const query = schema.getQueryType();
  const ways = new Map<GraphQLObjectType, readonly string[]>(query ? [[query, []]] : []);
  for (const [type, way] of ways) {
    for (const field of Object.values(type.getFields())) {
      const next = getNamedType(field.type);
      if (isObjectType(next) && !ways.has(next)) {
        ways.set(next, [...way, `${field.name}${validArguments(field, type.name, samples)}`]);
      }
    }
  }
  return ways;
}

function nested(way: readonly string[], inside: string): string {
  return way.reduceRight((asked, field) => `${field} { ${asked} }`, inside);
}

function argumentList(args: readonly (readonly [string, Value])[]): string {
  const given = args.filter(([, value]) => value !== OMITTED);
  return given.length > 0 ? `(${given.map(([name, value]) => `${name}: ${value.literal}`).join(', ')})` : '';
}

/** Everything without arguments, `depth` levels down. */
function selection(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isUnionType(named)) return '{ __typename }';
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const fields = Object.values(named.getFields())
    .filter((field) => field.args.length === 0 && getNamedType(field.type).name !== 'Query')
    .filter((field) => isLeafType(getNamedType(field.type)) || depth > 0)
    .map((field) => `${field.name} ${selection(field.type, depth - 1)}`);
  return `{ __typename ${fields.join(' ')} }`;
}
