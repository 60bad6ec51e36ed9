import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { MAY_ACCEPT } from '../support/accepted-texts';
import { startTestApp, type TestApp } from '../support/app';
import { findPlaces, MODES, type Place } from '../support/bad-input';
import { badMessages, badRequests, badTokenRequests } from '../support/bad-requests';
import { badValues } from '../support/bad-values';
import {
  type BadCase,
  describeCase,
  faultsOf,
  faultsOfCase,
  isRefused,
  liveFaults,
  mustBeRefused,
  tokenFaults,
} from '../support/bad-verdicts';
import { type BadWorld, buildBadWorld, type Caller } from '../support/bad-world';
import { report, seconds } from '../support/global-setup';
import { brokenInvariants, checksumOf } from '../support/integrity';
import { inParallel, type RawAnswer, RawClient } from '../support/raw-client';
import { OMITTED } from '../support/sent-value';
import { PROJECT_ROOT } from '../support/source-tree';

/** The same each time; another one by BAD_INPUT_SEED=… */
const SEED = Number(process.env['BAD_INPUT_SEED'] ?? 20_261_122);
/** Every run tries some of them, the hunt of `npm run test:long` all. */
const ALL = process.env['BAD_INPUTS'] === 'all';
const share = (count: number) => (ALL ? count : Math.ceil(count / 5));
const PLACED = share(8_700);
const PLACED_CHECKED = share(500);
const MALFORMED = share(600);
const LIVE = share(300);
const SENT_MIN = share(10_000);
const FAULTS_SHOWN = 8;
/** The most that one part may take on a busy machine. */
const DEADLINE_MS = 120_000;
const MEGABYTE = 2 ** 20;
/** As long as a text can be and still pass the limit of 128 KiB for a body. */
const LONG = 120_000;

jest.setTimeout(DEADLINE_MS);

/** Nobody has the secrets, keys and requests that these need. */
const REFUSED_AS_USUAL =
  /^(signIn(WithIdToken)?|(un)?linkIdentity|confirmIdentity|change(Email|Password)|verifyEmail|resetPassword|finishPasskey\w+|(remove|rename)Passkey|answer(Follow|Message)Request|requestDataExport|deleteAccount)$/;

describe('bad input', () => {
  let app: TestApp;
  let world: BadWorld;
  let client: RawClient;
  let places: Place[];
  let sent = 0;
  const startedAt = performance.now();

  beforeAll(async () => {
    app = await startTestApp({ env: { JOBS_CONCURRENCY: '0' } });
    world = await buildBadWorld(app);
    client = new RawClient(app.url);
    const schema = buildSchema(readFileSync(path.join(PROJECT_ROOT, 'schema.graphql'), 'utf8'));
    places = findPlaces(schema, world.samples);
    report(`Bad input: seed ${SEED}, ${places.length} arguments and input fields.`);
  });
  afterAll(async () => {
    report(`Bad input: ${sent} cases in ${seconds(startedAt)} s.`);
    client?.close();
    await app?.close();
  });

  it('is looked for in every argument and input field of the schema', () => {
    const schema = buildSchema(readFileSync(path.join(PROJECT_ROOT, 'schema.graphql'), 'utf8'));
    const expected = Object.values(schema.getTypeMap()).flatMap((type) => {
      if (type.name.startsWith('__') || !('getFields' in type)) return [];
      return Object.values(type.getFields()).flatMap((field) =>
        'args' in field
          ? field.args.map((arg: { name: string }) => `${type.name}.${field.name}(${arg.name}:)`)
          : `${type.name}.${field.name}`,
      );
    });
    expect([...new Set(places.map(({ coordinate }) => coordinate))].sort()).toEqual(expected.sort());
  });

  it('differs in one place from requests that are in order', async () => {
    const asUsual = places.filter(({ usual, coordinate }) => usual || !/Input\.|\(input:\)/.test(coordinate));
    // What is deleted is not there for others.
    for (const [index, place] of asUsual.sort((a, b) => deletes(a) - deletes(b)).entries()) {
      const caller = world.callerOf(place);
      const each: BadCase = {
        place,
        value: place.usual ?? OMITTED,
        verdict: 'either',
        mode: 'literal',
        pick: index,
        caller,
      };
      const answer = place.operation === 'subscription' ? null : await ask(each);
      const expected = REFUSED_AS_USUAL.test(place.rootField);
      if (answer)
        expect({ at: describeCase(each), refused: isRefused(answer.text) }).toEqual({
          at: describeCase(each),
          refused: expected,
        });
    }
  });

  it('is refused without a trace in the database, whenever it is refused', async () => {
    const checksum = await checksumOf(app.sql);
    const mutations = places.filter(({ operation }) => operation === 'mutation');
    const faults: string[] = [];
    let refused = 0;
    for (const each of sample(cases(mutations), PLACED_CHECKED, 1)) {
      const before = await checksum();
      const answer = await ask(each);
      faults.push(...faultsOfCase(each, answer));
      if (!isRefused(answer.text)) continue;
      refused += 1;
      if ((await checksum()) !== before) faults.push(`changed the database: ${describeCase(each)} -> ${answer.text}`);
    }
    expect(faults.slice(0, FAULTS_SHOWN)).toEqual([]);
    expect(refused).toBeGreaterThan(PLACED_CHECKED / 2);
  });

  it('is answered with a code or with data, never with a fault of ours', async () => {
    const faults: string[] = [];
    const overHttp = places.filter(({ operation }) => operation !== 'subscription');
    await inParallel(sample(cases(overHttp), PLACED, 2), async (each) => {
      faults.push(...faultsOfCase(each, await ask(each)));
    });
    expect(faults.slice(0, FAULTS_SHOWN)).toEqual([]);
  });

  it('may be a request that is none', async () => {
    const faults: string[] = [];
    await inParallel(
      sample(fc.oneof({ weight: 9, arbitrary: badRequests() }, badTokenRequests()), MALFORMED, 3),
      async (each) => {
        sent += 1;
        const answer = await client.send(each.request);
        const passed = answer.status === 200 && !isRefused(answer.text);
        const wrong = each.request.path?.startsWith('/oauth/') ? tokenFaults(answer) : faultsOf(answer);
        if (passed && !each.mayPass) wrong.push('was accepted');
        faults.push(
          ...wrong.map(
            (fault) => `${fault}: ${JSON.stringify(each.request).slice(0, 400)} -> ${answer.status} ${answer.text}`,
          ),
        );
      },
    );
    expect(faults.slice(0, FAULTS_SHOWN)).toEqual([]);
  });

  it('may come over a socket or an event stream', async () => {
    // graphql-ws prints what it closes a socket for.
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
    const faults: string[] = [];
    const weighted = [
      ...places,
      ...Array(8).fill(places.filter(({ operation }) => operation === 'subscription')),
    ].flat();
    await inParallel(sample(fc.tuple(cases(weighted), fc.boolean()), LIVE, 4), async ([each, overSocket]) => {
      sent += 1;
      const { query, variables } = each.place.fill(each.value, each.mode, each.pick);
      const body = `{"query":${JSON.stringify(query)},"variables":${variables}}`;
      const refusal = mustBeRefused(each);
      const answer = overSocket
        ? await client.socket([`{"id":"1","type":"subscribe","payload":${body}}`], each.caller.authorization, refusal)
        : await client.stream(body, each.caller.authorization, refusal);
      faults.push(
        ...liveFaults(answer, refusal).map((fault) => `${fault}: ${body.slice(0, 400)} -> ${JSON.stringify(answer)}`),
      );
    });
    await inParallel(sample(badMessages(), LIVE, 5), async (message) => {
      sent += 1;
      const answer = await client.socket([message], null, true);
      faults.push(
        ...liveFaults(answer, true).map(
          (fault) => `${fault}: ${String(message).slice(0, 400)} -> ${JSON.stringify(answer)}`,
        ),
      );
    });
    printed.mockRestore();
    expect(faults.slice(0, FAULTS_SHOWN)).toEqual([]);
  });

  it('may be longer than a body can be, or nearly so', async () => {
    const faults: string[] = [];
    const texts = places.filter(({ type }) => /String|ID/.test(String(type)));
    const requests = texts.flatMap((place) => [LONG, MEGABYTE].map((length) => ({ place, length })));
    await inParallel(requests, async ({ place, length }) => {
      const text = JSON.stringify('x'.repeat(length));
      const value = { json: text, literal: text };
      const verdict = MAY_ACCEPT[place.coordinate]?.('x'.repeat(length)) ? 'either' : 'unruly';
      const each: BadCase = { place, value, verdict, mode: 'variable', pick: 0, caller: world.callers[0] as Caller };
      const answer = await ask(each);
      if (length === LONG) return void faults.push(...faultsOfCase(each, answer));
      const tooLarge = { errors: [{ message: expect.any(String), extensions: { code: 'PAYLOAD_TOO_LARGE' } }] };
      expect({ status: answer.status, ...JSON.parse(answer.text) }).toEqual({ status: 413, ...tooLarge });
    });
    expect(faults.slice(0, FAULTS_SHOWN)).toEqual([]);
  });

  it('leaves no half-done write behind', async () => {
    expect(sent).toBeGreaterThanOrEqual(SENT_MIN);
    expect(await brokenInvariants(app.sql)).toEqual([]);
  });

  it('would be found if it did', async () => {
    await app.sql.query(`UPDATE post_like_counters SET likes = likes + 1`);
    await app.sql.query(`DELETE FROM comments WHERE seq = 1`);
    await app.sql.query(`DELETE FROM users WHERE handle = 'fay'`);
    await app.sql.query(`UPDATE idempotency_keys SET result = '{}'`);
    const found = (await brokenInvariants(app.sql)).map((each) => each.split(':')[0]);
    expect(found).toEqual(
      expect.arrayContaining([
        'like counters differ from likes',
        'threads differ from comments',
        'handles without their user',
        'sessions without a user',
        'people in lists who do not exist',
        'keys without their effect',
      ]),
    );
  });

  it('puts no fault of ours into the log', () => {
    const lines = app.log.filter((line) => line['level'] === 'error' || Number(line['level']) >= 50);
    expect(lines.slice(0, FAULTS_SHOWN)).toEqual([]);
  });

  function sample<Item>(arbitrary: fc.Arbitrary<Item>, count: number, part: number): Item[] {
    return fc.sample(arbitrary, { numRuns: count, seed: SEED + part });
  }

  function cases(among: readonly Place[]): fc.Arbitrary<BadCase> {
    // Each of these costs the time of a password.
    const cheap = among.filter(({ rootField }) => !/^sign|Password$/.test(rootField));
    const anyPlace = fc.oneof({ weight: 19, arbitrary: fc.constantFrom(...cheap) }, fc.constantFrom(...among));
    return anyPlace.chain((place) =>
      fc
        .record({
          bad: badValues(place, world.things),
          mode: fc.constantFrom(...MODES),
          pick: fc.nat(1_000_000),
          caller: fc.oneof(
            { weight: 5, arbitrary: fc.constant(world.callerOf(place)) },
            fc.constantFrom(...world.callers),
          ),
        })
        .map(({ bad, ...rest }) => ({ place, ...bad, ...rest })),
    );
  }

  function ask({ place, value, mode, pick, caller }: BadCase): Promise<RawAnswer> {
    sent += 1;
    const { query, variables } = place.fill(value, mode, pick);
    const headers = {
      'content-type': 'application/json',
      ...(caller.authorization && { authorization: caller.authorization }),
    };
    return client.send({ headers, body: `{"query":${JSON.stringify(query)},"variables":${variables}}` });
  }
});

function deletes({ rootField }: Place): number {
  return rootField === 'deleteNode' ? 1 : 0;
}
