import { getIntrospectionQuery, parse, validate } from 'graphql';
import { nobody } from '../../src/graphql/caller';
import { Executor } from '../../src/graphql/compiled/executor';
import { RequestContext } from '../../src/graphql/context';
import { Deadline } from '../../src/graphql/deadline';
import { rootCause } from '../../src/graphql/errors';
import { measureCost } from '../../src/graphql/pipeline/cost';
import { composeSchema, NO_DATABASE } from '../support/bare-schema';
import { type Asked, BothWays, demandAlike, errorsOf, prepareBare } from '../support/both-ways';
import { buildShapesSchema, CAUSE } from '../support/shapes-schema';

const schema = buildShapesSchema();
const ways = new BothWays(schema);

/** Alike byte for byte, and by a plan. @returns the answer's data */
async function expectAlike(asked: Asked | string, planned = true) {
  const document = typeof asked === 'string' ? { query: asked } : asked;
  expect(validate(schema, parse(document.query)).map(({ message }) => message)).toEqual([]);
  const answers = await ways.run(document, () => ({ steps: [] }));
  demandAlike(answers, document);
  const [byPlan, byGraphqlJs] = answers;
  const { data } = JSON.parse(byPlan.text)[0];
  if (data !== null) expect(byPlan.planned).toBe(planned);
  expect(byGraphqlJs.planned).toBe(false);
  return { data, errors: errorsOf(byPlan) };
}

/** What graphql-jit 0.8 writes into the code that it makes, and runs. */
const CODE = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d(globalThis.taken=1,0)';
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'valueOf'];

const fieldsKept = 5_000;
const IDS = Array.from({ length: 45 }, (_, n) => `a${n}: id`).join(' ');

const ALIKE: [what: string, query: string, variables?: Record<string, unknown>][] = [
  ['a property of every sort', '{ leaf { text shade day whatever fails told said __typename } }'],
  [
    'numbers that are none of 32 bits',
    '{ numbers { whole far half none low zero text flag } strict: numbers { strict } }',
  ],
  [
    'an object that is none of its type',
    '{ a: picky(fits: true) { id } b: picky(fits: false) { id } c: slow(fits: true) { id } d: slow(fits: false) { id } }',
  ],
  ['a fragment spread twice in which something fails', '{ ...F number ...F } fragment F on Query { coded }'],
  ['the same field asked for twice', '{ tree { leaf { text } id leaf { shade text } } tree { leaf { day } } }'],
  [
    'fields in the order of the document',
    '{ b: number say a: number ...F tree { id } } fragment F on Query { c: number b: number }',
  ],
  [
    'a fragment within itself by another type',
    '{ kind { ...K } } fragment K on Kind { id other { id ... on Kind7 { __typename } ... on Kind3 { id } } }',
  ],
  ['a list with a hole that may not be there', '{ tree { id items } }'],
  ['a list whose second item fails', '{ number promised }'],
  ['null that climbs to the root', '{ number tree { strict { id } } writes { strict { id } } }'],
  ['null that climbs out of a list', '{ tree { id trees { id tree { trees { strict { id } leaf { fails } } } } } }'],
  ['an error with a code', '{ coded number }'],
  ['an error of another operation', '{ refused number }'],
  ['an error around another', '{ wrapped }'],
  ['what is thrown and no error', '{ thrown }'],
  ['the default of an argument', '{ number shade tree { trees { id } } }'],
  [
    'a literal of every kind',
    '{ number(count: 5) shade(shade: GREEN) day(day: "2020-02-02") wish(wish: { text: "x", days: ["2020-01-01"], nested: { shade: RED } }, wishes: [{}, { text: "y" }]) }',
  ],
  ['one where a list is asked for', '{ wish(wishes: { text: "alone", days: "2020-01-01" }) }'],
  ['a null where a value was', '{ number(count: null) shade(shade: null) wish(wish: null) say(text: null) }'],
  [
    'variables that are not sent',
    'query ($n: Int, $s: Shade, $w: Wish, $t: String) { number(count: $n) shade(shade: $s) wish(wish: $w) say(text: $t) }',
  ],
  [
    'variables with defaults',
    'query ($n: Int = 7, $s: Shade = GREEN, $w: [Wish!] = [{}]) { number(count: $n) shade(shade: $s) wish(wishes: $w) }',
  ],
  [
    'variables sent as null',
    'query ($n: Int = 7, $s: Shade = GREEN) { number(count: $n) shade(shade: $s) }',
    { n: null, s: null },
  ],
  [
    'variables sent',
    'query ($n: Int, $s: Shade, $d: Day!, $w: Wish) { number(count: $n) shade(shade: $s) day(day: $d) wish(wish: $w) }',
    { n: 2, s: 'GREEN', d: '2021-01-01', w: { days: ['2021-01-01'], shade: 'RED' } },
  ],
  [
    'a variable inside a literal',
    'query ($t: String!, $n: Int) { wish(wish: { text: $t, nested: { text: $t } }) tree { trees(first: $n) { id } } }',
    { t: 'in', n: 1 },
  ],
  ['a variable that turns out null', 'query ($d: Day = "2020-01-01") { number day(day: $d) }', { d: null }],
  ['the schema', getIntrospectionQuery()],
  ['a type of the schema', '{ __type(name: "Tree") { name fields { name args { defaultValue } } } __typename }'],
  [
    'a string that is code elsewhere',
    `{ say(text: ${JSON.stringify(CODE)}) a: say(text: "\\"); globalThis.taken=1; (\\"") }`,
  ],
]; // prettier-ignore

describe('a planned operation answers as graphql-js does', () => {
  it.each(ALIKE)('%s', async (...[, query, variables]) => {
    await expectAlike({ query, ...(variables && { variables }) });
    expect('taken' in globalThis).toBe(false);
  });

  it.each(NAMES)('with a field named %s by the client', async (name) => {
    const inside = NAMES.map((each) => `${each}: text`).join(' ');
    const { data } = await expectAlike(`{ ${name}: leaf { ${inside} } tree { ${name}: leaf { text } } }`);
    expect(Object.keys(data)).toEqual([name, 'tree']);
    expect('text' in {}).toBe(false);
  });

  const CONDITIONS = [true, false].flatMap((a) => [true, false].flatMap((b) => [true, false].map((c) => [a, b, c])));

  it.each(CONDITIONS)('with @skip and @include by variables %s %s %s, in one document', async (a, b, c) => {
    const query = `query ($a: Boolean!, $b: Boolean!, $c: Boolean = true) {
      ...Q @include(if: $a) tree { leaf @skip(if: $b) { text } leaf @include(if: $c) { shade } ...T @skip(if: $c) ...T @include(if: $b) }
      number @include(if: $a) @skip(if: $b) ... @include(if: false) { say } other: tree { ...T } }
      fragment Q on Query { b: number @skip(if: $b) ...R } fragment R on Query { say @include(if: $c) }
      fragment T on Tree { id tree @include(if: $a) { id } }`;
    await expectAlike({ query, variables: { a, b, c } });
  });

  it('by graphql-js where a condition is null, which is an error where it is met', async () => {
    const query = 'query ($a: Boolean = true) { number tree { id @include(if: $a) } }';
    await expectAlike({ query, variables: { a: false } });
    const { errors } = await expectAlike({ query, variables: { a: null } }, false);
    expect(errors).toHaveLength(1);
  });

  it('by plans of which the least recently used go', async () => {
    const executor = new Executor({ schema, compiled: true, fieldsKept });
    const texts = Array.from({ length: 100 }, (_, n) => `{ a${n}: kind { ${IDS} } }`);
    const sizes: number[] = [];
    for (const query of texts) {
      const { data } = await executor.execute(prepareBare(schema, { query }), {});
      expect(Object.keys(data?.[Object.keys(data)[0] ?? ''] as object)).toHaveLength(45);
      sizes.push(executor.fieldsKept);
    }
    expect(sizes[0]).toBe(1 + 24 * 45);
    expect(Math.max(...sizes)).toBe(4 * (1 + 24 * 45));
  });

  it('by graphql-js where all the types of object that can stand in a place make a plan too large', async () => {
    await expectAlike(`{ kind { ${IDS} } }`);
    await expectAlike(`{ kind { ${IDS} other { ${IDS} } } }`, false);
  });

  it('one root field of a mutation after the other', async () => {
    const query = `mutation ($n: Int) { a: step(name: "a", turns: 9) b: step(name: "b") stop(name: "c")
      __typename d: step(name: "d", turns: $n) e: step(name: "e") }`;
    expect((await expectAlike({ query, variables: { n: 3 } })).data).toBeNull();
    const { data } = await expectAlike('mutation { a: step(name: "a", turns: 9) b: step(name: "b") __typename }');
    expect(data.b).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('with the cause of an error behind it', async () => {
    const executor = new Executor({ schema, compiled: true, fieldsKept });
    const { errors } = await executor.execute(prepareBare(schema, { query: '{ wrapped }' }), {});
    expect(rootCause(errors?.[0])).toBe(CAUSE);
  });

  it('but leaves no rejection unheard that would end the process', async () => {
    const executor = new Executor({ schema, compiled: true, fieldsKept });
    const { data, errors } = await executor.execute(prepareBare(schema, { query: '{ racing }' }), {});
    expect(data).toEqual({ racing: null });
    expect(errors).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('but refuses a resolver that writes into its arguments, which are those of the next object, too', async () => {
    const executor = new Executor({ schema, compiled: true, fieldsKept });
    const { errors } = await executor.execute(prepareBare(schema, { query: '{ scribbled(text: "as asked") }' }), {});
    expect(errors?.[0]?.message).toMatch(/read only property 'text'/);
  });

  it('and costs as much', async () => {
    const query = '{ instant tree { leaves { text } trees { id leaf { text } } } __schema { types { name } } }';
    const prepared = prepareBare(schema, { query });
    const costs = [true, false].map(async (compiled) => {
      const { data } = await new Executor({ schema, compiled, fieldsKept }).execute(prepared, {});
      return measureCost(prepared.operation, data, prepared.document);
    });
    const [planned, byGraphqlJs] = await Promise.all(costs);
    expect(planned).toBe(byGraphqlJs);
    expect(planned).toBe(7 + 100);
  });
});

describe('with the schema of the service, a planned operation', () => {
  it('lets no field begin that can start work once its time is up', async () => {
    const service = await composeSchema();
    const contextOf = () => {
      const deadline = new Deadline(60_000);
      deadline.abandon();
      return new RequestContext(NO_DATABASE, nobody('request'), deadline);
    };
    const query =
      '{ post(id: "post_01h455vb4pex5vsknk084sn02q") { id } a: userByHandle(handle: "ada") { id } __typename }';
    const answers = await new BothWays(service).run({ query }, contextOf);
    demandAlike(answers, { query });
    const [planned] = answers;
    expect(planned.planned).toBe(true);
    expect(errorsOf(planned).map(({ message }) => message)).toEqual([
      'The client has hung up.',
      'The client has hung up.',
    ]);
  });
});
