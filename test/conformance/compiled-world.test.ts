import { createRunner, type OperationRunner, type Outcome } from '../../bench/operation-runner';
import { Grammar } from '../fuzz/grammar';
import { SCREENS } from '../fuzz/screens';
import { harvestPlaces, openWorld } from '../fuzz/world';
import { type Person, startTestApp, TEST_SECRET, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { report } from '../support/global-setup';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const DOCUMENTS = Number(process.env['COMPILED_DOCUMENTS'] ?? 150);
const TIME_MAX_MS = Math.max(120_000, DOCUMENTS * 60);

let app: TestApp;
let planned: OperationRunner;
let byGraphqlJs: OperationRunner;
let grammar: Grammar;
let viewers: (Person | null)[];

beforeAll(async () => {
  app = await startTestApp({ env: { COMPILED_EXECUTION: 'off' } });
  const world = await openWorld(app);
  viewers = [...world.viewers, null];
  const open = (compiled: string) =>
    createRunner({
      databaseUrl: app.databaseUrl,
      secretKey: TEST_SECRET,
      signingKeyPem: TEST_SIGNING_KEY,
      env: { DATABASE_POOL_MAX: '4', COMPILED_EXECUTION: compiled },
    });
  [planned, byGraphqlJs] = await Promise.all([open('on'), open('off')]);
  await harvestPlaces(planned, world.pool);
  grammar = new Grammar(planned.schema, world.pool, SEED);
});
afterAll(async () => {
  await planned?.close();
  await byGraphqlJs?.close();
  await app?.close();
});

/** Whether the answer came from a plan; what is null as a whole does not show it. */
function cameFromPlan({ data }: Outcome): boolean {
  return Boolean(data) && Object.getPrototypeOf(data) !== null;
}

async function expectAlike(sent: Parameters<OperationRunner['run']>[0], person: Person | null) {
  const viewer = person && { userId: person.uuid, sessionId: (person as Person & { sessionId: string }).sessionId };
  const answers = [await planned.run(sent, viewer), await byGraphqlJs.run(sent, viewer)] as const;
  // What is null because something in it failed is answered before all that was under way has been read.
  const comparable = answers.map(({ actual: { cost, statements }, ...answer }) => {
    return { ...answer, cost, ...(answer.errors.length === 0 && { statements }) };
  });
  const [byPlan, other] = comparable.map((answer) => JSON.stringify(answer));
  if (byPlan !== other) throw new Error(`seed ${SEED}\n${JSON.stringify(sent)}\n${byPlan}\n${other}`);
  return answers;
}

describe('on the same data, plans and graphql-js', () => {
  it.each(Object.entries(SCREENS))('answer alike, by as many statements and at the same cost: %s', async (_, query) => {
    const [byPlan, other] = await expectAlike({ query }, viewers[0] ?? null);
    expect([byPlan.errors, cameFromPlan(byPlan), cameFromPlan(other)]).toEqual([[], true, false]);
  });

  it(
    `answer alike whatever is read: ${DOCUMENTS} documents`,
    async () => {
      const tally = { read: 0, planned: 0, refused: 0, errors: 0 };
      while (tally.read < DOCUMENTS) {
        const document = grammar.document();
        // What is written once cannot be written again with the same answer.
        if (document.query.includes('mutation Invented')) continue;
        const [outcome] = await expectAlike(document, viewers[tally.read % viewers.length] ?? null);
        tally.read += 1;
        tally.planned += cameFromPlan(outcome) ? 1 : 0;
        tally.refused += outcome.refused ? 1 : 0;
        tally.errors += outcome.errors.length > 0 ? 1 : 0;
      }
      report(`compiled, world: seed ${SEED}, ${JSON.stringify(tally)}`);
      expect(tally.planned).toBeGreaterThan(DOCUMENTS * 0.6);
      expect(tally.errors - tally.refused).toBeGreaterThan(0);
    },
    TIME_MAX_MS,
  );
});
