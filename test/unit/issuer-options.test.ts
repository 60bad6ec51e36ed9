import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { explainFault } from '../../src/commands/start-fault';
import { IssuerConfigError, loadIssuers } from '../../src/modules/issuers/issuer-options';
import { createFetchJson } from '../../src/platform/http/fetch-json';

const GOOD = { issuer: 'https://issuer.example', audiences: ['app'] };
const surroundings = { production: true, ownIssuer: 'https://api.example.com' };
const load = (entries: unknown, production = true) =>
  loadIssuers(JSON.stringify(entries), { ...surroundings, production });

function faultsOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof IssuerConfigError)) throw error;
    return error.faults;
  }
}

describe('OIDC_ISSUERS', () => {
  it('needs an issuer and whom its tokens are for, and nothing else', () => {
    expect(loadIssuers(null, surroundings)).toEqual([]);
    expect(load([GOOD])).toMatchObject([
      {
        ...{ name: 'issuer.example', algorithms: ['RS256', 'ES256', 'PS256', 'EdDSA'], createAccounts: true },
        ...{ nonce: 'plain', accessTokens: null, jwksUri: null },
      },
    ]);
    expect(load([{ ...GOOD, issuer: 'https://appleid.apple.com' }])).toMatchObject([{ nonce: 'sha256' }]);
  });

  it('may be the path of a file', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'portico-issuers-'));
    const file = path.join(folder, 'issuers.json');
    writeFileSync(file, JSON.stringify([GOOD]));
    expect(loadIssuers(file, surroundings)).toHaveLength(1);
    rmSync(folder, { recursive: true });
    expect(faultsOf(() => loadIssuers(file, surroundings))).toEqual([expect.stringContaining('not there')]);
  });

  it.each<[string, unknown, string]>([
    ['that is no JSON', '[oops', 'neither JSON nor'],
    ['that is no list', { issuer: 'x' }, 'array'],
    ['without an issuer', [{ audiences: ['app'] }], '[0].issuer'],
    ['for nobody', [{ ...GOOD, audiences: [] }], '[0].audiences'],
    ['with algorithm none', [{ ...GOOD, algorithms: ['none'] }], '[0].algorithms.0'],
    ['with an algorithm of a secret', [{ ...GOOD, algorithms: ['RS256', 'HS256'] }], '[0].algorithms.1'],
    ['with a field that nobody knows', [{ ...GOOD, audience: 'app' }], '[0]'],
    ['without TLS', [{ ...GOOD, issuer: 'http://issuer.example' }], '.issuer must be an https URL'],
    ['on this machine, in production', [{ ...GOOD, issuer: 'http://127.0.0.1:1' }], '.issuer must be an https URL'],
    ['with keys without TLS', [{ ...GOOD, jwksUri: 'http://issuer.example/keys' }], '.jwksUri must be'],
    ['with discovery without TLS', [{ ...GOOD, discoveryUri: 'ftp://issuer.example' }], '.discoveryUri must be'],
    ['with a query', [{ ...GOOD, issuer: 'https://issuer.example?a=b' }], '.issuer has a query'],
    ['that is our own', [{ ...GOOD, issuer: 'https://api.example.com' }], '.issuer is PUBLIC_URL'],
    ['twice', [GOOD, GOOD], '[1].issuer is there twice'],
    [
      'with the name of another',
      [
        { ...GOOD, name: 'a' },
        { ...GOOD, issuer: 'https://b', name: 'a' },
      ],
      '[1].name is',
    ],
    ['whose access tokens may be for anybody', [{ ...GOOD, accessTokens: {} }], 'made for other services'],
    [
      'whose ID tokens would be access tokens',
      [{ ...GOOD, accessTokens: { type: 'JWT', audiences: ['app'] } }],
      'would take ID tokens too',
    ],
  ])('is refused with a remedy: an issuer %s', (_what, entries, fault) => {
    const text = typeof entries === 'string' ? entries : JSON.stringify(entries);
    const faults = faultsOf(() => loadIssuers(text, surroundings));
    expect(faults).toEqual([expect.stringContaining(fault)]);
    expect(explainFault(new IssuerConfigError(faults))).toEqual([
      'OIDC_ISSUERS has faults:',
      expect.stringMatching(/^- OIDC_ISSUERS.*\..* [A-Z].*\.$/s),
    ]);
  });

  it('tells all faults at once', () => {
    const entries = [{ ...GOOD, issuer: 'http://a.example', jwksUri: 'http://b.example' }, GOOD, GOOD];
    expect(faultsOf(() => load(entries))).toHaveLength(3);
  });

  it('lets an issuer be on this machine outside production', () => {
    for (const host of ['127.0.0.1:1', 'localhost', '[::1]:8080']) {
      expect(load([{ ...GOOD, issuer: `http://${host}` }], false)).toHaveLength(1);
    }
    expect(faultsOf(() => load([{ ...GOOD, issuer: 'http://127.0.0.1.example' }], false))).toHaveLength(1);
  });

  it('takes ID tokens on requests where that is meant, as of Firebase', () => {
    const accessTokens = { type: 'JWT', audiences: ['app'], idTokens: true };
    expect(load([{ ...GOOD, accessTokens }])).toMatchObject([{ accessTokens: { type: 'JWT', audiences: ['app'] } }]);
  });
});

describe('a document of another service', () => {
  let server: Server;
  let url: string;
  let answer: (reply: ServerResponse) => unknown;
  let asked = 0;
  const fetchJson = createFetchJson({ timeoutMs: 300, maxBytes: 1_000 });

  beforeAll(async () => {
    server = createServer((_request, reply) => {
      asked += 1;
      answer(reply);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/document`;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it('is read', async () => {
    answer = (reply) => reply.end('{"a":1}');
    expect(await fetchJson(url)).toEqual({ a: 1 });
  });

  it.each<[string, (reply: ServerResponse) => unknown, string]>([
    [
      'is not when it leads elsewhere',
      (reply) => reply.writeHead(302, { location: '/document' }).end(),
      'answered 302',
    ],
    ['is not when it is an error', (reply) => reply.writeHead(500).end('{}'), 'answered 500'],
    ['is not when it is no JSON', (reply) => reply.end('<html>'), 'no JSON'],
    ['is not when it is too large', (reply) => reply.end(`"${'x'.repeat(2_000)}"`), 'more than 1000 bytes'],
    ['is not when it does not come', () => {}, 'did not answer in 300 ms'],
    ['is not when it comes too slowly', (reply) => reply.write('{'), 'did not answer in 300 ms'],
    ['is not when nobody is there', (reply) => reply.destroy(), 'cannot be reached'],
  ])('%s', async (_what, how, fault) => {
    answer = how;
    asked = 0;
    await expect(fetchJson(url)).rejects.toThrow(fault);
    expect(asked).toBe(1);
  });
});
