import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from 'jose';
import { startTestApp, TEST_SIGNING_KEY, type TestApp } from '../support/app';

const SIGN_UP = `mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) { accessToken refreshToken viewer { user { handle } } }
}`;

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function signUp(handle: string) {
  const input = { name: handle, handle, email: `${handle}@example.com`, password: 'correct horse battery' };
  return (await app.ok(SIGN_UP, { input })).signUp;
}

function who(authorization: string) {
  return fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: '{ viewer { user { handle } } }' }),
  });
}

describe('access tokens', () => {
  const now = () => Math.floor(Date.now() / 1_000);
  let good: string;
  let refreshToken: string;
  let claims: ReturnType<typeof decodeJwt>;
  const key = createPrivateKey(TEST_SIGNING_KEY);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const otherJwk = other.publicKey.export({ format: 'jwk' });
  let kid: string | undefined;

  beforeAll(async () => {
    const made = await signUp('tokens');
    good = made.accessToken;
    refreshToken = made.refreshToken;
    claims = decodeJwt(good);
    kid = decodeProtectedHeader(good).kid;
  });

  const sign = (changes: object, header: object = {}, signer: Parameters<SignJWT['sign']>[0] = key) =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header } as JWTHeaderParameters)
      .sign(signer);

  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const publicAs = (format: 'pem' | 'der') =>
    Buffer.from(createPublicKey(key).export({ type: 'spki', format } as never));
  const publicJwk = () => JSON.stringify(createPublicKey(key).export({ format: 'jwk' }));

  it('are accepted as issued', async () => {
    expect((await who(`Bearer ${good}`)).status).toBe(200);
    expect((await who(`Bearer ${await sign({})}`)).status).toBe(200);
  });

  it('are refused once they have ended, however often they were accepted before', async () => {
    const token = await sign({ exp: now() + 60 });
    for (let i = 0; i < 3; i += 1) expect((await who(`Bearer ${token}`)).status).toBe(200);
    const clock = Date.now.bind(Date);
    const later = jest.spyOn(Date, 'now').mockImplementation(() => clock() + 61_000);
    expect((await who(`Bearer ${token}`)).status).toBe(401);
    later.mockRestore();
  });

  it('are checked again when anything in them differs from one that was accepted', async () => {
    const token = await sign({});
    for (let i = 0; i < 2; i += 1) expect((await who(`Bearer ${token}`)).status).toBe(200);
    const [head, body, signature = ''] = token.split('.');
    const altered = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    expect((await who(`Bearer ${head}.${body}.${altered}`)).status).toBe(401);
    expect((await who(`Bearer ${head}.${encoded({ ...claims, sub: 'user_x' })}.${signature}`)).status).toBe(401);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['of alg none', () => new UnsecuredJWT({ ...claims }).encode()],
    [
      'of alg none under the name of a key',
      () => `${encoded({ alg: 'none', typ: 'at+jwt', kid })}.${good.split('.')[1]}.`,
    ],
    ['signed with HS256 and the public key as PEM', () => sign({}, { alg: 'HS256' }, Buffer.from(publicAs('pem')))],
    ['signed with HS256 and the public key as DER', () => sign({}, { alg: 'HS256' }, publicAs('der'))],
    ['signed with HS256 and the public key as JWK', () => sign({}, { alg: 'HS256' }, Buffer.from(publicJwk()))],
    ['signed by another key', () => sign({}, {}, other.privateKey)],
    ['that brings its own key', () => sign({}, { jwk: otherJwk }, other.privateKey)],
    ['that brings its own key and no name of one', () => sign({}, { jwk: otherJwk, kid: undefined }, other.privateKey)],
    ['that says where its key is', () => sign({}, { jku: `${app.url}/keys`, kid: 'theirs' }, other.privateKey)],
    ['that says where its certificate is', () => sign({}, { x5u: `${app.url}/cert`, kid: 'theirs' }, other.privateKey)],
    ['that brings a certificate', () => sign({}, { x5c: ['MIIB'] }, other.privateKey)],
    ['of a key that nobody knows', () => sign({}, { kid: 'nobody' })],
    ['of a key without a name', () => sign({}, { kid: undefined })],
    ['of another type', () => sign({}, { typ: 'JWT' })],
    ['of no type', () => sign({}, { typ: undefined })],
    ['that is an id token', () => sign({ aud: 'demo', nonce: 'n' }, { typ: 'JWT' })],
    ['that is a proof of possession', () => sign({ htm: 'POST', htu: `${app.url}/graphql` }, { typ: 'dpop+jwt' })],
    ['that is a refresh token', () => refreshToken],
    ['of another issuer', () => sign({ iss: 'https://evil.example' })],
    ['of no issuer', () => sign({ iss: undefined })],
    ['for another audience', () => sign({ aud: 'somebody-else' })],
    ['for no audience', () => sign({ aud: undefined })],
    ['that has ended', () => sign({ exp: now() - 1 })],
    ['from when tokens lived longer than now', () => sign({ iat: now() - 601, exp: now() + 3_000 })],
    ['without an end', () => sign({ exp: undefined })],
    ['issued in the future', () => sign({ iat: now() + 3_600, exp: now() + 7_200 })],
    ['of no time', () => sign({ iat: undefined })],
    ['that begins in the future', () => sign({ nbf: now() + 3_600 })],
    ['without a session', () => sign({ sid: undefined })],
    ['whose session is none', () => sign({ sid: String(claims['sub']) })],
    ['without a subject', () => sign({ sub: undefined })],
    ['whose subject is no user', () => sign({ sub: String(claims['sid']) })],
    ['that was altered', () => `${good.slice(0, -4)}AAAA`],
    ['that is no token', () => 'nonsense'],
  ])('%s are refused', async (_name, make) => {
    const answer = await who(`Bearer ${await make()}`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  it.each(['Basic abc', 'Bearer', 'Bearer a b', ''])('are not read from the header %j', async (header) => {
    const answer = await who(header);
    expect(answer.status).toBe(401);
  });

  it('of an ended session cannot write any more', async () => {
    const { accessToken, viewer } = await signUp('ended');
    await app.sql.query(
      'UPDATE sessions SET revoked_at = now() WHERE user_id = (SELECT id FROM users WHERE handle = $1)',
      [viewer.user.handle],
    );
    const person = { uuid: '', id: '', handle: 'ended', token: accessToken };
    const answer = await app.query('mutation { createPost(input: { text: "x" }) { replayed } }', {}, person);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});
