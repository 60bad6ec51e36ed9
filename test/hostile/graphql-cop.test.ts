import { startTestApp, type TestApp } from '../support/app';

/**
 * The probes of graphql-cop (https://github.com/dolevf/graphql-cop), each as it judges: it has found something when
 * the answer looks like that of a vulnerable server. Here every one must find nothing.
 */

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message?: string }[];
}

const PATHS = [
  '/',
  '/graphql',
  '/graphiql',
  '/playground',
  '/altair',
  '/console',
  '/api',
  '/v1/graphql',
  '/graphql/console',
];
const TYPENAME = 'query cop { __typename }';

let app: TestApp;
beforeAll(async () => {
  // A production build differs from a test in where its stores and secrets are; these are its defaults for strangers.
  app = await startTestApp({ env: { INTROSPECTION: 'off', PLAYGROUND: 'off' } });
});
afterAll(() => app.close());

async function request(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(app.url + path, init);
  const text = await response.text();
  const body = /^[[{]/.test(text) ? JSON.parse(text) : {};
  return {
    ...(Array.isArray(body) ? { data: { batch: body } } : body),
    status: response.status,
    headers: response.headers,
    text,
  };
}

function post(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const type = { 'content-type': 'application/json', ...headers };
  return request('/graphql', {
    method: 'POST',
    headers: type,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('graphql-cop finds no', () => {
  it('alias overloading', async () => {
    const aliases = Array.from({ length: 101 }, (_, i) => `alias${i}:__typename`).join(' \n');
    const { data, errors } = await post({ query: `query cop { ${aliases} }`, operationName: 'cop' });
    expect({ data, refused: errors?.length }).toEqual({ data: undefined, refused: 1 });
  });

  it('array-based batching', async () => {
    const { status, data } = await post(Array.from({ length: 10 }, () => ({ query: TYPENAME, operationName: 'cop' })));
    expect({ status, data }).toEqual({ status: 400, data: undefined });
  });

  it('directive overloading', async () => {
    for (const count of [10, 60]) {
      const { data, errors } = await post({
        query: `query cop { __typename ${'@aa'.repeat(count)} }`,
        operationName: 'cop',
      });
      expect(data).toBeUndefined();
      expect(errors?.length).toBeLessThan(10);
    }
  });

  it('circular introspection, nor any other', async () => {
    const circular =
      'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }';
    for (const query of [
      circular,
      'query cop { __schema { types { name } } }',
      'query { __type(name: "User") { name } }',
    ]) {
      const { data, text } = await post({ query });
      expect(data).toBeUndefined();
      expect(text).not.toMatch(/"types"|"fields"/);
    }
  });

  it('field duplication', async () => {
    const { data, errors } = await post({
      query: `query cop { ${'__typename \n'.repeat(500)} }`,
      operationName: 'cop',
    });
    expect({ data, refused: errors?.length }).toEqual({ data: undefined, refused: 1 });
  });

  it('field suggestions', async () => {
    for (const query of [
      'query cop { __schema { directive } }',
      '{ viewr { id } }',
      '{ viewer { user { handel } } }',
    ]) {
      const { text } = await post({ query });
      expect(text).toContain('errors');
      expect(text).not.toMatch(/did you mean/i);
    }
  });

  it.each(PATHS)('GraphQL IDE at %s', async (path) => {
    const { status, text, headers } = await request(path, { headers: { accept: 'text/html' } });
    expect(text).not.toMatch(/GraphiQL|GraphQL Playground|Altair|<html|<script/);
    expect(headers.get('content-type')).not.toContain('text/html');
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it('queries by GET without protection from forged requests', async () => {
    const { data, status } = await request(`/graphql?query=${encodeURIComponent(TYPENAME)}`, {});
    expect({ status, data }).toEqual({ status: 400, data: undefined });
  });

  it('mutations by GET', async () => {
    const headers = { 'apollo-require-preflight': '1' };
    for (const query of [
      'mutation cop { __typename }',
      'mutation { signIn(input: { login: "a", password: "b" }) { replayed } }',
    ]) {
      for (const init of [{}, { headers }]) {
        const { data, status } = await request(`/graphql?query=${encodeURIComponent(query)}`, init);
        expect(data).toBeUndefined();
        expect(status).toBe(init === undefined || !('headers' in init) ? 400 : 405);
      }
    }
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'queries by POST as %s',
    async (type) => {
      const form = new URLSearchParams({ query: TYPENAME }).toString();
      for (const body of [form, JSON.stringify({ query: TYPENAME })]) {
        const { data, status } = await post(body, { 'content-type': type });
        expect({ status, data }).toEqual({ status: 415, data: undefined });
      }
    },
  );

  it('tracing or debug mode', async () => {
    const answers = [
      await post({ query: TYPENAME, operationName: 'cop' }),
      await post(
        { query: TYPENAME },
        { 'apollo-tracing': '1', 'x-apollo-tracing': '1', 'apollo-federation-include-trace': 'ftv1' },
      ),
      await post({ query: 'query cop { cop_not_there }' }),
      await post('{'),
    ];
    for (const { text, headers } of answers) {
      expect(text).not.toMatch(/tracing|ftv1|stacktrace|exception|debug|node_modules|\.ts:|\.js:/i);
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('unhandled error', async () => {
    const answers = [
      await request('/graphql', { method: 'POST' }),
      await post('abc'),
      await post({ abc: 'cop' }),
      await post({ query: 'qwerty cop { abc }' }),
      await post({ query: '{ node(id: "\\u0000") { id } }' }),
      await request('/graphql?query=%ff', { headers: { 'apollo-require-preflight': '1' } }),
    ];
    for (const { status, text } of answers) {
      expect(status).toBeLessThan(500);
      expect(text).toContain('"errors"');
      expect(text).not.toMatch(/exception|stack|INTERNAL/i);
    }
  });
});
