import { createPublicKey } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { startTestApp, type TestApp } from '../support/app';
import { auditedBy, link, personOf, signInBy, unlink } from '../support/issuers';
import { APP_CLIENT, newKey, type OidcIssuer, OTHER_CLIENT, startOidcIssuer } from '../support/oidc-issuer';
import { type ScriptedIssuer, sign, startScriptedIssuer } from '../support/scripted-issuer';

const SECOND_CLIENT = 'portico-app-for-tv';
const PARTNER = 'a-partner';

let provider: OidcIssuer;
let scripted: ScriptedIssuer;
let strict: ScriptedIssuer;
let app: TestApp;

beforeAll(async () => {
  [provider, scripted, strict] = await Promise.all([startOidcIssuer(), startScriptedIssuer(), startScriptedIssuer()]);
  strict.key = { ...(await exportJWK((await rsaKey()).privateKey)), kid: 'rsa', alg: 'RS256' };
  strict.moreKeys = [await newKey()];
  const issuers = [
    { issuer: provider.url, name: 'provider', audiences: [APP_CLIENT, SECOND_CLIENT], authorizedParties: [PARTNER] },
    { issuer: scripted.url, name: 'scripted', audiences: [APP_CLIENT] },
    {
      ...{ issuer: strict.url, name: 'strict', audiences: [APP_CLIENT], algorithms: ['RS256'] },
      ...{ claims: { token_use: 'id' }, nonce: 'sha256', maxAgeSeconds: 300, createAccounts: false },
    },
  ];
  app = await startTestApp({ env: { OIDC_ISSUERS: JSON.stringify(issuers) } });
});
afterAll(async () => {
  await app.close();
  await Promise.all([provider.stop(), scripted.close(), strict.close()]);
});

const now = () => Math.floor(Date.now() / 1_000);
const rsaKey = () => generateKeyPair('RS256', { extractable: true });
/** With the key of the real issuer, so that nothing is wrong with a token but what the test makes wrong. */
const forge = (claims: object = {}, header: object = {}, key: JWK = provider.key) =>
  sign(provider.url, key, 'forged', { name: 'Forged', ...claims }, header);
const named = { name: 'Somebody' };

describe('ID tokens', () => {
  it('that are forged by these tests are good but for what is made wrong with them', async () => {
    expect((await signInBy(app, await forge())).userErrors).toEqual([]);
    expect((await signInBy(app, await forge({ aud: [APP_CLIENT, SECOND_CLIENT], azp: PARTNER }))).userErrors).toEqual(
      [],
    );
    expect((await signInBy(app, await forge({ azp: SECOND_CLIENT }, { typ: 'JWT' }))).userErrors).toEqual([]);
    const { url } = provider;
    expect((await signInBy(app, { idToken: await forge(), issuer: 'provider' })).userErrors).toEqual([]);
    expect((await signInBy(app, { idToken: await forge(), issuer: url })).userErrors).toEqual([]);
  });

  it.each<[string, () => Promise<string> | string, string]>([
    [
      'of alg none',
      () =>
        new UnsecuredJWT({
          iss: provider.url,
          sub: 'x',
          aud: APP_CLIENT,
          iat: now(),
          exp: now() + 60,
          ...named,
        }).encode(),
      'malformed|algorithm',
    ],
    ['signed with HS256 and the public key', () => hmac(), 'algorithm'],
    [
      'signed by another key of the same name',
      async () => forge({}, {}, { ...(await newKey()), kid: kid() }),
      'signature',
    ],
    ['that bring their own key', () => bringingItsKey(), 'signature'],
    ['that name a key nobody has', async () => forge({}, {}, { ...(await newKey()), kid: 'nobody' }), 'key'],
    ['that name an address of keys', async () => forge({}, { jku: `${scripted.url}/keys` }, scripted.key), 'key'],
    ['of an issuer that is not configured', async () => sign('https://evil.example', provider.key, 'x'), 'issuer'],
    ['of an issuer whose name differs by a slash', async () => sign(`${provider.url}/`, provider.key, 'x'), 'issuer'],
    ['signed by another configured issuer', async () => sign(provider.url, scripted.key, 'x'), 'key'],
    ['for somebody else', () => forge({ aud: OTHER_CLIENT }), 'audience'],
    ['for nobody', () => forge({ aud: undefined }), 'audience|claims'],
    ['for us and somebody unknown', () => forge({ aud: [APP_CLIENT, OTHER_CLIENT], azp: APP_CLIENT }), 'audience'],
    ['for several that nobody asked for', () => forge({ aud: [APP_CLIENT, SECOND_CLIENT] }), 'audience'],
    ['asked for by somebody unknown', () => forge({ azp: OTHER_CLIENT }), 'audience'],
    ['that have ended', () => forge({ iat: now() - 120, exp: now() - 60 }), 'ended'],
    ['without an end', () => forge({ exp: undefined }), 'claims'],
    ['from the future', () => forge({ iat: now() + 120, exp: now() + 600 }), 'early'],
    ['that begin in the future', () => forge({ nbf: now() + 120 }), 'early'],
    ['without a time of issue', () => forge({ iat: undefined }), 'claims'],
    ['issued too long ago', () => forge({ iat: now() - 4_000 }), 'ended'],
    ['about nobody', () => forge({ sub: undefined }), 'claims'],
    ['about the empty name', () => forge({ sub: '' }), 'claims'],
    ['about a name that is too long', () => forge({ sub: 'x'.repeat(256) }), 'claims'],
    ['about a name that no database keeps', () => forge({ sub: 'x\u0000' }), 'claims'],
    ['that are access tokens', () => forge({}, { typ: 'at+jwt' }), 'kind'],
    ['that are of another type', () => forge({}, { typ: 'logout+jwt' }), 'kind'],
    [
      'that are logout tokens',
      () => forge({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
      'kind',
    ],
    ['with another nonce', () => forge({ nonce: 'of somebody else' }), 'nonce'],
    ['that were altered', async () => altered(await forge()), 'signature'],
    ['that are no JWT', () => 'nonsense', 'malformed'],
    ['that are empty', () => '', 'malformed'],
    ['that are longer than any', async () => forge({ filler: 'x'.repeat(20_000) }), 'malformed'],
  ])('%s are refused, and the audit trail says why', async (_what, make, reason) => {
    const idToken = await make();
    const told = await auditedBy(app, async () => {
      const refused = await signInBy(app, { idToken, name: 'Nobody' });
      expect(refused).toMatchObject({
        accessToken: null,
        viewer: null,
        userErrors: [{ code: 'INVALID_CREDENTIALS', path: ['input', 'idToken'] }],
      });
    });
    expect(told).toMatchObject([{ kind: 'sign-in.refused', details: { reason: expect.stringMatching(reason) } }]);
  });

  it('really issued to another app, or as access tokens, are refused', async () => {
    const elsewhere = await provider.signIn('ada', { clientId: OTHER_CLIENT });
    expect((await signInBy(app, elsewhere.idToken)).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
    const { accessToken } = await provider.signIn('ada');
    expect((await signInBy(app, accessToken)).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
  });

  it('of another issuer than the app names are refused', async () => {
    const refused = await signInBy(app, { idToken: await forge(), issuer: 'scripted' });
    expect(refused.userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
  });

  it('are held to the algorithms, claims, age and hashed nonce of their issuer', async () => {
    const owner = await app.person('strict_owner');
    // The nonce, and what Apple has its apps send in its place.
    const nonce = 'raw nonce';
    const good = { token_use: 'id', nonce: await sha256(nonce) };
    const linking = async (claims: JWTPayload, header = {}, key = strict.key) =>
      link(app, owner, { idToken: await strict.sign('strict', claims, header, key), nonce });
    const errors = async (claims: JWTPayload, header?: object, key?: JWK) =>
      (await linking(claims, header, key)).userErrors;
    const refused = [{ code: 'INVALID_CREDENTIALS' }];
    expect(await errors({ ...good, token_use: 'access' })).toMatchObject(refused);
    expect(await errors({ nonce: good.nonce })).toMatchObject(refused);
    expect(await errors({ ...good, nonce })).toMatchObject(refused);
    expect(await errors({ ...good, nonce: await sha256('another') })).toMatchObject(refused);
    expect(await errors({ ...good, iat: now() - 400 })).toMatchObject(refused);
    expect(await errors(good, {}, strict.moreKeys[0])).toMatchObject(refused);
    expect(await errors(good)).toEqual([]);
  });
});

describe('the audit trail', () => {
  it('tells of accounts made, identities linked and given up, and refusals, and names nobody', async () => {
    const told = await auditedBy(app, async () => {
      const person = personOf(await signInBy(app, await scripted.sign('told of', { name: 'Told' })));
      await link(app, person, await scripted.sign('told of as well'));
      const { viewer } = await app.ok('{ viewer { identities { id } } }', {}, person);
      await unlink(app, person, viewer.identities[0].id);
      await signInBy(app, await scripted.sign('told of', { aud: 'another app' }));
      const unknown = { token_use: 'id', nonce: await sha256('n') };
      await signInBy(app, { idToken: await strict.sign('told of', unknown), nonce: 'n' });
    });
    const refusal = (issuer: string, reason: string) => ({ method: 'issuer', issuer, reason });
    expect(told.map(({ kind, details }) => [kind, details])).toEqual(
      expect.arrayContaining([
        ['account.created', {}],
        ['identity.linked', { issuer: 'scripted' }],
        ['session.opened', expect.objectContaining({ method: 'issuer' })],
        ['identity.unlinked', { issuer: 'scripted' }],
        ['sign-in.refused', refusal('scripted', 'audience')],
        ['sign-in.refused', refusal('strict', 'unknown')],
      ]),
    );
    expect(told).toHaveLength(7);
    expect(JSON.stringify(told)).not.toContain('told of');
  });

  it('has nothing to fear from the log: no token and no subject stands in it', async () => {
    const idToken = await scripted.sign('unlogged subject', { name: 'Unlogged', email: 'unlogged@example.com' });
    await signInBy(app, idToken);
    const log = JSON.stringify(app.log);
    for (const secret of [idToken, idToken.split('.')[1], 'unlogged']) expect(log).not.toContain(secret);
  });
});

function kid(): string {
  return String(provider.key.kid);
}

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}

function hmac(): Promise<string> {
  const { d: _, ...open } = provider.key;
  const pem = createPublicKey({ key: open as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  return new SignJWT({ iss: provider.url, sub: 'x', aud: APP_CLIENT, iat: now(), exp: now() + 60, ...named })
    .setProtectedHeader({ alg: 'HS256', kid: kid() })
    .sign(Buffer.from(pem.toString()));
}

async function bringingItsKey(): Promise<string> {
  const own = await newKey();
  const { d: _, ...jwk } = own;
  return forge({}, { jwk }, { ...own, kid: kid() });
}

function altered(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url')}.${signature}`;
}
