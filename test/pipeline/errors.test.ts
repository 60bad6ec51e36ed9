import { readFileSync } from 'node:fs';
import path from 'node:path';
import { GraphQLError } from 'graphql';
import { presentError } from '../../src/graphql/errors';
import { ERROR_CODES } from '../../src/kernel/error-codes';
import { createLog } from '../../src/platform/telemetry/log';
import { type LogLine, startTestApp, type TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';
import { PROJECT_ROOT, readSourceTree } from '../support/source-tree';
import { codeOf, send } from './asking';

const CATALOGUE = Object.keys(ERROR_CODES);
/** Of pino. */
const LEVEL_ERROR = 50;
/** Where a code of a top-level error is written out in the sources. */
const WRITTEN = [
  /refuseRequest\(\s*'([A-Z_]+)'/g,
  /extensions: \{ code: '([A-Z_]+)'/g,
  /super\(\s*'([A-Z_]+)'/g,
  /\d{3}: '([A-Z_]+)'/g,
  /code = [^;\n]*'([A-Z_]+)'/g,
];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ env: { JOBS_CONCURRENCY: '0' } });
});
afterAll(() => app.close());

describe('the catalogue of error codes', () => {
  it('has every code that the sources write out', () => {
    const written = new Set<string>();
    // Below `embedded` stand errors that a terminal shows, none that a client sees.
    for (const { text } of readSourceTree(['src/kernel', 'src/graphql', 'src/modules', 'src/platform/http'])) {
      for (const pattern of WRITTEN) for (const [, code] of text.matchAll(pattern)) written.add(code as string);
    }
    expect(written.size).toBeGreaterThan(12);
    expect([...written].filter((code) => !CATALOGUE.includes(code))).toEqual([]);
  });

  it('has no code that the sources do not know', () => {
    const texts = readSourceTree(['src']).filter((file) => !file.path.endsWith('error-codes.ts'));
    const unused = CATALOGUE.filter((code) => !texts.some(({ text }) => text.includes(`'${code}'`)));
    expect(unused).toEqual([]);
  });

  it('stands in the README, each code with its meaning and whether to retry', () => {
    const readme = readFileSync(path.join(PROJECT_ROOT, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| ([^|]+?) \| ([^|]+?) \|$/gm)]
      .filter(([, code]) => CATALOGUE.includes(code as string))
      .map(([, code, meaning, retry]) => [code, { meaning: plain(meaning), retry }]);
    const entries = Object.entries(ERROR_CODES);
    const expected = entries.map(([code, { meaning, retry }]) => [code, { meaning: plain(meaning), retry }]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected));
  });

  it('is served as JSON', async () => {
    const response = await fetch(`${app.url}/errors.json`);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600');
    expect(await response.json()).toEqual(ERROR_CODES);
  });

  it.each<[string, () => Promise<Response>]>([
    ['a route that is not there', () => fetch(`${app.url}/nowhere`)],
    ['a body that is no JSON', () => post('{', 'application/json')],
    ['a body of another type', () => post('a=b', 'application/x-www-form-urlencoded')],
    ['a body that is too large', () => post(`{"query":"${'x'.repeat(200_000)}"}`, 'application/json')],
    ['a poisoned body', () => post('{"__proto__": {"a": 1}}', 'application/json')],
    ['an empty body', () => post('', 'application/json')],
  ])('has the code of what HTTP refuses below GraphQL, in the shape of GraphQL: %s', async (_what, ask) => {
    const response = await ask();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect(errors[0]?.message).toEqual(expect.any(String));
    expect(CATALOGUE).toContain(errors[0]?.extensions.code);
  });
});

/** A meaning without what a table sets it in. */
const plain = (meaning = '') => meaning.replaceAll('`', '').replace(/\.$/, '');

function post(body: string, type: string): Promise<Response> {
  return fetch(`${app.url}/graphql`, { method: 'POST', headers: { 'content-type': type }, body });
}

describe('an error that nobody expected', () => {
  const SECRET = 'relation "secret_table" does not exist';

  it('is masked, with an id that its log line carries, over every transport', async () => {
    const client = new RawClient(app.url);
    await app.sql.query('ALTER TABLE posts RENAME TO secret_table');
    const payload = { query: 'query Broken($id: ID!) { post(id: $id) { text } }', variables: { id: ID } };
    const posted = await send(app, payload);
    const message = JSON.stringify({ id: '1', type: 'subscribe', payload });
    const socketed = (await client.socket([message], null, true)) as { result: unknown };
    const streamed = (await client.stream(JSON.stringify(payload), null, true)) as { result: unknown };
    await app.sql.query('ALTER TABLE secret_table RENAME TO posts');
    for (const result of [posted.body, socketed.result, streamed.result]) {
      expect(codeOf(result)).toBe('INTERNAL');
      const { errorId } = result.errors[0].extensions;
      expect(result.errors[0].message).toBe(`Something went wrong here. Report id: ${errorId}.`);
      expect(JSON.stringify(result)).not.toMatch(/posts"|relation|secret|SELECT/);
      expect(app.log.filter((line) => line['errorId'] === errorId)).toMatchObject([
        { level: LEVEL_ERROR, err: { message: expect.stringContaining('relation "posts" does not exist') } },
      ]);
    }
    client.close();
  });

  it('beside a write leaves it done, and done once', async () => {
    const ada = await app.person('ada');
    const query =
      'mutation { createPost(input: { text: "once" }) { postEdge { node { comments(first: 1) { nodes { id } } } } } }';
    await app.sql.query('ALTER TABLE comments RENAME TO secret_table');
    const { body } = await send(app, { query }, { as: ada });
    await app.sql.query('ALTER TABLE secret_table RENAME TO comments');
    expect(codeOf(body)).toBe('INTERNAL');
    const { rows } = await app.sql.query(`SELECT count(*)::integer AS posts FROM posts WHERE text = 'once'`);
    expect(rows).toEqual([{ posts: 1 }]);
  });

  it('is masked whatever code it claims to have', () => {
    const lines: LogLine[] = [];
    const log = createLog({
      level: 'debug',
      format: 'json',
      destination: { write: (line) => lines.push(JSON.parse(line)) },
    });
    for (const claimed of ['INTERNAL_SERVER_ERROR', 'SECRET', undefined]) {
      const error = new GraphQLError(SECRET, { path: ['post'], extensions: { code: claimed, detail: SECRET } });
      const shown = presentError(error, log);
      expect(JSON.stringify(shown)).not.toContain('secret');
      expect(shown.extensions).toEqual({ code: 'INTERNAL', errorId: lines.at(-1)?.['errorId'] });
    }
  });
});

const ID = 'post_01h455vb4pex5vsknk084sn02q';
