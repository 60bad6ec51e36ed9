import { buildSchema, parse } from 'graphql';
import { askedIn } from '../../src/graphql/pipeline/asked';

const SCHEMA = buildSchema(`
  interface Versioned { version: Int }
  type Post implements Versioned { version: Int author: User }
  type User implements Versioned { version: Int name: String }
  type Query { post: Post any: Versioned }
`);
const asked = (document: string) => [...askedIn(SCHEMA, parse(document))].sort();

it('a field stands under the type that it is asked of, wherever in the document that is', () => {
  expect(
    asked('{ post { author { alias: name } } } query Other { post { ...P } } fragment P on Post { version }'),
  ).toEqual(['Post.author', 'Post.version', 'Query.post', 'User.name']);
});

it('a field of an interface stands under each type that has it', () => {
  expect(asked('{ any { version } }')).toEqual(['Post.version', 'Query.any', 'User.version']);
  expect(asked('{ post { author { ... on Versioned { version } } } }')).toEqual(
    expect.arrayContaining(['Post.version', 'User.version']),
  );
});
