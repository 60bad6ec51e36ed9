import {
  type DocumentNode,
  execute,
  type GraphQLSchema,
  getIntrospectionQuery,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { loadConfig } from '../../src/config';
import { nobody } from '../../src/graphql/caller';
import { RequestContext } from '../../src/graphql/context';
import { estimateCost, measureCost, INTROSPECTION_WEIGHT as WEIGHT } from '../../src/graphql/pipeline/cost';
import { startTestApp, type TestApp } from '../support/app';
import { composeSchema, NO_DATABASE } from '../support/bare-schema';
import { send } from './asking';

/** What GraphiQL, graphql-codegen and Apollo's tools ask, as bare as they do and with all that can be asked. */
const EVERYTHING = {
  ...{ descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true },
  ...{ schemaDescription: true, inputValueDeprecation: true, oneOf: true },
};
const TOOLS: [string, string][] = [
  ['by default', getIntrospectionQuery()],
  ['with everything', getIntrospectionQuery(EVERYTHING)],
];

const TYPES = 'types { name fields { name type { name } } }';
/** Refused for its input, without a look into a store. */
const SIGN_UP = 'signUp(input: { email: "-", handle: "-", name: "", password: "short" })';
const MUTATION_WEIGHT = 10;

/** Documents with the number of times that each gets the schema. */
const DOCUMENTS: [what: string, times: number, document: string][] = [
  ['a type', 1, '{ __type(name: "User") { name fields { name } } }'],
  ['a type that is none', 0, '{ __type(name: "Nobody") { name } }'],
  ['both, by other names', 3, `{ a: __schema { ${TYPES} } b: __schema { ${TYPES} } c: __type(name: "Post") { name } }`],
  ['one in two pieces', 1, `{ __schema { ${TYPES} } ... { __schema { description } } }`],
  ['one that is skipped', 0, `{ __schema @skip(if: true) { ${TYPES} } viewer { id } }`],
  ['one in fragments', 1, `{ ...A } fragment A on Query { ...B } fragment B on Query { s: __schema { ${TYPES} } }`],
];

let schema: GraphQLSchema;
let app: TestApp;

beforeAll(async () => {
  schema = await composeSchema();
  app = await startTestApp();
});
afterAll(() => app.close());

async function costsOf(text: string): Promise<{ estimated: number; actual: number }> {
  const document: DocumentNode = parse(text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const contextValue = new RequestContext(NO_DATABASE, nobody('request'));
  const { data, errors } = await execute({ schema, document, contextValue });
  expect(errors).toBeUndefined();
  return {
    estimated: estimateCost(schema, document, operation, {}).cost,
    actual: measureCost(operation, data, document),
  };
}

describe('reading the schema', () => {
  it.each(TOOLS)('weighs the same however much of it is read, as tools do %s', async (_how, document) => {
    expect(await costsOf(document)).toEqual({ estimated: WEIGHT, actual: WEIGHT });
  });

  it.each(DOCUMENTS)('costs what it weighs, and never more than was estimated: %s', async (_what, times, document) => {
    const { estimated, actual } = await costsOf(document);
    expect(actual).toBe(times * WEIGHT);
    expect(estimated).toBeGreaterThanOrEqual(Math.max(1, actual));
  });

  it('weighs the same below a mutation, whose other objects count as ever', async () => {
    const { actual, estimated } = await costsOf(
      `mutation { ${SIGN_UP} { query { ...S } } } fragment S on Query { __schema { ${TYPES} } }`,
    );
    // The payload and the query object.
    expect(actual).toBe(MUTATION_WEIGHT + 2 + WEIGHT);
    expect(estimated).toBeGreaterThanOrEqual(actual);
  });

  it('leaves the objects beside it counted', async () => {
    const { actual } = await costsOf(
      `mutation { ${SIGN_UP} { userErrors { code } query { __type(name: "User") { name } } } }`,
    );
    const without = await costsOf(`mutation { ${SIGN_UP} { userErrors { code } query { __typename } } }`);
    expect(without.actual).toBeGreaterThan(MUTATION_WEIGHT + 2);
    expect(actual).toBe(without.actual + WEIGHT);
  });

  it.each(TOOLS)('is within every limit of a service as it comes, as tools do %s', async (_how, query) => {
    expect(loadConfig({}).documents.costMax).toBeGreaterThan(WEIGHT);
    const { status, body } = await send(app, { query });
    expect([status, body.errors]).toEqual([200, undefined]);
    expect(body.extensions.cost).toMatchObject({ requested: WEIGHT, actual: WEIGHT });
  });

  it('is refused where it is asked for too often at once', async () => {
    const times = Math.floor(loadConfig({}).documents.costMax / WEIGHT) + 1;
    const fields = Array.from({ length: times }, (_, i) => `a${i}: __schema { description }`);
    const wide = await startTestApp({ databaseUrl: app.databaseUrl, env: { DOCUMENT_ROOT_FIELDS_MAX: '100' } });
    const { body } = await send(wide, { query: `{ ${fields.join(' ')} }` });
    await wide.close();
    expect(body.errors[0].message).toContain(`can cost ${times * WEIGHT}`);
  });
});
