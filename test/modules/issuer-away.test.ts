import { setTimeout as delay } from 'node:timers/promises';
import { startTestApp, type TestApp } from '../support/app';
import { SIGN_IN } from '../support/issuers';
import { APP_CLIENT, newKey, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer';
import { type ScriptedIssuer, sign, startScriptedIssuer } from '../support/scripted-issuer';

const API = 'https://api.example';
const TRIES = 40;
const PAUSE_MS = 250;

let provider: OidcIssuer;
let liar: ScriptedIssuer;
let app: TestApp;

beforeAll(async () => {
  [provider, liar] = await Promise.all([startOidcIssuer(), startScriptedIssuer()]);
  liar.discovery = { issuer: 'https://somebody.example' };
  const issuers = [
    { issuer: provider.url, audiences: [APP_CLIENT], keysCooldownSeconds: 1, accessTokens: { audiences: [API] } },
    { issuer: liar.url, name: 'liar', audiences: [APP_CLIENT] },
    { issuer: 'http://127.0.0.1:1', name: 'nowhere', audiences: [APP_CLIENT], accessTokens: { audiences: [API] } },
  ];
  app = await startTestApp({ env: { OIDC_ISSUERS: JSON.stringify(issuers) } });
});
afterAll(async () => {
  await app.close();
  await Promise.all([provider.stop(), liar.close()]);
});

/** Signs in by a token; 'signed in', or the code of what came instead. */
async function outcomeOf(idToken: string): Promise<string> {
  const answer = await app.query(SIGN_IN, { input: { idToken, name: 'Somebody' } });
  const payload = answer.data?.signInWithIdToken;
  return answer.errors?.[0]?.extensions.code ?? payload.userErrors[0]?.code ?? 'signed in';
}

const forge = (key = provider.key) => sign(provider.url, key, 'ada');

describe('an issuer', () => {
  it('may change its keys: tokens by the new ones are taken, and no more those by the old', async () => {
    const old = provider.key;
    expect(await outcomeOf((await provider.signIn('ada')).idToken)).toBe('signed in');
    await provider.stop();
    await provider.start({ rotate: true });
    // Keys are fetched for a stranger's token no oftener than the cooldown allows, so it may take that long.
    const { idToken } = await provider.signIn('ada');
    const outcomes = await outcomesUntil('signed in', () => idToken);
    expect(outcomes).toContain('signed in');
    expect(await outcomeOf(await forge(old))).toBe('INVALID_CREDENTIALS');
  });

  it('may go away and come back: tokens by keys known are taken, others are to be sent again', async () => {
    expect(await outcomeOf(await forge())).toBe('signed in');
    await provider.stop();
    expect(await outcomeOf(await forge())).toBe('signed in');
    const unknown = await newKey();
    const outcomes = await outcomesUntil('SERVICE_UNAVAILABLE', () => forge(unknown));
    expect(outcomes).toContain('SERVICE_UNAVAILABLE');
    await provider.start();
    expect(await outcomesUntil('INVALID_CREDENTIALS', () => forge(unknown))).toContain('INVALID_CREDENTIALS');
    expect(await outcomeOf(await forge())).toBe('signed in');
  });

  it('that cannot be reached, or is not the one that it says, is no reason not to start, nor a fault of a token', async () => {
    expect(await outcomeOf(await sign('http://127.0.0.1:1', provider.key, 'ada'))).toBe('SERVICE_UNAVAILABLE');
    expect(await outcomeOf(await liar.sign('ada'))).toBe('SERVICE_UNAVAILABLE');
    const token = await sign('http://127.0.0.1:1', provider.key, 'ada', { aud: API }, { typ: 'at+jwt' });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query: '{ viewer { id } }' });
    const answer = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] },
    ]);
    const accept = { ...headers, accept: 'text/event-stream' };
    const stream = await fetch(`${app.url}/graphql/stream`, { method: 'POST', headers: accept, body });
    expect(stream.status).toBe(503);
    const faults = app.log.filter(({ msg }) => msg === 'the keys of an issuer could not be fetched');
    expect(faults.map((line) => line['issuer'])).toEqual(expect.arrayContaining(['nowhere', 'liar']));
  });
});

/** What comes of it, tried again until it is what is wanted. */
async function outcomesUntil(wanted: string, make: () => string | Promise<string>): Promise<string[]> {
  const outcomes: string[] = [];
  for (let n = 0; n < TRIES && !outcomes.includes(wanted); n += 1) {
    if (n > 0) await delay(PAUSE_MS);
    outcomes.push(await outcomeOf(await make()));
  }
  return outcomes;
}
