import crypto from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashDocument } from '../../src/graphql/pipeline/documents';
import { startTestApp, type TestApp } from '../support/app';
import { codeOf, send } from './asking';

const GOOD = 'query Good { viewer { id } }';
const GONE = 'query Gone { viewer { fax telex } }';
const WIDE = `query Wide { ${Array.from({ length: 40 }, (_, i) => `a${i}: viewer { id }`).join(' ')} }`;
const CURIOUS = 'query Curious { __schema { queryType { name } } }';

/** As pino writes it. */
const WARN = 40;

let folder: string;
let app: TestApp;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'portico-registered-'));
  const file = path.join(folder, 'manifest.json');
  writeFileSync(file, JSON.stringify({ good: GOOD, gone: GONE, wide: WIDE, curious: CURIOUS }));
  app = await startTestApp({ env: { DOCUMENT_MANIFESTS: file, DOCUMENT_POLICY: 'only', INTROSPECTION: 'off' } });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('registered documents', () => {
  it('that this build refuses are named at the start, one line for each, and end nothing', async () => {
    const named = app.log.filter(({ msg }) => msg === 'registered document cannot be run');
    expect(named).toMatchObject([
      {
        level: WARN,
        hash: hashDocument(GONE),
        fault: expect.stringMatching(/^Cannot query field "fax" on type "Viewer"\.$/),
      },
      { level: WARN, hash: hashDocument(WIDE), fault: expect.stringContaining('aliases') },
      { level: WARN, hash: hashDocument(CURIOUS), fault: expect.stringContaining('introspection') },
    ]);
    expect((await send(app, { documentId: 'good' })).body).toMatchObject({ data: { viewer: null } });
    expect(codeOf((await send(app, { documentId: 'gone' })).body)).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('are hashed at the start, not by request', async () => {
    const hashes = jest.spyOn(crypto, 'createHash');
    await send(app, { documentId: 'good' });
    // The one of Apollo Server, which hashes whatever it is handed.
    expect(hashes).toHaveBeenCalledTimes(1);
    hashes.mockRestore();
  });
});
