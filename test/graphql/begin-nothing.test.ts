import { type ExecutionResult, execute, type GraphQLSchema, parse } from 'graphql';
import { nobody } from '../../src/graphql/caller';
import { RequestContext } from '../../src/graphql/context';
import { ClientGone, Deadline } from '../../src/graphql/deadline';
import { BadInput } from '../../src/kernel/errors';
import { composeSchema, NO_DATABASE } from '../support/bare-schema';

/** Reached, each of these fields fails for its argument before it looks for a row, so that no statement is stopped in its place. */
const READS = ['node(id: "x") { id }', 'nodes(ids: ["x"]) { id }', 'post(id: "x") { id }', 'user(id: "x") { id }'];
/** Refused for its input before anything is looked up or hashed. */
const SIGN_UP = 'signUp(input: { email: "-", handle: "-", name: "", password: "short" })';

let schema: GraphQLSchema;
let deadline: Deadline;

beforeAll(async () => {
  schema = await composeSchema();
});
beforeEach(() => {
  deadline = new Deadline(60_000);
});
afterEach(() => deadline.clear());

const run = (document: string) =>
  execute({
    schema,
    document: parse(document),
    contextValue: new RequestContext(NO_DATABASE, nobody('request'), deadline),
  });

/** What the resolvers threw, by the path of the field. */
const thrown = ({ errors = [] }: ExecutionResult) =>
  errors.map(({ path, originalError }) => [path?.join('.'), originalError?.constructor]);

describe('an operation that is over', () => {
  it.each(READS)('begins no field that can start work: %s', async (field) => {
    const [name] = field.split('(');
    expect(thrown(await run(`{ ${field} }`))).toEqual([[name, BadInput]]);
    deadline.abandon();
    expect(thrown(await run(`{ ${field} }`))).toEqual([[name, ClientGone]]);
  });

  it('begins no further mutation, and no field below the one that it has begun', async () => {
    const document = `mutation { begun: ${SIGN_UP} { userErrors { code } query { node(id: "x") { id } } }
      next: ${SIGN_UP} { userErrors { code } } }`;
    // Mutations run one after the other, the first of them at once.
    const answer = run(document);
    deadline.abandon();
    const result = await answer;
    expect(thrown(result)).toEqual([
      ['begun.query.node', ClientGone],
      ['next', ClientGone],
    ]);
  });

  it('still shows what it has read: fields without arguments or cost are left alone', async () => {
    const answer = run(`mutation { begun: ${SIGN_UP} { replayed userErrors { code path } } }`);
    deadline.abandon();
    const { data, errors } = await answer;
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      begun: { userErrors: expect.arrayContaining([{ code: 'INVALID', path: expect.anything() }]) },
    });
  });
});
