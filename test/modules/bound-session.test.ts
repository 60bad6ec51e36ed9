import { startTestApp, type TestApp } from '../support/app';
import {
  type DeviceKey,
  makeKey,
  makeProof,
  type ProofChanges,
  post,
  type SignedIn,
  sha256,
  signIn,
  signUp,
} from '../support/proofs';
import { openRawSocket } from '../support/raw-socket';

const WHO = 'query Who { viewer { user { handle } } }';
const now = () => Math.floor(Date.now() / 1_000);

let app: TestApp;
let key: DeviceKey;
let ada: SignedIn;

beforeAll(async () => {
  app = await startTestApp();
  key = await makeKey();
  ada = await signUp(app, 'ada', key);
});
afterAll(() => app.close());

const proofFor = (token: string, changes: ProofChanges = {}, htm = 'POST') =>
  makeProof(key, `${app.url}/graphql`, htm, { ...changes, claims: { ath: sha256(token), ...changes.claims } });

const ask = (token: string, dpop: string) => post(app, WHO, {}, { authorization: `DPoP ${token}`, dpop });

async function refresh(token: string, dpop?: string) {
  const response = await fetch(`${app.url}/oauth/token`, {
    method: 'POST',
    headers: dpop === undefined ? {} : { dpop },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}
const refreshProof = (by = key, changes: ProofChanges = {}) => makeProof(by, `${app.url}/oauth/token`, 'POST', changes);

describe('a session bound to a key', () => {
  it('is refreshed by the holder of the key only', async () => {
    const { refreshToken } = await signIn(app, 'ada', key);
    expect((await refresh(refreshToken)).body['error']).toBe('invalid_grant');
    expect((await refresh(refreshToken, await refreshProof(await makeKey()))).body['error']).toBe('invalid_grant');
    const { body } = await refresh(refreshToken, await refreshProof());
    expect(body).toMatchObject({ token_type: 'DPoP' });
    const token = body['access_token'] ?? '';
    expect((await ask(token, await proofFor(token))).status).toBe(200);
  });

  it('can begin as one that is not, by the first refresh with a proof', async () => {
    const mine = await makeKey();
    const { refreshToken } = await signIn(app, 'ada');
    const { body } = await refresh(refreshToken, await refreshProof(mine));
    expect(body).toMatchObject({ token_type: 'DPoP' });
    expect((await refresh(body['refresh_token'] ?? '')).body['error']).toBe('invalid_grant');
    expect((await refresh(body['refresh_token'] ?? '', await refreshProof(mine))).status).toBe(200);
  });

  it('does not begin when a token comes once more, that may have been copied', async () => {
    const { refreshToken } = await signIn(app, 'ada');
    const next = (await refresh(refreshToken)).body['refresh_token'] ?? '';
    const again = await refresh(refreshToken, await refreshProof(await makeKey()));
    expect(again.body).toMatchObject({ token_type: 'Bearer', refresh_token: next });
    expect((await refresh(next)).body).toMatchObject({ token_type: 'Bearer' });
  });

  it('ends when its owner comes with a token that a thief has bound to another key', async () => {
    const { refreshToken } = await signIn(app, 'ada');
    const thief = await makeKey();
    const { body } = await refresh(refreshToken, await refreshProof(thief));
    expect((await refresh(refreshToken)).body['error']).toBe('invalid_grant');
    expect((await refresh(body['refresh_token'] ?? '', await refreshProof(thief))).body['error']).toBe('invalid_grant');
  });

  it('is not opened, and not refreshed, with a proof that is refused', async () => {
    const { refreshToken } = await signIn(app, 'ada', key);
    const old = { claims: { iat: now() - 65 } };
    expect((await refresh(refreshToken, await refreshProof(key, old))).body['error']).toBe('invalid_dpop_proof');
    const dpop = await refreshProof();
    expect((await refresh(refreshToken, dpop)).status).toBe(200);
    expect((await refresh(refreshToken, dpop)).body['error']).toBe('invalid_dpop_proof');
    const refused = await signIn(app, 'ada', key, app.url, old);
    expect(refused).toMatchObject({ accessToken: null, userErrors: [{ code: 'SIGNATURE_REQUIRED' }] });
  });
});

describe('a socket', () => {
  const init = async (token: string, changes: ProofChanges = {}) => ({
    authorization: `DPoP ${token}`,
    dpop: await proofFor(token, changes, 'GET'),
  });

  it('signs in by a proof beside its token, over the request that opened it', async () => {
    const socket = await openRawSocket(app, undefined, {}, await init(ada.accessToken));
    socket.subscribe('1', WHO);
    const answer = await socket.hear('who it is', ({ type }) => type === 'next');
    expect(answer.payload.data).toEqual({ viewer: { user: { handle: 'ada' } } });
    const { accessToken } = ada;
    socket.say({ type: 'ping', payload: await init(accessToken) });
    await socket.hear('that it may go on', ({ type }) => type === 'pong');
    socket.say({ type: 'ping', payload: await init(accessToken, { claims: { htm: 'POST' } }) });
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });
});
