import type { JWK } from 'jose';
import { IssuerKeys } from '../../src/modules/issuers/issuer-keys';
import { loadIssuers } from '../../src/modules/issuers/issuer-options';
import { createLog } from '../../src/platform/telemetry/log';
import { newKey } from '../support/oidc-issuer';

const ISSUER = 'https://issuer.example';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** An issuer, its keys, and a clock that stands still until told otherwise. */
async function scene(entry: object = {}) {
  let ms = 1_000_000_000_000;
  const published: JWK[] = [await open(await newKey())];
  const asked: string[] = [];
  const world = {
    published,
    asked,
    away: false,
    document: {} as Record<string, unknown>,
    advance(by: number) {
      ms += by;
    },
    known: () => String(published[0]?.kid),
    find: (kid: string) => keys.find({ alg: 'ES256', kid }).then(() => 'found', codeOf),
  };
  const fetchJson = async (url: string) => {
    asked.push(url);
    await new Promise(setImmediate);
    if (world.away) throw new Error('away');
    if (url.endsWith('/keys')) return { keys: [...published] };
    return { issuer: ISSUER, jwks_uri: `${ISSUER}/keys`, ...world.document };
  };
  const clock = { ms: () => ms, now: () => new Date(ms).toISOString() };
  const text = JSON.stringify([{ issuer: ISSUER, audiences: ['app'], ...entry }]);
  const [options] = loadIssuers(text, { production: true, ownIssuer: 'https://ours.example' });
  if (!options) throw new Error('no issuer');
  const keys = new IssuerKeys(options, fetchJson, clock, createLog({ level: 'silent', format: 'json' }));
  return world;
}

describe('the keys of an issuer', () => {
  it('are fetched once by discovery for all who ask at once, and kept', async () => {
    const world = await scene();
    const found = await Promise.all(Array.from({ length: 50 }, () => world.find(world.known())));
    expect(new Set(found)).toEqual(new Set(['found']));
    expect(world.asked).toEqual([`${ISSUER}/.well-known/openid-configuration`, `${ISSUER}/keys`]);
    world.advance(9 * MINUTE);
    await world.find(world.known());
    expect(world.asked).toHaveLength(2);
    world.advance(2 * MINUTE);
    await world.find(world.known());
    expect(world.asked.slice(2)).toEqual([`${ISSUER}/keys`]);
  });

  it('are fetched where the configuration says', async () => {
    const straight = await scene({ jwksUri: `${ISSUER}/certs/keys` });
    expect(await straight.find(straight.known())).toBe('found');
    expect(straight.asked).toEqual([`${ISSUER}/certs/keys`]);
    const other = await scene({ discoveryUri: 'https://elsewhere.example/discovery' });
    expect(await other.find(other.known())).toBe('found');
    expect(other.asked[0]).toBe('https://elsewhere.example/discovery');
  });

  it('are fetched anew for a key that is not among them, and not oftener than the cooldown allows', async () => {
    const world = await scene();
    await world.find(world.known());
    world.advance(31 * SECOND);
    const strangers = await Promise.all(Array.from({ length: 100 }, (_, n) => world.find(`stranger ${n}`)));
    expect(new Set(strangers)).toEqual(new Set(['ERR_JWKS_NO_MATCHING_KEY']));
    expect(world.asked).toHaveLength(3);
    for (let n = 0; n < 20; n += 1) await world.find(`another ${n}`);
    expect(world.asked).toHaveLength(3);
    world.advance(31 * SECOND);
    world.published[0] = await open(await newKey());
    expect(await world.find(world.known())).toBe('found');
    expect(world.asked).toHaveLength(4);
  });

  it('go on to be used while the issuer is away, for a day', async () => {
    const world = await scene();
    await world.find(world.known());
    world.away = true;
    for (const _ of Array.from({ length: 23 })) {
      world.advance(HOUR);
      expect(await world.find(world.known())).toBe('found');
    }
    world.advance(2 * HOUR);
    expect(await world.find(world.known())).toBe('SERVICE_UNAVAILABLE');
  });

  it('cannot be told from unknown ones while the issuer is away, which is no fault of the token', async () => {
    const world = await scene();
    await world.find(world.known());
    world.away = true;
    world.advance(31 * SECOND);
    expect(await world.find('rotated meanwhile')).toBe('SERVICE_UNAVAILABLE');
    const tries = world.asked.length;
    expect(await world.find('rotated meanwhile')).toBe('SERVICE_UNAVAILABLE');
    expect(world.asked).toHaveLength(tries);
    world.away = false;
    world.advance(6 * SECOND);
    world.published.push(await open({ ...(await newKey()), kid: 'rotated meanwhile' }));
    expect(await world.find('rotated meanwhile')).toBe('found');
  });

  it('are not asked for at every request of an issuer that has never answered', async () => {
    const world = await scene();
    world.away = true;
    for (let n = 0; n < 20; n += 1) expect(await world.find('any')).toBe('SERVICE_UNAVAILABLE');
    expect(world.asked).toHaveLength(1);
    world.away = false;
    world.advance(6 * SECOND);
    expect(await world.find(world.known())).toBe('found');
  });

  it.each([
    ['names another issuer', { issuer: 'https://evil.example' }],
    ['names the issuer with a slash more', { issuer: `${ISSUER}/` }],
    ['names no address of keys', { jwks_uri: undefined }],
    ['names an address without TLS', { jwks_uri: 'http://issuer.example/keys' }],
    ['names an address on this machine', { jwks_uri: 'http://127.0.0.1/keys' }],
    ['names a file', { jwks_uri: 'file:///keys' }],
    ['names an address with a password', { jwks_uri: 'https://user:password@issuer.example/keys' }],
  ])('are not taken from a discovery document that %s', async (_what, document) => {
    const world = await scene();
    world.document = document;
    expect(await world.find(world.known())).toBe('SERVICE_UNAVAILABLE');
    expect(world.asked).toHaveLength(1);
  });

  it('grow old also when the clock is set back', async () => {
    const world = await scene();
    await world.find(world.known());
    world.advance(-HOUR);
    world.published[0] = await open(await newKey());
    expect(await world.find(world.known())).toBe('found');
  });
});

async function open({ d: _, ...key }: JWK): Promise<JWK> {
  return key;
}

function codeOf(error: { code?: string }): string {
  return error.code ?? String(error);
}
