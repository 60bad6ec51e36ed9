import { getIntrospectionQuery } from 'graphql';
import { fillLargestWorld, type LargestWorld } from '../../bench/largest-world';
import { createRunner, type OperationRunner } from '../../bench/operation-runner';
import { estimateOf, familiesOf, findWorst } from '../../bench/worst-documents';
import { exampleTabs } from '../../src/graphql/playground/app/example-tabs';
import { startTestApp, TEST_SECRET, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { report } from '../support/global-setup';
import { SCREENS } from './screens';

/** What an app's screen may use of a limit, so that it can grow. */
const ROOM_TO_SPARE = 2 / 3;
const STATEMENTS_MAX = 20;
/** The largest answer that is sent; a worst document may be refused for exceeding it. */
const ANSWER_MAX_BYTES = 2_097_152;
/** What is put together before its size is known, at most: memory of one operation. */
const TEXT_MAX_BYTES = 48 * 1_048_576;
const TIME_MAX_MS = 120_000;

let app: TestApp;
let world: LargestWorld;
let runner: OperationRunner;

beforeAll(async () => {
  app = await startTestApp();
  world = await fillLargestWorld(app.sql);
  runner = await createRunner({
    databaseUrl: app.databaseUrl,
    secretKey: TEST_SECRET,
    signingKeyPem: TEST_SIGNING_KEY,
    env: { OPERATION_TIMEOUT_MS: '60000' },
  });
}, TIME_MAX_MS);
afterAll(async () => {
  await runner?.close();
  await app?.close();
});

describe('the most expensive documents that the limits accept', () => {
  it(
    'read in at most 20 statements, never more than estimated, and stay within memory',
    async () => {
      const faults: string[] = [];
      for (const family of familiesOf(world)) {
        const worst = await findWorst(runner, family);
        if (!worst) continue;
        const { errors, data, estimate, actual } = await runner.run(worst.sent, world.viewer);
        const bytes = Buffer.byteLength(JSON.stringify(data));
        const what = `${worst.family} (${worst.shape})`;
        if (errors.length > 0) faults.push(`${what} failed: ${errors[0]?.message}`);
        if (actual.statements > STATEMENTS_MAX) faults.push(`${what} took ${actual.statements} statements`);
        if (actual.statements > estimate.statements) {
          faults.push(`${what} took ${actual.statements} statements, estimated ${estimate.statements}`);
        }
        if (actual.cost > estimate.cost) faults.push(`${what} cost ${actual.cost}, estimated ${estimate.cost}`);
        if (bytes > TEXT_MAX_BYTES) faults.push(`${what} makes ${bytes} bytes`);
      }
      expect(faults).toEqual([]);
    },
    TIME_MAX_MS,
  );

  it('are refused when their answer is larger than 2 MiB', async () => {
    const person = await app.person('reader');
    const { postIds } = world;
    const document = 'query Large($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { text again: text } } }';
    const answer = await app.query(document, { ids: postIds }, person);
    expect(answer.status).toBe(413);
    expect(answer.errors?.[0]?.extensions.code).toBe('RESPONSE_TOO_LARGE');
    expect(answer.text.length).toBeLessThan(4_096);
    const small = await app.query(document, { ids: postIds.slice(0, 40) }, person);
    expect(small.status).toBe(200);
    expect(Buffer.byteLength(small.text)).toBeLessThan(ANSWER_MAX_BYTES);
  });
});

describe('the limits leave room for', () => {
  it.each(Object.entries(SCREENS))('%s', async (name, query) => {
    const estimate = await estimateOf(runner, { query });
    report(`${name}: cost ${estimate?.cost}, ${estimate?.statements} statements`);
    const { costMax, readsMax } = runner.config.documents;
    expect(estimate?.cost).toBeLessThanOrEqual(costMax * ROOM_TO_SPARE);
    expect(estimate?.statements).toBeLessThanOrEqual(readsMax * ROOM_TO_SPARE);
  });

  it('every tab that the playground opens with', async () => {
    for (const { query, variables } of exampleTabs(world.postIds[0] ?? null)) {
      const estimate = await estimateOf(runner, { query, variables: JSON.parse(variables ?? '{}') });
      expect(estimate?.cost).toBeLessThanOrEqual(runner.config.documents.costMax / 3);
    }
  });

  it.each([
    ['graphql-js', getIntrospectionQuery()],
    [
      'GraphiQL',
      getIntrospectionQuery({
        descriptions: true,
        inputValueDeprecation: true,
        specifiedByUrl: true,
        schemaDescription: true,
      }),
    ],
    ['tools that ask for everything', getIntrospectionQuery({ directiveIsRepeatable: true, oneOf: true })],
  ])('the introspection query of %s in development', async (_, query) => {
    const { data, errors } = await runner.run({ query }, null);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ __schema: { queryType: { name: 'Query' } } });
  });
});
