import { startTestApp, type TestApp } from '../support/app';
import { type Member, member, PASSWORD, signed, signIn } from '../support/passwords';
import { startRedis, type TestRedis } from '../support/redis-server';

const FAILURES = 3;
const ENV = { SIGN_IN_FAILURES_MAX: String(FAILURES), JOBS_CONCURRENCY: '0' };

let redis: TestRedis;
let app: TestApp;
let twin: TestApp;

beforeAll(async () => {
  redis = await startRedis();
  app = await startTestApp({ env: { ...ENV, REDIS_URL: redis.url } });
  twin = await startTestApp({ databaseUrl: app.databaseUrl, env: { ...ENV, REDIS_URL: redis.url } });
});
afterAll(async () => {
  await twin.close();
  await app.close();
  await redis.stop();
});

const wrong = (login: string, more: object = {}, on = app) => signIn(on, login, 'a wrong password', more);
const codes = (payload: { userErrors: { code: string }[] }) => payload.userErrors.map(({ code }) => code);

/** Somebody else uses up what is left of the tries of a login. */
async function attacked(login: string): Promise<void> {
  for (let i = 0; i < FAILURES; i += 1) await wrong(login, {}, i % 2 ? twin : app);
  expect(codes(await wrong(login))).toEqual(['RATE_LIMITED']);
}

describe('wrong passwords', () => {
  it('are counted by login in all processes; then the right one is refused too, and it is said until when', async () => {
    const ada = await member(app, 'limit_ada');
    await attacked('limit_ada');
    for (const on of [app, twin]) {
      const { userErrors, accessToken } = await signIn(on, ' LIMIT_ada ');
      expect(userErrors).toMatchObject([{ __typename: 'RateLimitedError', code: 'RATE_LIMITED', path: ['input'] }]);
      expect(userErrors[0].retryAfterMs).toBeGreaterThan(800_000);
      expect(userErrors[0].retryAfterMs).toBeLessThanOrEqual(900_000);
      expect(accessToken).toBeNull();
    }
    const { rows } = await app.sql.query(
      `SELECT details FROM audit_events WHERE user_id = $1 AND kind = 'sign-in.refused'`,
      [ada.uuid],
    );
    expect(rows.filter(({ details }) => details.includes('limited'))).toHaveLength(3);
  });

  it('are counted by what is looked up, whatever is written behind it', async () => {
    await member(app, 'limit_eli');
    const padded = (i: number) => wrong(`limit_eli@example.com${' '.repeat(300)}${i}`);
    for (let i = 0; i < FAILURES; i += 1) expect(codes(await padded(i))).toEqual(['INVALID_CREDENTIALS']);
    expect(codes(await padded(FAILURES))).toEqual(['RATE_LIMITED']);
  });

  it('are no more when they come all at once', async () => {
    await member(app, 'limit_bob');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => wrong('limit_bob', {}, i % 2 ? twin : app)));
    expect(answers.flatMap(codes).filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(FAILURES);
  });

  it('are forgiven to whoever knows the right one', async () => {
    await member(app, 'limit_cyd');
    for (let i = 0; i < FAILURES * 2; i += 1) expect(codes(await signIn(app, 'limit_cyd'))).toEqual([]);
    for (let i = 0; i < FAILURES; i += 1) expect(codes(await wrong('limit_cyd'))).toEqual(['INVALID_CREDENTIALS']);
    expect(codes(await wrong('limit_cyd'))).toEqual(['RATE_LIMITED']);
  });

  it('of a login that nobody has are answered just the same', async () => {
    await member(app, 'limit_dan');
    const document =
      'mutation ($l: String!) { signIn(input: { login: $l, password: "wrong" }) { userErrors { code message path ... on RateLimitedError { retryAfterMs } } } }';
    const ask = async (l: string) => {
      const answer = await app.query(document, { l });
      const { statements } = { statements: app.statementsOf('anonymous') };
      const text = answer.text.replace(/"retryAfterMs":(\d+)/, (_, ms) => `"retryAfterMs":${ms > 890_000}`);
      return { status: answer.status, text, statements };
    };
    for (let i = 0; i < FAILURES + 2; i += 1) expect(await ask('limit_nobody')).toEqual(await ask('limit_dan'));
    expect((await ask('limit_nobody')).text).toContain('RATE_LIMITED');
  });

  it('do not tell that a handle and an address are of one account', async () => {
    const eve = await member(app, 'limit_eve');
    await attacked('limit_eve');
    expect(codes(await wrong(eve.email))).toEqual(['INVALID_CREDENTIALS']);
  });

  it('are counted when somebody signed in gives the old one as well', async () => {
    const fay = await member(app, 'limit_fay');
    const guess = () =>
      signed(app, fay, 'changePassword', { currentPassword: 'x', newPassword: 'a fine new password' });
    for (let i = 0; i < FAILURES; i += 1) expect(codes(await guess())).toEqual(['INVALID_CREDENTIALS']);
    expect(codes(await guess())).toEqual(['RATE_LIMITED']);
    const email = { email: 'fay@example.org', password: PASSWORD };
    expect(codes(await signed(app, fay, 'changeEmail', email))).toEqual(['RATE_LIMITED']);
  });
});

describe('the device of the owner', () => {
  const known = (deviceToken: string) => ({ deviceToken });

  it('gets in while strangers have used up the tries of the account', async () => {
    const gil = await member(app, 'device_gil');
    await attacked('device_gil');
    const again = await signIn(twin, 'device_gil', PASSWORD, known(gil.deviceToken));
    expect(codes(again)).toEqual([]);
    expect(again.deviceToken).not.toBe(gil.deviceToken);
    expect(codes(await signIn(app, gil.email, PASSWORD, known(again.deviceToken)))).toEqual([]);
    expect(codes(await signIn(app, 'device_gil'))).toEqual(['RATE_LIMITED']);
  });

  it('has tries of its own, each device for itself', async () => {
    const hal = await member(app, 'device_hal');
    const other = (await signIn(app, 'device_hal')).deviceToken;
    for (let i = 0; i < FAILURES; i += 1) {
      expect(codes(await wrong('device_hal', known(hal.deviceToken)))).toEqual(['INVALID_CREDENTIALS']);
    }
    expect(codes(await signIn(app, 'device_hal', PASSWORD, known(hal.deviceToken)))).toEqual(['RATE_LIMITED']);
    expect(codes(await signIn(app, 'device_hal', PASSWORD, known(other)))).toEqual([]);
    expect(codes(await signIn(app, 'device_hal'))).toEqual([]);
  });

  it.each<[string, (ida: Member, thief: Member) => string]>([
    ['of another account', (_, thief) => thief.deviceToken],
    [
      'with another account written into it',
      ({ deviceToken, uuid }, thief) => forged(thief.deviceToken, uuid, deviceToken),
    ],
    ['that was altered', ({ deviceToken }) => `${deviceToken.slice(0, -2)}AA`],
    ['without its second half', ({ deviceToken }) => deviceToken.split('.')[0] ?? ''],
    ['that is none', () => 'x.y'],
    ['that is empty', () => ''],
    ['without end', ({ deviceToken }) => `${deviceToken}${'A'.repeat(5_000)}`],
  ])('is not known by a token %s', async (what, make) => {
    const handle = `device_${what.replace(/\W/g, '').slice(0, 16)}`;
    const owner = await member(app, handle);
    const thief = await member(app, `thief_${handle.slice(7)}`);
    await attacked(handle);
    expect(codes(await signIn(app, handle, PASSWORD, known(make(owner, thief))))).toEqual(['RATE_LIMITED']);
  });
});

/** The first token, saying that it is of this user, with the authentication of the first or the second. */
function forged(token: string, userId: string, other: string): string {
  const [body = ''] = token.split('.');
  const parts = JSON.parse(Buffer.from(body, 'base64url').toString());
  const altered = Buffer.from(JSON.stringify([userId, ...parts.slice(1)])).toString('base64url');
  return `${altered}.${other.split('.')[1]}`;
}

describe('while Redis is away', () => {
  it('nobody guesses: not to sign in, and not to change a password', async () => {
    const ida = await member(app, 'away_ida');
    const lone = await startTestApp({ databaseUrl: app.databaseUrl, env: { ...ENV, REDIS_URL: redis.url } });
    await redis.kill();
    try {
      const into = await lone.query('mutation { signIn(input: { login: "away_ida", password: "x" }) { replayed } }');
      expect(into.errors?.[0]?.extensions.code).toBe('SERVICE_UNAVAILABLE');
      const change = { currentPassword: 'x', newPassword: 'a fine new password' };
      await expect(signed(lone, ida, 'changePassword', change)).rejects.toThrow('SERVICE_UNAVAILABLE');
    } finally {
      await lone.close();
    }
  });
});
