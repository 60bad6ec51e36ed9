import { type DocumentNode, getOperationAST, getVariableValues, type OperationDefinitionNode, parse } from 'graphql';
import { estimateCost } from '../../src/graphql/pipeline/cost';
import { Estimates } from '../../src/graphql/pipeline/estimates';
import { composeSchema } from '../support/bare-schema';

const DOCUMENTS: Record<string, { readonly text: string; readonly variables: readonly Record<string, unknown>[] }> = {
  'of one size': {
    text: 'query ($id: ID!) { post(id: $id) { comments(first: 5) { nodes { id } } } }',
    variables: [{ id: 'a' }, { id: 'b' }],
  },
  'as long as a variable says': {
    text: 'query ($first: Int, $inner: Int = 3) { viewer { feed(first: $first) { nodes { comments(first: $inner) { nodes { id } } } } } }',
    variables: [
      {},
      { first: 1 },
      { first: 50 },
      { first: 50, inner: 7 },
      { first: null },
      { inner: 50 },
      { first: 100_000 },
    ],
  },
  'as long as a list of ids': {
    text: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: [
      { ids: [] },
      { ids: ['a'] },
      { ids: ['a', 'b'] },
      { ids: 'a' },
      { ids: Array.from({ length: 100 }, () => 'a') },
    ],
  },
  'with an argument that can be left out': {
    text: 'query ($after: String) { viewer { feed(first: 2, after: $after) { nodes { id } } } }',
    variables: [{}, { after: null }, { after: 'a' }],
  },
  'of more sizes than are remembered': {
    text: 'query ($first: Int) { viewer { feed(first: $first) { nodes { id text } } } }',
    variables: Array.from({ length: 60 }, (_, n) => ({ first: n % 40 })),
  },
};

function read(text: string): { document: DocumentNode; operation: OperationDefinitionNode } {
  const document = parse(text);
  return { document, operation: getOperationAST(document) as OperationDefinitionNode };
}

it.each(Object.entries(DOCUMENTS))(
  'an operation %s is estimated the same when it comes again',
  async (_, { text, variables }) => {
    const schema = await composeSchema();
    const { document, operation } = read(text);
    const estimates = new Estimates(schema, false);
    for (const sent of [...variables, ...variables]) {
      const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], sent);
      expect(coerced).toBeDefined();
      expect(estimates.of(document, operation, coerced ?? {})).toEqual(
        estimateCost(schema, document, operation, coerced ?? {}),
      );
    }
  },
);

it('an operation that comes again is not reckoned anew', async () => {
  const { document, operation } = read('{ viewer { feed(first: 2) { nodes { id } } } }');
  const estimates = new Estimates(await composeSchema(), false);
  expect(estimates.of(document, operation, {})).toBe(estimates.of(document, operation, {}));
});
