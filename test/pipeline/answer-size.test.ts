import { startTestApp, type TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';
import { people, publish } from '../support/verbs';
import { codeOf, send } from './asking';

const READ = 'query Read($id: ID!) { post(id: $id) { text } }';

describe('an answer larger than RESPONSE_MAX_BYTES', () => {
  let narrow: TestApp;
  let short: string;
  let long: string;
  beforeAll(async () => {
    const env = { RESPONSE_MAX_BYTES: '1024', JOBS_CONCURRENCY: '0' };
    narrow = await startTestApp({ env });
    const { ada } = await people(narrow, 'ada');
    short = await publish(narrow, ada);
    long = await publish(narrow, ada, 'é'.repeat(600));
  });
  afterAll(() => narrow.close());

  it('is given up before it is whole, and paid for as a whole', async () => {
    const document = (name: string, texts: string) =>
      `query ${name}($id: ID!) { post(id: $id) { ${texts} author { handle posts(first: 5) { nodes { id } } } } }`;
    const client = new RawClient(narrow.url);
    const payload = { query: document('Over', 'a: text b: text'), variables: { id: long } };
    const refused = await send(narrow, payload);
    expect([refused.status, codeOf(refused.body)]).toEqual([413, 'RESPONSE_TOO_LARGE']);
    await client.socket([JSON.stringify({ id: '1', type: 'subscribe', payload })], null, true);
    client.close();
    const within = await send(narrow, { query: document('Within', 'id'), variables: { id: long } });
    const { requested, actual } = within.body.extensions.cost;
    expect(actual).toBeLessThan(requested);
    const lines = narrow.log.filter((line) => line['operation'] === 'Over');
    expect(lines.map(({ transport }) => transport)).toEqual(['http', 'websocket']);
    for (const line of lines) expect(line['units']).toBeGreaterThanOrEqual(requested);
    // By graphql-js it is measured when it is there.
    if (process.env['COMPILED_EXECUTION'] === 'off') return;
    for (const line of lines) expect(line['statements']).toBeLessThan(narrow.statementsOf('Within'));
  });

  it('is refused over POST, WebSocket and event stream with the same code; a smaller one passes', async () => {
    const client = new RawClient(narrow.url);
    for (const [id, code] of [
      [short, undefined],
      [long, 'RESPONSE_TOO_LARGE'],
    ] as const) {
      const payload = { query: READ, variables: { id } };
      const posted = await send(narrow, payload);
      expect(codeOf(posted.body)).toBe(code);
      const socketed = await client.socket([JSON.stringify({ id: '1', type: 'subscribe', payload })], null, true);
      const streamed = await client.stream(JSON.stringify(payload), null, true);
      for (const { result } of [socketed, streamed] as { result: { data: unknown } }[]) {
        expect(codeOf(result)).toBe(code);
        expect(JSON.stringify(result).length).toBeLessThan(1_024);
      }
    }
    client.close();
  });
});
