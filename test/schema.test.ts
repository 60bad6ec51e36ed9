import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { emitSchema } from '../src/commands/schema';
import { loadConfig } from '../src/config';
import { createLog } from '../src/platform/telemetry/log';
import {
  hasUniformMutations,
  hasWholeConnections,
  isDescribed,
  pagesItsLists,
  type SchemaRule,
} from './conformance/schema-rules';
import { TEST_SECRET, TEST_SIGNING_KEY } from './support/app';

const SDL = readFileSync(join(__dirname, '../schema.graphql'), 'utf8');
const RULES: [sentence: string, rule: SchemaRule][] = [
  ['describes every type, field, argument, input field and enum value', isDescribed],
  ['makes a connection of every list that can grow', pagesItsLists],
  ['gives every connection the shape and arguments that Relay expects', hasWholeConnections],
  ['gives every mutation one input, and a payload that implements MutationPayload', hasUniformMutations],
];

describe('schema.graphql', () => {
  it('is what the code emits (else run npm run schema and look at the difference)', async () => {
    const config = loadConfig({ NODE_ENV: 'test', SECRET_KEY: TEST_SECRET, TOKEN_SIGNING_KEY: TEST_SIGNING_KEY });
    const silent = createLog({ level: 'silent', format: 'json', destination: { write: () => {} } });
    expect(await emitSchema(config, silent)).toBe(SDL);
  });

  it('is sorted', () => {
    expect(SDL.trim()).toBe(printSchema(lexicographicSortSchema(buildSchema(SDL))).trim());
  });

  it.each(RULES)('%s', (_sentence, rule) => {
    expect(rule(buildSchema(SDL))).toEqual([]);
  });

  describe('would not pass', () => {
    it.each<[string, SchemaRule, string, string]>([
      ['a type', isDescribed, 'type Extra { "Said." id: ID! }', 'Extra'],
      ['a field', isDescribed, 'extend type Post { extra: Int }', 'Post.extra'],
      ['an argument', isDescribed, 'extend type Post { "Said." extra(of: Int): Int }', 'Post.extra(of:)'],
      ['an input field', isDescribed, 'extend input AddCommentInput { extra: Int }', 'AddCommentInput.extra'],
      ['an enum value', isDescribed, 'extend enum Audience { "  " EXTRA }', 'Audience.EXTRA'],
    ])('with %s that has no description', (_what, rule, addition, fault) => {
      expect(rule(buildSchema(`${SDL}\n${addition}`))).toContain(fault);
    });

    it.each<[string, SchemaRule, string, string]>([
      ['a bare list', pagesItsLists, 'extend type Post { extra: [User!]! }', 'Post.extra: [User!]! is a list'],
      [
        'a connection without nodes',
        hasWholeConnections,
        'type ExtraConnection { edges: [PostEdge!]! pageInfo: PageInfo! }',
        'ExtraConnection lacks nodes: [Post!]!',
      ],
      [
        'a connection of edges that may be null',
        hasWholeConnections,
        'type ExtraConnection { edges: [PostEdge] nodes: [Post!]! pageInfo: PageInfo! }',
        'ExtraConnection lacks edges: [PostEdge!]!',
      ],
      [
        'a connection that cannot be paged',
        hasWholeConnections,
        'extend type Post { extra(first: Int = 20): UserConnection! }',
        'Post.extra lacks after: String',
      ],
      [
        'a connection that is paged backwards in part',
        hasWholeConnections,
        'extend type Post { extra(first: Int, after: String, last: Int): UserConnection! }',
        'Post.extra lacks before: String',
      ],
      [
        'a mutation with arguments of its own',
        hasUniformMutations,
        'extend type Mutation { extra(id: ID!): DeleteNodePayload! }',
        'extra must take one argument, input: X!',
      ],
      [
        'a mutation that may be called without input',
        hasUniformMutations,
        'extend type Mutation { extra(input: DeleteNodeInput): DeleteNodePayload! }',
        'extra must take one argument, input: X!',
      ],
      [
        'a mutation that cannot be retried',
        hasUniformMutations,
        'input ExtraInput { id: ID! } extend type Mutation { extra(input: ExtraInput!): DeleteNodePayload! }',
        'ExtraInput lacks clientMutationId',
      ],
      [
        'a mutation that answers with a bare node',
        hasUniformMutations,
        'extend type Mutation { extra(input: DeleteNodeInput!): Post! }',
        'extra must answer a MutationPayload',
      ],
    ])('with %s', (_what, rule, addition, fault) => {
      expect(rule(buildSchema(`${SDL}\n${addition}`)).join('\n')).toContain(fault);
    });
  });
});
