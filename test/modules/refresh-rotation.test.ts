import { Redis } from 'ioredis';
import { startTestApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';
import { startRedis, type TestRedis } from '../support/redis-server';
import { REUSED, refreshTokensOf } from '../support/refresh-tokens';
import { refresh, refreshInVain, standingOf } from '../support/sessions';

/** How often fifty ask at once; the long run asks for more. */
const RACES = Number(process.env['REFRESH_RACES'] ?? 3);
const AT_ONCE = 50;
const WINDOW_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

if (!process.env['TEST_REDIS_URL']) report('NO REDIS: how refresh tokens rotate without it is not tested.');
const withRedis = process.env['TEST_REDIS_URL'] ? describe : describe.skip;

let database: TestDatabase;
/** Two processes on one database. */
let near: TestApp;
let far: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { JOBS_CONCURRENCY: '0' };
  [near, far] = (await Promise.all([0, 1].map(() => startTestApp({ databaseUrl: database.url, env })))) as [
    TestApp,
    TestApp,
  ];
});
afterAll(async () => {
  await Promise.all([near.close(), far.close()]);
  await database.drop();
});

const { signUp, age, tokenRow, audited } = refreshTokensOf(() => near);

/** Asks for a successor, and the line breaks before the answer comes. */
async function loseAnswer(at: TestApp, token: string): Promise<void> {
  const usedAt = async () => (await tokenRow(token)).used_at?.getTime();
  const before = await usedAt();
  await refreshInVain(at, token, () => eventually('the token is used', async () => (await usedAt()) !== before));
}

describe('a refresh token', () => {
  it(
    `has one successor, though ${AT_ONCE} ask at once at two processes`,
    async () => {
      const { refreshToken, sessionId } = await signUp();
      let token = refreshToken;
      for (let race = 0; race < RACES; race += 1) {
        const current = token;
        const answers = await Promise.all(
          Array.from({ length: AT_ONCE }, (_, i) => refresh(i % 2 ? near : far, current)),
        );
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
        const successors = new Set(answers.map(({ refresh_token }) => refresh_token));
        expect(successors.size).toBe(1);
        [token = ''] = successors;
      }
      const { rows } = await near.sql.query('SELECT used_at FROM refresh_tokens WHERE session_id = $1', [sessionId]);
      expect(rows).toHaveLength(RACES + 1);
      expect(rows.filter(({ used_at }) => used_at === null)).toHaveLength(1);
      expect(await audited(sessionId)).toEqual([]);
    },
    30_000 + RACES * 2_000,
  );

  it(
    `that was copied ends the session once, though ${AT_ONCE} bring it at once`,
    async () => {
      for (let race = 0; race < Math.ceil(RACES / 4); race += 1) {
        const { refreshToken, sessionId } = await signUp();
        const { refresh_token: second } = await refresh(near, refreshToken);
        const { refresh_token: third } = await refresh(far, second);
        const answers = await Promise.all(
          Array.from({ length: AT_ONCE }, (_, i) => refresh(i % 2 ? near : far, refreshToken)),
        );
        expect(new Set(answers.map(({ error }) => error))).toEqual(new Set(['invalid_grant']));
        expect((await refresh(near, third)).error).toBe('invalid_grant');
        expect(await audited(sessionId)).toEqual(REUSED);
      }
    },
    30_000 + RACES * 2_000,
  );

  it('is none the worse for answers that are lost, one after the other and at either process', async () => {
    const { refreshToken, sessionId } = await signUp();
    let token = refreshToken;
    for (let trip = 0; trip < 3; trip += 1) {
      for (const at of [near, far, near]) await loseAnswer(at, token);
      const answer = await refresh(far, token);
      expect(answer.status).toBe(200);
      expect((await refresh(near, token)).refresh_token).toBe(answer.refresh_token);
      token = answer.refresh_token;
    }
    const { rows } = await near.sql.query('SELECT FROM refresh_tokens WHERE session_id = $1', [sessionId]);
    expect(rows).toHaveLength(4);
    expect(await audited(sessionId)).toEqual([]);
  });

  it('gives its successor again for an hour after the last time that it was asked for', async () => {
    const { refreshToken, sessionId } = await signUp();
    const { refresh_token: successor } = await refresh(near, refreshToken);
    for (let n = 0; n < 3; n += 1) {
      await age(refreshToken, 'used_at', WINDOW_SECONDS - 60);
      expect((await refresh(near, refreshToken)).refresh_token).toBe(successor);
    }
    await age(refreshToken, 'used_at', WINDOW_SECONDS + 1);
    expect((await refresh(near, refreshToken)).error).toBe('invalid_grant');
    expect((await refresh(near, successor)).error).toBe('invalid_grant');
    expect(await audited(sessionId)).toEqual(REUSED);
  });

  it('works after a long pause, and so does the successor that was given again then', async () => {
    const { refreshToken } = await signUp();
    await age(refreshToken, 'expires_at', 59 * DAY_SECONDS);
    const { refresh_token: successor } = await refresh(near, refreshToken);
    await age(successor, 'expires_at', 59 * DAY_SECONDS);
    const before = (await tokenRow(successor)).expires_at;
    expect((await refresh(near, refreshToken)).refresh_token).toBe(successor);
    expect((await tokenRow(successor)).expires_at.getTime()).toBeGreaterThan(before.getTime() + 58 * 86_400_000);
  });

  it('is refused after its end, used or not, and that ends no session', async () => {
    const { refreshToken, sessionId } = await signUp();
    const { refresh_token: second } = await refresh(near, refreshToken);
    const { refresh_token: third } = await refresh(near, second);
    await age(refreshToken, 'expires_at', 61 * DAY_SECONDS);
    expect((await refresh(near, refreshToken)).error).toBe('invalid_grant');
    expect(await audited(sessionId)).toEqual([]);
    await age(third, 'expires_at', 61 * DAY_SECONDS);
    expect((await refresh(near, third)).error).toBe('invalid_grant');
    expect(await audited(sessionId)).toEqual([]);
  });
});

withRedis('with Redis between processes, a refresh token', () => {
  let redis: TestRedis;
  let [one, two]: TestApp[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    const env = { JOBS_CONCURRENCY: '0', REDIS_URL: redis.url };
    [one, two] = await Promise.all([0, 1].map(() => startTestApp({ databaseUrl: database.url, env })));
  });
  afterAll(async () => {
    await Promise.all([one?.close(), two?.close()]);
    await redis.kill();
  });

  it('rotates and is found out alike when Redis has been flushed in between', async () => {
    const { refreshToken, sessionId } = await signUp();
    const second = await refresh(one as TestApp, refreshToken);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    expect((await refresh(two as TestApp, refreshToken)).refresh_token).toBe(second.refresh_token);
    await refresh(two as TestApp, second.refresh_token);
    expect((await refresh(one as TestApp, refreshToken)).error).toBe('invalid_grant');
    expect(await audited(sessionId)).toEqual(REUSED);
  });

  it('rotates and is found out alike while Redis is away, at either process', async () => {
    const { refreshToken, sessionId } = await signUp();
    const second = await refresh(one as TestApp, refreshToken);
    await redis.kill();
    expect((await refresh(two as TestApp, refreshToken)).refresh_token).toBe(second.refresh_token);
    await refresh(two as TestApp, second.refresh_token);
    expect((await refresh(one as TestApp, refreshToken)).error).toBe('invalid_grant');
    expect(await audited(sessionId)).toEqual(REUSED);
    redis = await startRedis({ port: redis.port });
  });
});

describe('a copied refresh token', () => {
  /** Neither pair of tokens is worth anything any more, at either process. */
  async function expectEnded(sessionId: string, accessToken: string, ...refreshTokens: string[]): Promise<void> {
    const holder = { uuid: '', id: '', handle: '', token: accessToken };
    expect(await audited(sessionId)).toEqual(REUSED);
    for (const token of refreshTokens) expect((await refresh(far, token)).error).toBe('invalid_grant');
    expect(await standingOf(near, holder)).toBe('UNAUTHENTICATED');
    await eventually('the other process knows', async () => (await standingOf(far, holder)) === 'UNAUTHENTICATED');
  }

  it('ends the session when the thief brings it after the owner has gone on', async () => {
    const { refreshToken: stolen, sessionId } = await signUp();
    const second = await refresh(near, stolen);
    const third = await refresh(near, second.refresh_token);
    expect((await refresh(near, stolen)).error).toBe('invalid_grant');
    await expectEnded(sessionId, third.access_token as string, third.refresh_token, second.refresh_token, stolen);
  });

  it('ends the session when the owner brings it after the thief has gone on', async () => {
    const { refreshToken: stolen, sessionId } = await signUp();
    const thiefs = await refresh(near, stolen);
    const further = await refresh(near, thiefs.refresh_token);
    expect((await refresh(near, stolen)).error).toBe('invalid_grant');
    await expectEnded(sessionId, further.access_token as string, further.refresh_token);
  });

  it('ends the session even while both go on by the same successor', async () => {
    const { refreshToken: stolen, sessionId } = await signUp();
    const owners = await refresh(near, stolen);
    const thiefs = await refresh(far, stolen);
    expect(thiefs.refresh_token).toBe(owners.refresh_token);
    const ahead = await refresh(near, owners.refresh_token);
    expect((await refresh(far, thiefs.refresh_token)).refresh_token).toBe(ahead.refresh_token);
    const further = await refresh(near, ahead.refresh_token);
    expect((await refresh(near, thiefs.refresh_token)).error).toBe('invalid_grant');
    await expectEnded(sessionId, further.access_token as string, further.refresh_token);
  });
});

it('a refresh token of a deleted account is refused', async () => {
  const { refreshToken, sessionId } = await signUp();
  await near.sql.query('UPDATE users SET deleted_at = now() WHERE id = (SELECT user_id FROM sessions WHERE id = $1)', [
    sessionId,
  ]);
  expect((await refresh(near, refreshToken)).error).toBe('invalid_grant');
});
