import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { explainFault } from '../../src/commands/start-fault';
import { composeModules, type Foundation } from '../../src/composition';
import { loadConfig } from '../../src/config';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { TEST_SECRET, TEST_SIGNING_KEY } from '../support/app';

const APP = { id: 'phone', name: 'Phone', redirectUris: ['com.example.app:/callback'] };
const SERVICE = { id: 'service', name: 'Service', secretSha256: 'a'.repeat(64) };

/** What a person at a terminal reads; null when the service would start. */
async function faultsOf(setting: unknown): Promise<readonly string[] | null> {
  const OAUTH_CLIENTS = typeof setting === 'string' ? setting : JSON.stringify(setting);
  const config = loadConfig({ NODE_ENV: 'test', OAUTH_CLIENTS });
  const foundation = {
    config,
    secretKey: TEST_SECRET,
    signingKeyPem: TEST_SIGNING_KEY,
    doorbell: createLocalDoorbell(),
  };
  try {
    (await composeModules(foundation as Foundation)).close();
    return null;
  } catch (error) {
    return explainFault(error);
  }
}

describe('the clients of a configuration', () => {
  it('are taken as JSON, or from a file', async () => {
    expect(await faultsOf([APP, SERVICE])).toBeNull();
    const folder = mkdtempSync(path.join(tmpdir(), 'clients-'));
    const file = path.join(folder, 'clients.json');
    writeFileSync(file, JSON.stringify([APP]));
    expect(await faultsOf(file)).toBeNull();
    rmSync(folder, { recursive: true });
    expect(await faultsOf(file)).toEqual([
      expect.any(String),
      expect.stringMatching(/cannot be read: correct the path/),
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '[{ "id": }]', /no JSON: correct it/],
    ['no list', APP, /^- The list of clients /],
    ['no name', [{ id: 'x', redirectUris: APP.redirectUris }], /^- Client 1, name: /],
    ['an id with a space', [SERVICE, { ...APP, id: 'a b' }], /^- Client 2, id: must be 1 to 64 letters/],
    ['the id of apps that sign in by mutation', [{ ...APP, id: 'first-party' }], /take another one/],
    ['an id twice', [APP, APP], /phone is there twice: give each client its own/],
    ['a field that nobody knows', [{ ...APP, secret: 'x' }], /^- Client 1: .*"secret"/],
    ['a secret that is not hashed', [{ ...SERVICE, secretSha256: 'secret' }], /secretSha256: must be the SHA-256/],
    ['nothing to do', [{ id: 'idle', name: 'Idle' }], /idle can do nothing: give an app its redirectUris/],
  ])('are refused with %s', async (_what, setting, told) => {
    const [title, fault, ...more] = (await faultsOf(setting)) ?? [];
    expect(title).toBe('OAUTH_CLIENTS has faults:');
    expect(fault).toMatch(told);
    expect(more).toEqual([]);
  });

  it.each([
    ['/callback', 'is no absolute URI'],
    ['https://app.example/ü', 'is no absolute URI'],
    ['https://app.example/#x', 'has a fragment'],
    ['https://me:pw@app.example/', 'names a user'],
    ['https://*.app.example/', 'has a wildcard'],
    ['https://APP.example/', 'write https://app.example/'],
    ['https://app.example/a/../b', 'write https://app.example/b'],
    ['https://app.example:443/', 'write https://app.example/'],
    ['http://app.example/', 'is neither https'],
    ['http://localhost/callback', 'is neither https'],
    ['http://127.0.0.1.evil.example/', 'is neither https'],
    ['myapp:/callback', 'of a scheme with a dot'],
    ['javascript:alert(1)', 'of a scheme with a dot'],
    ['data:text/html,x', 'of a scheme with a dot'],
  ])('may not be sent back to %s', async (uri, told) => {
    const [, fault, ...more] = (await faultsOf([{ ...APP, redirectUris: [uri] }])) ?? [];
    expect(fault).toContain(`The redirect URI ${uri} of phone`);
    expect(fault).toContain(told);
    expect(more).toEqual([]);
  });

  it.each([
    'https://app.example',
    'https://app.example/callback?a=b',
    'http://127.0.0.1/callback',
    'http://127.0.0.1:8080',
    'http://[::1]:8080/callback',
    'com.example.app:callback',
    'com.example.app://callback',
  ])('may be sent back to %s', async (uri) => {
    expect(await faultsOf([{ ...APP, redirectUris: [uri] }])).toBeNull();
  });

  it('are told of all at once', async () => {
    const bad = { ...APP, redirectUris: ['http://a.example/', 'https://b.example/#x'] };
    expect(await faultsOf([bad, { id: 'idle', name: 'Idle' }])).toHaveLength(4);
  });
});
