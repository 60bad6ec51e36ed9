import { openDatabase } from '../../src/app';
import { composeModules } from '../../src/composition';
import { loadConfig } from '../../src/config';
import type { Postgres } from '../../src/platform/postgres/connect';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { startTestApp, TEST_SECRET, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { REUSED, refreshTokensOf } from '../support/refresh-tokens';
import { refresh } from '../support/sessions';

const DAY_SECONDS = 86_400;

let near: TestApp;

beforeAll(async () => {
  near = await startTestApp({ env: { JOBS_CONCURRENCY: '0' } });
});
afterAll(() => near.close());

const { signUp, age, audited } = refreshTokensOf(() => near);

describe('the refresh token of a session that is bound to a key', () => {
  const KEY = 'the-thumbprint-of-a-key';
  let postgres: Postgres;
  let modules: Awaited<ReturnType<typeof composeModules>>;

  beforeAll(async () => {
    const config = loadConfig({ NODE_ENV: 'test' });
    const log = createLog({ level: 'silent', format: 'json' });
    postgres = await openDatabase(near.databaseUrl, config, log);
    const secrets = { secretKey: TEST_SECRET, signingKeyPem: TEST_SIGNING_KEY };
    const foundation = { config, database: postgres.database, doorbell: createLocalDoorbell(), log, ...secrets };
    modules = await composeModules(foundation);
  });
  afterAll(async () => {
    modules.close();
    await postgres.close();
  });

  const refreshWith = (token: string, keyThumbprint: string | null) =>
    modules.auth.sessions.refresh(postgres.database, token, { address: '127.0.0.1', keyThumbprint });

  async function bound() {
    const made = await signUp();
    await near.sql.query('UPDATE sessions SET key_thumbprint = $2 WHERE id = $1', [made.sessionId, KEY]);
    return made;
  }

  it('gives its successor again to who proves the key, however late', async () => {
    const { refreshToken, sessionId } = await bound();
    const first = await refreshWith(refreshToken, KEY);
    await age(refreshToken, 'used_at', 30 * DAY_SECONDS);
    expect((await refreshWith(refreshToken, KEY))?.refreshToken).toBe(first?.refreshToken);
    expect(await audited(sessionId)).toEqual([]);
  });

  it('is refused to who proves no key or another one, which ends nothing', async () => {
    const { refreshToken, sessionId } = await bound();
    expect((await refresh(near, refreshToken)).error).toBe('invalid_grant');
    expect(await refreshWith(refreshToken, 'another')).toBeNull();
    expect(await audited(sessionId)).toEqual(['token.refused: other-key', 'token.refused: other-key']);
    expect(await refreshWith(refreshToken, KEY)).not.toBeNull();
  });

  it('ends the session when it comes back after its successor was used, whoever brings it', async () => {
    const { refreshToken, sessionId } = await bound();
    const second = await refreshWith(refreshToken, KEY);
    await refreshWith(second?.refreshToken ?? '', KEY);
    expect(await refreshWith(refreshToken, KEY)).toBeNull();
    expect(await audited(sessionId)).toEqual(REUSED);
  });
});
