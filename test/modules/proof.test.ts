import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { newId } from '../../src/kernel/ids';
import { startTestApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
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

const WHO = 'query Who { viewer { user { handle } } }';
/** By this name apps reach both, whatever addresses they listen on. */
const PUBLIC_URL = 'https://api.example.com';
const url = `${PUBLIC_URL}/graphql`;
const now = () => Math.floor(Date.now() / 1_000);

let database: TestDatabase;
let app: TestApp;
/** Another process on the same database; they share no Redis and no memory. */
let other: TestApp;
let key: DeviceKey;
let ada: SignedIn;

beforeAll(async () => {
  database = await createTestDatabase();
  const start = () => startTestApp({ databaseUrl: database.url, env: { PUBLIC_URL } });
  [app, other] = await Promise.all([start(), start()]);
  key = await makeKey();
  ada = await signUp(app, 'ada', key, PUBLIC_URL);
});
afterAll(async () => {
  await Promise.all([app.close(), other.close()]);
  await database.drop();
});

const proofFor = (token: string, by = key, changes: ProofChanges = {}, htu = url, htm = 'POST') =>
  makeProof(by, htu, htm, { ...changes, claims: { ath: sha256(token), ...changes.claims } });

const ask = (token: string, dpop?: string, scheme = 'DPoP', at = app) =>
  post(at, WHO, {}, { authorization: `${scheme} ${token}`, ...(dpop !== undefined && { dpop }) });

describe('tokens bound to a key', () => {
  it('are what a sign-in with a proof gives', async () => {
    expect(ada.tokenType).toBe('DPoP');
    expect(decodeJwt(ada.accessToken)['cnf']).toEqual({ jkt: key.thumbprint });
    const answer = await ask(ada.accessToken, await proofFor(ada.accessToken));
    expect(answer.data).toEqual({ viewer: { user: { handle: 'ada' } } });
    const plain = await signIn(app, 'ada');
    expect([plain.tokenType, decodeJwt(plain.accessToken)['cnf']]).toEqual(['Bearer', undefined]);
  });

  it('can be of an Ed25519 key', async () => {
    const edwards = await makeKey('EdDSA');
    const { accessToken } = await signIn(app, 'ada', edwards, PUBLIC_URL);
    expect((await ask(accessToken, await proofFor(accessToken, edwards))).status).toBe(200);
    const again = await ask(
      accessToken,
      await proofFor(accessToken, edwards, { signer: (await makeKey('EdDSA')).privateKey }),
    );
    expect(again.status).toBe(401);
  });

  it('are refused as bearer tokens, as bearer tokens are refused with a proof', async () => {
    const asBearer = await ask(ada.accessToken, await proofFor(ada.accessToken), 'Bearer');
    expect(asBearer.status).toBe(401);
    expect(asBearer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    const { accessToken } = await signIn(app, 'ada');
    expect((await ask(accessToken, undefined, 'Bearer')).status).toBe(200);
    expect((await ask(accessToken, await proofFor(accessToken), 'DPoP')).status).toBe(401);
  });

  it('are refused without a proof, and with one by another key', async () => {
    expect((await ask(ada.accessToken)).status).toBe(401);
    expect((await ask(ada.accessToken, await proofFor(ada.accessToken, await makeKey()))).status).toBe(401);
  });

  it('take each proof once, whichever process it comes to', async () => {
    const dpop = await proofFor(ada.accessToken);
    const tries = Array.from({ length: 8 }, (_, i) => ask(ada.accessToken, dpop, 'DPoP', i % 2 ? app : other));
    expect((await Promise.all(tries)).filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('a proof', () => {
  const pem = () => createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString();

  it.each<[string, () => ProofChanges | Promise<ProofChanges>]>([
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['without a type', () => ({ header: { typ: undefined } })],
    ['signed with HS256 and the public key', () => ({ header: { alg: 'HS256' }, signer: Buffer.from(pem()) })],
    ['signed by another key than it names', async () => ({ signer: (await makeKey()).privateKey })],
    ['without a key', () => ({ header: { jwk: undefined } })],
    ['that tells its private key', () => ({ header: { jwk: key.privateKey.export({ format: 'jwk' }) } })],
    ['whose key holds a member of private ones', () => ({ header: { jwk: { ...key.jwk, d: '' } } })],
    ['whose key is no point of its curve', () => ({ header: { jwk: { ...key.jwk, y: key.jwk.x } } })],
    ['without a jti', () => ({ claims: { jti: undefined } })],
    ['with a jti that is no text', () => ({ claims: { jti: 7 } })],
    ['with an endless jti', () => ({ claims: { jti: 'x'.repeat(257) } })],
    ['of another method', () => ({ claims: { htm: 'GET' } })],
    ['of a method in small letters', () => ({ claims: { htm: 'post' } })],
    ['of another path', () => ({ claims: { htu: `${url}/stream` } })],
    ['of the address that this process listens on', () => ({ claims: { htu: `${app.url}/graphql` } })],
    ['of another scheme', () => ({ claims: { htu: url.replace('https:', 'http:') } })],
    ['whose address is none', () => ({ claims: { htu: 'graphql' } })],
    ['without an address', () => ({ claims: { htu: undefined } })],
    ['that is old', () => ({ claims: { iat: now() - 65 } })],
    ['of the future', () => ({ claims: { iat: now() + 65 } })],
    ['without a time', () => ({ claims: { iat: undefined } })],
    ['whose time is a text', () => ({ claims: { iat: String(now()) } })],
    ['for another token', () => ({ claims: { ath: sha256('another token') } })],
    ['for no token', () => ({ claims: { ath: undefined } })],
    [
      'by a P-384 key',
      () => {
        const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
        return { header: { alg: 'ES384', jwk: publicKey.export({ format: 'jwk' }) }, signer: privateKey };
      },
    ],
    [
      'by an RSA key',
      () => {
        const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
        return { header: { alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) }, signer: privateKey };
      },
    ],
  ])('%s is refused', async (_what, change) => {
    const answer = await ask(ada.accessToken, await proofFor(ada.accessToken, key, await change()));
    expect(answer.status).toBe(401);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_dpop_proof"');
  });

  it.each([
    ['empty', ''],
    ['a word', 'nonsense'],
    ['three words', 'a.b.c'],
    ['endless', `${'A'.repeat(5_000)}.e30.x`],
  ])('that is %s is refused', async (_what, dpop) => {
    expect((await ask(ada.accessToken, dpop)).status).toBe(401);
  });

  it.each(['0', '1', 'zero', 'four', 'eight', 'beyond'])(
    'by an Ed25519 point for which anybody signs, %s, is refused',
    async (which) => {
      const first = (byte: number) => Buffer.concat([Buffer.from([byte]), Buffer.alloc(31)]);
      const points: Record<string, Buffer> = {
        '0': first(0),
        '1': first(1),
        zero: Buffer.concat([Buffer.alloc(31), Buffer.from([0x80])]),
        four: Buffer.from('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'hex'),
        eight: Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex'),
        beyond: Buffer.alloc(32, 0xff),
      };
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: points[which]?.toString('base64url') };
      const answer = await ask(
        ada.accessToken,
        await proofFor(ada.accessToken, key, {
          header: { jwk, alg: 'EdDSA' },
          signer: (await makeKey('EdDSA')).privateKey,
        }),
      );
      expect(answer.errors?.[0]?.message).toContain('no point of its curve');
    },
  );

  it('of one request is worth nothing for a second one', async () => {
    const dpop = await proofFor(ada.accessToken);
    expect((await ask(ada.accessToken, dpop)).status).toBe(200);
    const again = await ask(ada.accessToken, dpop);
    expect([again.status, again.errors?.[0]?.message]).toEqual([401, expect.stringContaining('used before')]);
    // The same statement signed anew, as whoever holds the key could do.
    const jti = newId();
    const [one, two] = [
      await proofFor(ada.accessToken, key, { claims: { jti } }),
      await proofFor(ada.accessToken, key, { claims: { jti, iat: now() - 1 } }),
    ];
    expect((await ask(ada.accessToken, one)).status).toBe(200);
    expect((await ask(ada.accessToken, two)).status).toBe(401);
    // The jti of one key is not that of another.
    const mine = await makeKey();
    const { accessToken } = await signIn(app, 'ada', mine, PUBLIC_URL);
    expect((await ask(accessToken, await proofFor(accessToken, mine, { claims: { jti } }))).status).toBe(200);
  });

  it('may write its address in another way that means the same', async () => {
    const same = [
      'HTTPS://API.example.com:443/graphql',
      `${url}?a=b#c`,
      `${PUBLIC_URL}/x/../graphql`,
      `${PUBLIC_URL}/gr%61phql`,
    ];
    for (const htu of same) {
      expect([
        htu,
        (await ask(ada.accessToken, await proofFor(ada.accessToken, key, { claims: { htu } }))).status,
      ]).toEqual([htu, 200]);
    }
  });

  it('is kept as a hash, and forgotten when it is too old to be used again', async () => {
    const jti = newId();
    await ask(ada.accessToken, await proofFor(ada.accessToken, key, { claims: { jti } }));
    const { rows } = await app.sql.query('SELECT id FROM used_proofs WHERE id = $1', [
      sha256(`${key.thumbprint}.${jti}`),
    ]);
    expect(rows).toHaveLength(1);
    await app.sql.query(`INSERT INTO used_proofs VALUES ('old', now() - interval '1 second')`);
    await app.sql.query(`SELECT graphile_worker.add_job('auth.purge-proofs')`);
    await app.jobsDone();
    const left = (await app.sql.query('SELECT id FROM used_proofs')).rows.map(({ id }) => id);
    expect([left.includes('old'), left.includes(rows[0].id)]).toEqual([false, true]);
  });
});

describe('a refused request', () => {
  it('is told how to come', async () => {
    const both = /^Bearer realm="portico", .*DPoP realm="portico", .*algs="ES256 EdDSA"$/;
    const malformed = await ask(ada.accessToken, undefined, 'Basic');
    expect(malformed.headers.get('www-authenticate')).toBe(
      'Bearer realm="portico", DPoP realm="portico", algs="ES256 EdDSA"',
    );
    const asBearer = await ask(ada.accessToken, undefined, 'Bearer');
    expect(asBearer.headers.get('www-authenticate')).toMatch(both);
    expect(asBearer.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="portico", error="invalid_token", error_description="[^"]*", DPoP/,
    );
    const broken = await ask('nonsense', undefined, 'DPoP');
    expect(broken.headers.get('www-authenticate')).toMatch(/DPoP realm="portico", error="invalid_token"/);
  });
});
