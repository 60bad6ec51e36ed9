import { buildSchema, type ExecutionResult, type GraphQLObjectType } from 'graphql';
import { Executor } from '../../src/graphql/compiled/executor';
import { isTooLarge } from '../../src/graphql/compiled/size';
import { prepareBare } from '../support/both-ways';

const MAX = 1_000;
const PAGES = 200;
const SDL = `type Query { pages: [Page!]! now: Page! }
  type Mutation { turn(name: String!): Page! }
  type Page { text: String! words: [String!]! number: Int! later: Page }`;

let looks: string[];

/** Pages of a hundred characters; looking behind one is noted. */
const schema = (() => {
  const made = buildSchema(SDL);
  const fields = (type: string) => (made.getType(type) as GraphQLObjectType).getFields();
  const page = () => ({ text: 'é'.repeat(100), words: ['a'.repeat(50), 'b'.repeat(50)], number: 7 });
  const set = (type: string, name: string, resolve: (...args: never[]) => unknown) => {
    Object.assign(fields(type)[name] ?? {}, { resolve });
  };
  set('Query', 'pages', () => Array.from({ length: PAGES }, page));
  set('Query', 'now', page);
  set('Mutation', 'turn', async (_root: unknown, { name }: { name: string }) => {
    looks.push(name);
    return page();
  });
  set('Page', 'later', async () => {
    looks.push('later');
    return page();
  });
  return made;
})();

beforeEach(() => {
  looks = [];
});

async function run(query: string, compiled = true, answerMaxBytes = MAX): Promise<ExecutionResult> {
  const executor = new Executor({ schema, compiled, fieldsKept: 10_000, answerMaxBytes });
  return executor.execute(prepareBare(schema, { query }), {});
}

const DOCUMENTS: [what: string, query: string][] = [
  ['texts', '{ pages { text } }'],
  ['texts in lists', `{ now { ${Array.from({ length: 12 }, (_, i) => `w${i}: words`).join(' ')} } }`],
  [
    'texts that come later',
    '{ now { later { later { text a: text b: text c: text d: text e: text f: text g: text h: text i: text j: text } } } }',
  ],
  ['a long name for a number', `{ pages { ${'n'.repeat(100)}: number } }`],
  ['many short names', '{ pages { a: number b: number } }'],
  ['a long name at the root', `{ ${'n'.repeat(MAX + 1)}: now { number } }`],
];

describe('an answer that is larger than it may be', () => {
  describe.each([
    ['plans', true],
    ['graphql-js', false],
  ])('by %s', (_by, compiled) => {
    it.each(DOCUMENTS)('is refused as a whole: %s', async (_what, query) => {
      const result = await run(query, compiled);
      expect(isTooLarge(result)).toBe(true);
      expect(result).not.toHaveProperty('data');
    });

    it.each(DOCUMENTS)('is what it is where it may be larger: %s', async (_what, query) => {
      const { data, errors } = await run(query, compiled, 100_000);
      expect(errors).toBeUndefined();
      // Never refused for fewer bytes than it has.
      const bytes = Buffer.byteLength(JSON.stringify({ data }));
      expect(isTooLarge(await run(query, compiled, bytes))).toBe(false);
    });
  });

  it('is not made to its end: what stands behind is not begun', async () => {
    await run('{ pages { text later { text } } }');
    expect(looks.length).toBeGreaterThan(1);
    expect(looks.length).toBeLessThanOrEqual(MAX / 100);
    looks = [];
    await run('{ pages { text later { text } } }', true, 1_000_000);
    expect(looks).toHaveLength(PAGES);
  });

  it('lets every field of a mutation run, which its sender may have meant to be done', async () => {
    const words = Array.from({ length: 12 }, (_, i) => `w${i}: text`).join(' ');
    const result = await run(`mutation { a: turn(name: "a") { ${words} } b: turn(name: "b") { text } }`);
    expect(isTooLarge(result)).toBe(true);
    expect(looks).toEqual(['a', 'b']);
  });
});
