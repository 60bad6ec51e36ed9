import { until } from '../pipeline/asking';
import { startTestApp, type TestApp } from '../support/app';
import { member, PASSWORD, signIn } from '../support/passwords';

const CONNECTIONS = 4;
const AT_ONCE = 30;
const WAITING = 4;

let app: TestApp;
beforeAll(async () => {
  const env = { SIGN_IN_FAILURES_MAX: '1', DATABASE_POOL_MAX: String(CONNECTIONS), JOBS_CONCURRENCY: '0' };
  app = await startTestApp({ env });
});
afterAll(() => app.close());

/** Statements of the service that wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await app.sql.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length;
}

describe('a flood of sign-ins that are refused', () => {
  it('leaves connections to everybody else while it waits for the audit trail', async () => {
    const ada = await member(app, 'flood_ada');
    await signIn(app, 'nobody', 'a wrong password');
    const trail = await app.sql.connect();
    let refused: Promise<{ userErrors: { code: string }[] }>[] = [];
    try {
      await trail.query('BEGIN');
      await trail.query('SELECT FROM audit_chains FOR UPDATE');
      refused = Array.from({ length: AT_ONCE }, () => signIn(app, 'nobody', 'a wrong password'));
      await until('refusals wait', async () => (await waiting()) === 2);
      expect(await app.ok('{ viewer { user { handle } } }', {}, ada)).toEqual({
        viewer: { user: { handle: 'flood_ada' } },
      });
      expect(await waiting()).toBe(2);
    } finally {
      await trail.query('ROLLBACK');
      trail.release();
    }
    for (const { userErrors } of await Promise.all(refused)) expect(userErrors[0]?.code).toBe('RATE_LIMITED');
    expect((await signIn(app, 'flood_ada', PASSWORD)).userErrors).toEqual([]);
  });

  it('is told to come back before it costs a statement, while too many wait for a hash', async () => {
    // A hash takes longer than all requests need to arrive.
    const dear = { PASSWORD_HASH_MEMORY_KIB: '65536', PASSWORD_HASH_PASSES: '8', PASSWORD_HASHES_AT_ONCE: '1' };
    const env = { ...dear, PASSWORD_HASHES_WAITING: String(WAITING), JOBS_CONCURRENCY: '0' };
    const slow = await startTestApp({ databaseUrl: app.databaseUrl, env });
    try {
      const query = 'mutation { signIn(input: { login: "nobody", password: "x" }) { userErrors { code } } }';
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => slow.query(query)));
      const codes = answers.map(({ errors, data }) => errors?.[0]?.extensions.code ?? data.signIn.userErrors[0].code);
      const turnedAway = codes.filter((code) => code === 'SERVICE_UNAVAILABLE');
      expect(codes.filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(codes.length - turnedAway.length);
      expect(turnedAway.length).toBeGreaterThan(0);
      expect(turnedAway.length).toBeLessThanOrEqual(AT_ONCE - 1 - WAITING);
    } finally {
      await slow.close();
    }
  });
});
