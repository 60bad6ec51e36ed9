import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { startTestApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { post, signUp } from '../support/sign-in-page';

const newKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicHalf = (pem: string) => createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();

const OLD = newKey();
const NEW = newKey();

type Keys = { readonly signs: string; readonly accepts?: string };

let database: TestDatabase;
let processes: TestApp[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const each of processes) await each.close();
  await database.drop();
});

function start({ signs, accepts = '' }: Keys): Promise<TestApp> {
  const env = { TOKEN_SIGNING_KEY: signs, TOKEN_VERIFICATION_KEYS: accepts, JOBS_CONCURRENCY: '0' };
  return startTestApp({ databaseUrl: database.url, env });
}

async function replace(index: number, keys: Keys): Promise<void> {
  await processes[index]?.close();
  processes[index] = await start(keys);
}

async function statusOf(app: TestApp, token: string): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return (await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: '{"query":"{ viewer { id } }"}' })).status;
}

const keysOf = async (app: TestApp) => (await (await fetch(`${app.url}/oauth/jwks.json`)).json()) as JSONWebKeySet;

describe('two processes', () => {
  it('change the signing key one after the other without refusing any token', async () => {
    processes = [await start({ signs: OLD }), await start({ signs: OLD })];
    const [first] = processes as [TestApp];
    let { accessToken, refreshToken } = await signUp(first, 'ada');
    const tokens = [accessToken];
    const kids = new Set<string>();
    /** Each process renews; every token there has been is good in each. */
    const check = async () => {
      for (const app of processes) {
        const { body } = await post(app, '/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken });
        accessToken = String(body['access_token']);
        refreshToken = String(body['refresh_token']);
        tokens.push(accessToken);
        kids.add(String(decodeProtectedHeader(accessToken).kid));
        for (const other of processes) {
          for (const token of tokens) expect(await statusOf(other, token)).toBe(200);
          await jwtVerify(accessToken, createLocalJWKSet(await keysOf(other)));
        }
      }
    };
    await check();
    for (const keys of [
      { signs: OLD, accepts: publicHalf(NEW) },
      { signs: NEW, accepts: publicHalf(OLD) },
    ]) {
      for (const index of [0, 1]) {
        await replace(index, keys);
        await check();
      }
    }
    expect(kids.size).toBe(2);
    tokens.length = 0;
    for (const index of [0, 1]) {
      await replace(index, { signs: NEW });
      await check();
    }
  });

  it('know no token of a key that was taken away, nor of one that was never added', async () => {
    const [first] = processes as [TestApp];
    const stranger = await start({ signs: OLD });
    try {
      const { accessToken } = await signUp(stranger, 'bob');
      expect(await statusOf(stranger, accessToken)).toBe(200);
      expect(await statusOf(first, accessToken)).toBe(401);
    } finally {
      await stranger.close();
    }
  });

  it('show the public halves only, each under the name that tokens have, for others to keep a while', async () => {
    const app = await start({ signs: OLD, accepts: `${NEW}${publicHalf(OLD)}` });
    try {
      const answer = await fetch(`${app.url}/oauth/jwks.json`);
      expect(answer.headers.get('content-type')).toContain('application/jwk-set+json');
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
      const { keys } = (await answer.json()) as JSONWebKeySet;
      const { accessToken } = await signUp(app, 'cyd');
      expect(keys[0]?.kid).toBe(decodeProtectedHeader(accessToken).kid);
      expect(keys).toHaveLength(2);
      for (const key of keys) {
        expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
        expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
      }
    } finally {
      await app.close();
    }
  });
});
