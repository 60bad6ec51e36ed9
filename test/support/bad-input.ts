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
  OperationTypeNode,
} from 'graphql';

/** One value in both of the ways in which it can be sent. An empty text leaves it out. */
export interface Value {
  /** For the variables of a request. */
  readonly json: string;
  /** For the document itself. */
  readonly literal: string;
}

/** Things that are there, for the arguments beside the bad one. */
export interface Samples {
  /** Visible to whoever asks; the first is the one that ways lead through. */
  readonly posts: readonly string[];
  readonly comments: readonly string[];
  readonly users: readonly string[];
  readonly handle: string;
}

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

export const OMITTED: Value = { json: '', literal: '' };

export function textValue(text: string): Value {
  return { json: JSON.stringify(text), literal: JSON.stringify(text) };
}

export function plainValue(text: string): Value {
  return { json: text, literal: text };
}

export function listValue(items: readonly Value[]): Value {
  return {
    json: `[${items.map((item) => item.json).join()}]`,
    literal: `[${items.map((item) => item.literal).join()}]`,
  };
}

function objectValue(fields: readonly (readonly [string, Value])[]): Value {
  const given = fields.filter(([, value]) => value !== OMITTED);
  return {
    json: `{${given.map(([name, value]) => `${JSON.stringify(name)}:${value.json}`).join()}}`,
    literal: `{${given.map(([name, value]) => `${name}:${value.literal}`).join()}}`,
  };
}

type Usual = (samples: Samples, pick: number) => Value;

const aPost: Usual = ({ posts }, pick) => textValue(oneOf(posts, pick));
const aComment: Usual = ({ comments }, pick) => textValue(oneOf(comments, pick));
const aUser: Usual = ({ users }, pick) => textValue(oneOf(users, pick));
const someText: Usual = () => textValue('Good morning');
const yes: Usual = () => plainValue('true');
/** What an app sends in each place that must be given, and in those without which nothing would happen. */
const USUAL: Readonly<Record<string, Usual>> = {
  'Query.node(id:)': ({ posts }) => textValue(oneOf(posts, 0)),
  'Query.nodes(ids:)': ({ posts, users }) => listValue([textValue(oneOf(posts, 0)), textValue(oneOf(users, 0))]),
  'Query.post(id:)': ({ posts }) => textValue(oneOf(posts, 0)),
  'Query.user(id:)': ({ users }) => textValue(oneOf(users, 0)),
  'Query.userByHandle(handle:)': ({ handle }) => textValue(handle),
  'Subscription.commentAdded(postId:)': ({ posts }) => textValue(oneOf(posts, 0)),
  'AddCommentInput.postId': aPost,
  'AddCommentInput.text': someText,
  'AnswerFollowRequestInput.accept': yes,
  'AnswerFollowRequestInput.userId': aUser,
  'CreatePostInput.text': someText,
  'DeleteNodeInput.id': aComment,
  'SetPostLikedInput.liked': yes,
  'SetPostLikedInput.postId': aPost,
  'SetRelationshipInput.following': (_, pick) => plainValue(String(pick % 2 === 0)),
  'SetRelationshipInput.userId': aUser,
  'SignInInput.login': ({ handle }) => textValue(handle),
  'SignInInput.password': () => textValue('not the password'),
  'SignUpInput.email': (_, pick) => textValue(`person${pick}@example.com`),
  'SignUpInput.handle': (_, pick) => textValue(`person_${pick}`),
  'SignUpInput.name': () => textValue('Person'),
  'SignUpInput.password': () => textValue('correct horse battery'),
  'UpdateCommentInput.id': aComment,
  'UpdateCommentInput.text': someText,
  'UpdatePostInput.id': aPost,
  'UpdatePostInput.text': someText,
};

/** The arguments that a field must be given: `(input: {…})`. */
export function validArguments(field: GraphQLField<unknown, unknown>, parent: string, samples = NOBODYS): string {
  return argumentList(field.args.map((arg) => [arg.name, usualOfArgument(parent, field, arg, samples, 0)]));
}

const NOBODYS: Samples = {
  posts: ['post_01h455vb4pex5vsknk084sn02q'],
  comments: ['comment_01h455vb4pex5vsknk084sn02q'],
  users: ['user_01h455vb4pex5vsknk084sn02q'],
  handle: 'nobody',
};

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
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const fields = Object.values(named.getFields())
    .filter((field) => field.args.length === 0 && getNamedType(field.type).name !== 'Query')
    .filter((field) => isLeafType(getNamedType(field.type)) || depth > 0)
    .map((field) => `${field.name} ${selection(field.type, depth - 1)}`);
  return `{ __typename ${fields.join(' ')} }`;
}

function oneOf(items: readonly string[], pick: number): string {
  return items[pick % items.length] ?? '';
}
