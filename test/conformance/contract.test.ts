import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  astFromValue,
  buildSchema,
  findBreakingChanges,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  print,
} from 'graphql';

const CONTRACT = [
  'contract.graphql',
  'contract-messaging.graphql',
  'contract-identity.graphql',
  'contract-privacy.graphql',
]
  .map((name) => readFileSync(join(__dirname, name), 'utf8'))
  .join('\n');
const SCHEMA = readFileSync(join(__dirname, '../../schema.graphql'), 'utf8');

describe('schema.graphql', () => {
  it('breaks nothing that app teams were promised', () => {
    const changes = findBreakingChanges(promised(CONTRACT), buildSchema(SCHEMA));
    expect(changes.map(({ description }) => description)).toEqual([]);
  });

  it('says what was promised in the very words of the promise', () => {
    const said = wordsOf(buildSchema(SCHEMA));
    expect([...wordsOf(promised(CONTRACT))].filter((words) => !said.has(words))).toEqual([]);
  });

  describe('would not pass, had more been promised:', () => {
    it.each([
      ['a field', 'bio: String', 'bio: String nickname: String', 'User.nickname was removed.'],
      ['an argument', 'post(id: ID!)', 'post(id: ID!, at: DateTime)', 'Query.post arg at was removed.'],
      ['a field that is never null', 'bio: String', 'bio: String!', 'User.bio changed type from String! to String.'],
      ['a call without an argument', 'user(id: ID!)', 'user', 'A required arg id on Query.user was added.'],
      [
        'an input with less in it',
        'postId: ID!\n  text: String!',
        'postId: ID!',
        'A required field text on input type',
      ],
      ['an enum value', 'enum Audience {', 'enum Audience { FRIENDS', 'FRIENDS was removed from enum type Audience.'],
      ['an interface', 'type UserEdge {', 'interface Edge { cursor: String! } type UserEdge implements Edge {', 'Edge'],
    ])('%s', (_what, words, others, complaint) => {
      expect(CONTRACT).toContain(words);
      const changes = findBreakingChanges(promised(CONTRACT.replace(words, others)), buildSchema(SCHEMA));
      expect(changes.map(({ description }) => description).join('\n')).toContain(complaint);
    });

    it.each([
      ['that a field may be null', 'likeCount: Int!', 'likeCount: Int', 'Post.likeCount: Int'],
      ['another default', 'posts(first: Int = 20', 'posts(first: Int = 10', 'User.posts(first: Int = 10)'],
      ['that an input may be left out', 'liked: Boolean!', 'liked: Boolean', 'SetPostLikedInput.liked: Boolean'],
    ])('%s', (_what, words, others, promise) => {
      expect(wordsOf(promised(CONTRACT.replace(words, others)))).toContain(promise);
      expect(wordsOf(buildSchema(SCHEMA))).not.toContain(promise);
    });
  });
});

/** The contract leaves out what an interface says already, which a whole schema could not. */
function promised(contract: string): GraphQLSchema {
  return buildSchema(contract, { assumeValid: true });
}

/** Each promise of a schema as a line, such as `User.posts(first: Int = 20)` and `User.posts: PostConnection!`. */
function wordsOf(schema: GraphQLSchema): Set<string> {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
  return new Set(types.flatMap(wordsOfType));
}

function wordsOfType(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => `${type.name}.${typed(field)}`);
  if (!isObjectType(type) && !isInterfaceType(type)) return [`scalar ${type.name}`];
  const faces = type.getInterfaces().map((face) => `${type.name} implements ${face.name}`);
  const fields = Object.values(type.getFields()).flatMap((field) => [
    `${type.name}.${field.name}: ${field.type}`,
    ...field.args.map((argument) => `${type.name}.${field.name}(${typed(argument)})`),
  ]);
  return [...faces, ...fields];
}

function typed({ name, type, defaultValue }: Pick<GraphQLArgument, 'name' | 'type' | 'defaultValue'>): string {
  const literal = astFromValue(defaultValue, type);
  return `${name}: ${type}${literal ? ` = ${print(literal)}` : ''}`;
}
