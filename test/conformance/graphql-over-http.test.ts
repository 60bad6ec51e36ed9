import { type AuditResult, auditServer, serverAudits } from 'graphql-http';
import { startTestApp, type TestApp } from '../support/app';

/** How many audits graphql-http has; another number means another version, to be read before it is believed. */
const AUDITS = 61;
/**
 * A GET that no browser had to ask for first is refused (CSRF). Everything else about the requests is left as the
 * audits make them.
 */
const PREFLIGHTED = { 'apollo-require-preflight': 'true' };
/** A name in a document that asks for the schema. */
const INTROSPECTS = /\b__(?:schema|type)\b/;
/** Asks for the schema as well, but looks at nothing of the answer besides its status: 200, as for all that is well-formed. */
const SATISFIED_BY_A_REFUSAL = ['BF61'];
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

function preflighted(input: string, init: RequestInit = {}): Promise<Response> {
  const method = init.method ?? 'GET';
  const headers = { ...(method === 'GET' && PREFLIGHTED), ...(init.headers as Record<string, string>) };
  return fetch(input, { ...init, headers });
}

const audit = ({ url }: TestApp): Promise<AuditResult[]> =>
  auditServer({ url: `${url}/graphql`, fetchFn: preflighted });

/** The ids of the audits that ask for the schema, by what they send. */
async function introspecting({ url }: TestApp): Promise<string[]> {
  let sent = '';
  const fetchFn = (input: string, init: RequestInit = {}) => {
    sent += `${new URL(input).searchParams.get('query')}\n${init.body}\n`;
    return preflighted(input, init);
  };
  const ids: string[] = [];
  for (const { id, fn } of serverAudits({ url: `${url}/graphql`, fetchFn })) {
    sent = '';
    await fn();
    if (INTROSPECTS.test(sent)) ids.push(id);
  }
  return ids;
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
    expect([...failed, ...SATISFIED_BY_A_REFUSAL].sort()).toEqual((await introspecting(hidden)).sort());
  });
});
