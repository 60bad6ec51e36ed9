import { type AuditResult, auditServer } from 'graphql-http';
import { startTestApp, type TestApp } from '../support/app';

/** How many audits graphql-http has; another number means another version, to be read before it is believed. */
const AUDITS = 61;
/**
 * A GET that no browser had to ask for first is refused (CSRF). Everything else about the requests is left as the
 * audits make them.
 */
const PREFLIGHTED = { 'apollo-require-preflight': 'true' };
/** Variables as a map, by POST, and as JSON text, by GET: asked of `__type`, each in both media types. */
const INTROSPECTING = ['2EA1', '28B9', 'D6D5', '6A70'];
const ID_LENGTH = 4;

let app: TestApp;
let hidden: TestApp;

beforeAll(async () => {
  app = await startTestApp();
  hidden = await startTestApp({ env: { INTROSPECTION: 'off' }, databaseUrl: app.databaseUrl });
});
afterAll(async () => {
  await hidden.close();
  await app.close();
});

function audit({ url }: TestApp): Promise<AuditResult[]> {
  const fetchFn = (input: string, init: RequestInit = {}) => {
    const method = init.method ?? 'GET';
    const headers = { ...(method === 'GET' && PREFLIGHTED), ...(init.headers as Record<string, string>) };
    return fetch(input, { ...init, headers });
  };
  return auditServer({ url: `${url}/graphql`, fetchFn });
}

function failuresOf(results: readonly AuditResult[]): string[] {
  return results.flatMap((each) => (each.status === 'ok' ? [] : [`${each.id} ${each.name}: ${each.reason}`]));
}

describe('GraphQL over HTTP', () => {
  it('passes every audit of graphql-http, those of SHOULD and MAY as well', async () => {
    const results = await audit(app);
    expect(failuresOf(results)).toEqual([]);
    expect(results).toHaveLength(AUDITS);
  });

  it('differs, where introspection is off, in nothing but the audits that introspect', async () => {
    const failed = failuresOf(await audit(hidden)).map((failure) => failure.slice(0, ID_LENGTH));
    expect(failed.sort()).toEqual([...INTROSPECTING].sort());
  });
});
