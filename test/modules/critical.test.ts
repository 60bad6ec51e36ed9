import { newId } from '../../src/kernel/ids';
import { startTestApp, type TestApp } from '../support/app';
import {
  type DeviceKey,
  makeKey,
  makeProof,
  PASSWORD,
  type ProofChanges,
  post,
  type SignedIn,
  sha256,
  signedOver,
  signIn,
  signUp,
} from '../support/proofs';
import { openRawSocket } from '../support/raw-socket';

const CHANGE = `mutation Change($input: ChangeEmailInput!) {
  changeEmail(input: $input) { replayed userErrors { code message } }
}`;
const CONFIRM = `mutation Confirm($input: ConfirmIdentityInput!) {
  confirmIdentity(input: $input) { userErrors { code } confirmedUntil }
}`;
const REGISTER = `mutation Register($input: RegisterDeviceInput!) {
  registerDevice(input: $input) { userErrors { code message path } device { id signingKeyThumbprint } }
}`;
const CHANGED = { input: { email: 'ada@example.org' } };

let app: TestApp;
let key: DeviceKey;
/** Signed in with a proof by `key`. */
let ada: SignedIn;
let url: string;

beforeAll(async () => {
  app = await startTestApp({ env: { MAILS_PER_HOUR: '1000' } });
  url = `${app.url}/graphql`;
  key = await makeKey();
  ada = await signUp(app, 'ada', key);
});
afterAll(() => app.close());

/** Sends it as that session does, with a proof by this key over exactly that, but for the changes. */
async function signed(
  session: SignedIn,
  by: DeviceKey | null,
  document: string,
  variables: object,
  changes: ProofChanges = {},
) {
  const { accessToken, tokenType } = session;
  const claims = { ...signedOver(accessToken, document, variables), ...changes.claims };
  const dpop = by && (await makeProof(by, url, 'POST', { ...changes, claims }));
  return post(app, document, variables, { authorization: `${tokenType} ${accessToken}`, ...(dpop && { dpop }) });
}

/** What becomes of the critical mutation: OK or a code. */
async function attempt(session: SignedIn, by: DeviceKey | null, changes: ProofChanges = {}): Promise<string> {
  const { data, errors } = await signed(session, by, CHANGE, CHANGED, changes);
  return errors?.[0]?.extensions.code ?? data.changeEmail.userErrors[0]?.code ?? 'OK';
}

async function confirm(session: SignedIn, by: DeviceKey | null, password = PASSWORD): Promise<string> {
  const { data } = await signed(session, by, CONFIRM, { input: { password } });
  return data.confirmIdentity.userErrors[0]?.code ?? 'OK';
}

async function register(session: SignedIn, by: DeviceKey | null, jwk: object = by?.jwk ?? {}) {
  const input = { appVersion: '1', platform: 'IOS', signingKeyJwk: JSON.stringify(jwk) };
  const { data, errors } = await signed(session, by, REGISTER, { input });
  if (errors) throw new Error(errors[0]?.message);
  const { userErrors, device } = data.registerDevice;
  return { code: userErrors[0]?.code ?? 'OK', key: device?.signingKeyThumbprint ?? null };
}

const lastSignIn = (minutes: number) =>
  app.sql.query(`UPDATE sessions SET authenticated_at = now() - make_interval(mins => $1)`, [minutes]);

describe('a critical mutation', () => {
  it('is done for whoever has signed in a short while ago and signs it with the same key', async () => {
    expect(await attempt(ada, key)).toBe('OK');
    const edwards = await makeKey('EdDSA');
    expect(await attempt(await signIn(app, 'ada', edwards), edwards)).toBe('OK');
  });

  it.each<[string, () => object]>([
    ['another document', () => ({ gqd: sha256(`${CHANGE} `) })],
    ['no document', () => ({ gqd: undefined })],
    ['other variables', () => ({ gqv: sha256('{"input":{"email":"ada@example.net"}}') })],
    ['no variables', () => ({ gqv: undefined })],
    ['none of the variables', () => ({ gqv: sha256('{}') })],
  ])('is refused when the proof covers %s', async (_what, claims) => {
    expect(await attempt(ada, key, { claims: claims() })).toBe('SIGNATURE_REQUIRED');
  });

  it.each<[string, () => object]>([
    ['another method', () => ({ htm: 'GET' })],
    ['another address', () => ({ htu: `${url}/stream` })],
    ['another token', () => ({ ath: sha256('another token') })],
    ['no token', () => ({ ath: undefined })],
    ['another time', () => ({ iat: Math.floor(Date.now() / 1_000) - 65 })],
    ['a time to come', () => ({ iat: Math.floor(Date.now() / 1_000) + 65 })],
  ])('is refused when the proof is for %s, with a bound token and with another one', async (_what, claims) => {
    expect(await attempt(ada, key, { claims: claims() })).toBe('UNAUTHENTICATED');
    const plain = await signIn(app, 'ada');
    expect(await confirm(plain, key)).toBe('OK');
    expect(await attempt(plain, key, { claims: claims() })).toBe('SIGNATURE_REQUIRED');
    expect(await attempt(plain, key)).toBe('OK');
  });

  it('is refused without a proof, and with a broken one, in words that tell what is missing', async () => {
    const plain = await signIn(app, 'ada');
    expect(await attempt(plain, null)).toBe('SIGNATURE_REQUIRED');
    const { data } = await post(app, CHANGE, CHANGED, { authorization: `Bearer ${plain.accessToken}` });
    expect(data.changeEmail.userErrors[0].message).toContain('gqd');
    const broken = { authorization: `Bearer ${plain.accessToken}`, dpop: 'nonsense' };
    const refused = (await post(app, CHANGE, CHANGED, broken)).data.changeEmail.userErrors[0];
    expect(refused).toMatchObject({ code: 'SIGNATURE_REQUIRED', message: expect.stringContaining('no JWT') });
    const { rows } = await app.sql.query(
      `SELECT FROM audit_events WHERE kind = 'proof.refused' AND session_id IS NOT NULL`,
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('needs another proof each time, also when it is sent again with the same key of its own', async () => {
    const plain = await signIn(app, 'ada');
    await confirm(plain, key);
    const again = { input: { clientMutationId: newId(), email: 'ada@example.org' } };
    const claims = { jti: newId() };
    const send = async (changes?: ProofChanges) => (await signed(plain, key, CHANGE, again, changes)).data.changeEmail;
    expect(await send({ claims })).toMatchObject({ userErrors: [], replayed: false });
    expect(await send({ claims })).toMatchObject({ userErrors: [{ code: 'SIGNATURE_REQUIRED' }] });
    expect(await send()).toMatchObject({ userErrors: [], replayed: true });
  });

  it('may stand several times in one document, under one proof', async () => {
    const twice = `mutation { one: changeEmail(input: { email: "one@example.org" }) { userErrors { code } }
      two: changeEmail(input: { email: "two@example.org" }) { userErrors { code } } }`;
    const plain = await signIn(app, 'ada');
    await confirm(plain, key);
    for (const session of [ada, plain]) {
      const { data } = await signed(session, key, twice, {});
      expect(data).toEqual({ one: { userErrors: [] }, two: { userErrors: [] } });
    }
  });

  it('is named in the proof where a document holds several operations', async () => {
    const several = `mutation A { changeEmail(input: { email: "a@example.org" }) { userErrors { code } } }
      mutation B { changeEmail(input: { email: "b@example.org" }) { userErrors { code } } }`;
    const send = async (gqo?: string) => {
      const claims = { ...signedOver(ada.accessToken, several), ...(gqo !== undefined && { gqo }) };
      const headers = { authorization: `DPoP ${ada.accessToken}`, dpop: await makeProof(key, url, 'POST', { claims }) };
      const { data } = await post(app, several, {}, headers, { operationName: 'A' });
      return data.changeEmail.userErrors[0]?.code ?? 'OK';
    };
    expect([await send(), await send('B'), await send('A')]).toEqual([
      'SIGNATURE_REQUIRED',
      'SIGNATURE_REQUIRED',
      'OK',
    ]);
  });

  it('covers the variables as canonical JSON, in whatever order they are sent', async () => {
    const input = { password: null, email: 'ada@b\u00fccher.example', clientMutationId: newId() };
    const { clientMutationId: id } = input;
    const canonical = `{"input":{"clientMutationId":"${id}","email":"ada@b\u00fccher.example","password":null}}`;
    const { data } = await signed(ada, key, CHANGE, { input }, { claims: { gqv: sha256(canonical) } });
    expect(data.changeEmail.userErrors[0]?.code ?? 'OK').not.toBe('SIGNATURE_REQUIRED');
  });

  it('is not taken over a WebSocket, where no request stands for one operation', async () => {
    const claims = { ath: sha256(ada.accessToken) };
    const dpop = await makeProof(key, url, 'GET', { claims });
    // As much as a handshake could prove.
    const handshake = { ...signedOver(ada.accessToken, CHANGE, CHANGED), ath: undefined };
    const headers = { dpop: await makeProof(key, url, 'GET', { claims: handshake }) };
    const socket = await openRawSocket(app, undefined, { headers }, { authorization: `DPoP ${ada.accessToken}`, dpop });
    socket.subscribe('1', CHANGE, CHANGED);
    const answer = await socket.hear('an answer', ({ type }) => type === 'next');
    expect(answer.payload.data.changeEmail.userErrors).toMatchObject([
      { code: 'SIGNATURE_REQUIRED', message: expect.stringContaining('by POST') },
    ]);
    socket.socket.close();
  });

  it('is answered like everything else when the session has ended', async () => {
    const gone = await signIn(app, 'ada', key);
    await app.sql.query('UPDATE sessions SET revoked_at = now() WHERE id = (SELECT max(id::text)::uuid FROM sessions)');
    expect(await attempt(gone, key)).toBe('UNAUTHENTICATED');
  });
});

describe('a recent sign-in', () => {
  it('is asked for when the last one is long ago, and confirmIdentity is one', async () => {
    const session = await signIn(app, 'ada', key);
    await lastSignIn(11);
    expect(await attempt(session, key)).toBe('STEP_UP_REQUIRED');
    expect(await confirm(session, key, 'not the password')).toBe('INVALID_CREDENTIALS');
    expect(await attempt(session, key)).toBe('STEP_UP_REQUIRED');
    expect(await confirm(session, key)).toBe('OK');
    expect(await attempt(session, key)).toBe('OK');
  });

  it('is of one session only', async () => {
    const [one, two] = [await signIn(app, 'ada', key), await signIn(app, 'ada', key)];
    await lastSignIn(11);
    await confirm(one, key);
    expect([await attempt(one, key), await attempt(two, key)]).toEqual(['OK', 'STEP_UP_REQUIRED']);
  });

  it('vouches for the key that comes with it, and for no other', async () => {
    const plain = await signIn(app, 'ada');
    // Whoever has copied the access token can make keys, but nothing with them.
    const thief = await makeKey();
    expect(await attempt(plain, thief)).toBe('STEP_UP_REQUIRED');
    expect(await confirm(plain, null)).toBe('OK');
    expect(await attempt(plain, thief)).toBe('STEP_UP_REQUIRED');
    expect(await confirm(plain, key)).toBe('OK');
    expect([await attempt(plain, thief), await attempt(plain, key)]).toEqual(['STEP_UP_REQUIRED', 'OK']);
    // Shown without a key once more, the one vouched for stays.
    expect(await confirm(plain, null)).toBe('OK');
    expect(await attempt(plain, key)).toBe('OK');
  });

  it('does not come of binding a session by a refresh', async () => {
    const thief = await makeKey();
    const { refreshToken } = await signIn(app, 'ada');
    const response = await fetch(`${app.url}/oauth/token`, {
      method: 'POST',
      headers: { dpop: await makeProof(thief, `${app.url}/oauth/token`) },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    });
    const { access_token: accessToken } = (await response.json()) as { access_token: string };
    expect(await attempt({ ...ada, accessToken }, thief)).toBe('STEP_UP_REQUIRED');
  });

  it('is told in the audit trail', async () => {
    const plain = await signIn(app, 'ada');
    await confirm(plain, key);
    const { rows } = await app.sql.query(
      `SELECT details FROM audit_events WHERE kind = 'session.confirmed' AND session_id = (SELECT max(id::text)::uuid FROM sessions)`,
    );
    expect(rows).toEqual([{ details: '{"key":true}' }]);
  });
});

describe('the key of a device', () => {
  it('is registered by its holder, once its owner has vouched for it', async () => {
    const plain = await signIn(app, 'ada');
    const mine = await makeKey('EdDSA');
    expect(await register(plain, mine)).toEqual({ code: 'STEP_UP_REQUIRED', key: null });
    await confirm(plain, mine);
    expect(await register(plain, mine)).toEqual({ code: 'OK', key: mine.thumbprint });
    expect(await attempt(plain, mine)).toBe('OK');
    const { rows } = await app.sql.query(`SELECT details FROM audit_events WHERE kind = 'key.registered'`);
    expect(rows).toEqual([{ details: JSON.stringify({ key: mine.thumbprint }) }]);
  });

  it('cannot be one that the request does not prove', async () => {
    expect((await register(ada, key, (await makeKey()).jwk)).code).toBe('SIGNATURE_REQUIRED');
    const plain = await signIn(app, 'ada');
    await confirm(plain, key);
    expect((await register(plain, null, key.jwk)).code).toBe('SIGNATURE_REQUIRED');
  });

  it('needs a recent sign-in', async () => {
    const session = await signIn(app, 'ada', key);
    await lastSignIn(11);
    expect((await register(session, key)).code).toBe('STEP_UP_REQUIRED');
  });

  it('is replaced by whoever vouches for another one, which is told', async () => {
    const plain = await signIn(app, 'ada');
    const [first, second] = [await makeKey(), await makeKey()];
    await confirm(plain, first);
    expect((await register(plain, first)).key).toBe(first.thumbprint);
    expect(await register(plain, second)).toEqual({ code: 'STEP_UP_REQUIRED', key: null });
    await confirm(plain, second);
    expect((await register(plain, second)).key).toBe(second.thumbprint);
    expect(await attempt(plain, first)).toBe('STEP_UP_REQUIRED');
    const { rows } = await app.sql.query(`SELECT details FROM audit_events WHERE kind = 'key.removed'`);
    expect(rows).toEqual([{ details: JSON.stringify({ key: first.thumbprint }) }]);
  });

  it.each<[string, () => object]>([
    ['private', () => key.privateKey.export({ format: 'jwk' })],
    ['of no point', () => ({ ...key.jwk, y: key.jwk.x })],
    ['symmetric', () => ({ kty: 'oct', k: 'AAAA' })],
    ['a list', () => []],
  ])('is refused when it is %s', async (_what, jwk) => {
    expect((await register(ada, key, jwk())).code).toBe('INVALID');
  });
});
