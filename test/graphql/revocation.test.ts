import { systemClock } from '../../src/kernel/clock';
import { newId } from '../../src/kernel/ids';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { type Person, startTestApp, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { COMMENT_ADDED, followComments } from '../support/comment-stream';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';
import { openRawSocket, type RawSocket } from '../support/raw-socket';
import { startRedis, type TestRedis } from '../support/redis-server';
import { deleteAccount } from '../support/social';
import { comment, mutate, publish } from '../support/verbs';

const RUNG_WITHIN_MS = 2_000;
const UNRUNG_WITHIN_MS = 10_000;
/** So long that a test which passes did not wait for it. */
const NEVER_POLLS = '600000';

if (!process.env['TEST_REDIS_URL']) report('NO REDIS: how revocations reach other processes is not tested.');
const withRedis = process.env['TEST_REDIS_URL'] ? describe : describe.skip;

let database: TestDatabase;
let app: TestApp;
let postId: string;
let ada: Person;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await start({});
  ada = await app.person('ada');
  postId = await publish(app, ada);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

function start(env: Record<string, string>): Promise<TestApp> {
  const common = { LIVE_POLL_MS: NEVER_POLLS, JOBS_CONCURRENCY: '0' };
  return startTestApp({ databaseUrl: database.url, env: { ...common, ...env } });
}

/** A token that ends in so many seconds, of a session of this person. */
async function tokenFor(person: Person, lifetimeSeconds = 600, sessionId?: string): Promise<string> {
  const { rows } = await app.sql.query('SELECT id FROM sessions WHERE user_id = $1 ORDER BY id', [person.uuid]);
  const issuer = 'http://localhost';
  const tokens = await AccessTokens.create({
    signingKeyPem: TEST_SIGNING_KEY,
    issuer,
    lifetimeSeconds,
    clock: systemClock,
  });
  return tokens.issue({ userId: person.uuid, sessionId: sessionId ?? rows[0].id });
}

/** A socket and an event stream of this person, both known to be live. */
async function goLive(at: TestApp, person: Person) {
  const socket = await openRawSocket(at, person.token);
  const { cursor } = await comment(app, ada, postId, 'Before');
  await comment(app, ada, postId, 'Behind');
  socket.subscribe('live', COMMENT_ADDED, { postId, after: cursor });
  await socket.hear('the socket is live', ({ type }) => type === 'next');
  const stream = followComments(at, 'sse', person, { postId, after: cursor });
  await stream.first(1);
  return { socket, stream };
}

/** Waits until both are closed, and sees that what is written afterwards reaches neither. */
async function expectEnded({ socket, stream }: Awaited<ReturnType<typeof goLive>>, withinMs: number): Promise<void> {
  const since = performance.now();
  expect(await socket.closed).toEqual({ code: 4403, reason: 'This session has ended' });
  await stream.ended;
  expect(performance.now() - since).toBeLessThan(withinMs);
  const received = [socket.messages.length, stream.added.length];
  await comment(app, ada, postId, 'Afterwards');
  expect([socket.messages.length, stream.added.length]).toEqual(received);
}

const signOut = (as: Person, input: object = {}) => mutate(app, as, 'signOut', input);

describe('signing out', () => {
  it('ends the session, once, however often it is sent', async () => {
    const bob = await app.person('bob_out');
    const input = { clientMutationId: 'leaving' };
    expect(await signOut(bob, input)).toMatchObject({ replayed: false, userErrors: [], clientMutationId: 'leaving' });
    const { rows } = await app.sql.query('SELECT revoked_at FROM sessions WHERE user_id = $1', [bob.uuid]);
    expect(await signOut(bob, input)).toMatchObject({ replayed: true, userErrors: [] });
    expect(await signOut(bob)).toMatchObject({ replayed: false, userErrors: [] });
    const again = await app.sql.query('SELECT revoked_at FROM sessions WHERE user_id = $1', [bob.uuid]);
    expect(again.rows).toEqual(rows);
    expect(rows[0].revoked_at).not.toBeNull();
    const { errors } = await app.query('mutation { createPost(input: { text: "x" }) { replayed } }', {}, bob);
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('by a socket is answered before the socket is closed', async () => {
    const eve = await app.person('eve_out');
    const socket = await openRawSocket(app, eve.token);
    socket.subscribe('out', 'mutation { signOut(input: {}) { userErrors { code } } }');
    expect((await socket.closed).code).toBe(4403);
    expect(socket.messages).toContainEqual({
      id: 'out',
      type: 'next',
      payload: { data: { signOut: { userErrors: [] } } },
    });
  });

  it('leaves other sessions of the account alone', async () => {
    const kim = await app.person('kim_out');
    const sessionId = newId();
    await app.sql.query('INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($1, $2, now(), now())', [
      sessionId,
      kim.uuid,
    ]);
    const [one, other] = [
      await openRawSocket(app, kim.token),
      await openRawSocket(app, await tokenFor(kim, 60, sessionId)),
    ];
    await signOut(kim);
    await one.closed;
    other.say({ type: 'ping' });
    await other.hear('the other lives', ({ type }) => type === 'pong');
    other.socket.terminate();
  });
});

describe('a token of a session that has ended', () => {
  it('opens a socket and an event stream that are closed at once', async () => {
    // Twice, so that it cannot be the periodic look by chance.
    for (const handle of ['zoe', 'zoe_again']) {
      const zoe = await app.person(handle);
      await signOut(zoe);
      const stream = followComments(app, 'sse', zoe, { postId });
      const socket = await openRawSocket(app, zoe.token);
      const since = performance.now();
      expect((await socket.closed).code).toBe(4403);
      await stream.ended;
      expect(performance.now() - since).toBeLessThan(RUNG_WITHIN_MS);
    }
  });
});

withRedis('in another process', () => {
  let redis: TestRedis;
  let [near, far]: TestApp[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    [near, far] = [await start({ REDIS_URL: redis.url }), await start({ REDIS_URL: redis.url })];
  });
  afterAll(async () => {
    await Promise.all([near?.close(), far?.close()]);
    await redis.kill();
  });

  it('signing out ends sockets and event streams within two seconds', async () => {
    const bob = await app.person('bob_two');
    const live = await goLive(far as TestApp, bob);
    await mutate(near as TestApp, bob, 'signOut', {});
    await expectEnded(live, RUNG_WITHIN_MS);
  });

  it('a refresh token that comes back ends them, too', async () => {
    const account = { name: 'Mia', handle: 'mia_copied', email: 'mia@example.com', password: 'correct horse battery' };
    const made = await app.ok(
      'mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken refreshToken } }',
      { input: account },
    );
    const live = await goLive(far as TestApp, { ...ada, token: made.signUp.accessToken });
    const refresh = async (token: string) => {
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
      const answer = await fetch(`${near?.url}/oauth/token`, { method: 'POST', body });
      return (await answer.json()) as { refresh_token: string; error?: string };
    };
    const { refresh_token: second } = await refresh(made.signUp.refreshToken);
    await refresh(second);
    expect((await refresh(made.signUp.refreshToken)).error).toBe('invalid_grant');
    await expectEnded(live, RUNG_WITHIN_MS);
  });

  it('without Redis all of it ends them within ten seconds', async () => {
    const [cut, alone, gone] = [await app.person('cut'), await app.person('alone'), await app.person('gone')];
    const lives = [await goLive(far as TestApp, cut), await goLive(app, alone), await goLive(app, gone)];
    await redis.kill();
    await mutate(near as TestApp, cut, 'signOut', {});
    await mutate(near as TestApp, alone, 'signOut', {});
    await deleteAccount(app, gone);
    await Promise.all(lives.map((live) => expectEnded(live, UNRUNG_WITHIN_MS)));
  });
});

describe('a token that is renewed by a ping', () => {
  let socket: RawSocket;
  const ping = (authorization: unknown) => socket.say({ type: 'ping', payload: { authorization } });

  it('keeps the socket and what it carries past the end of the first', async () => {
    socket = await openRawSocket(app, await tokenFor(ada, 2));
    const { cursor } = await comment(app, ada, postId, 'Before');
    socket.subscribe('live', COMMENT_ADDED, { postId, after: cursor });
    const fresh = await tokenFor(ada);
    ping(`Bearer ${fresh}`);
    const pong = await socket.hear('the ping is answered', ({ type }) => type === 'pong');
    expect(pong).toEqual({ type: 'pong' });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await comment(app, ada, postId, 'Past the end');
    await socket.hear('it goes on', ({ payload }) => payload?.data?.commentAdded.node.text === 'Past the end');
    expect(JSON.stringify(socket.messages)).not.toContain(fresh);
    socket.socket.terminate();
  });

  it('a ping without a payload, or with another one, is answered without a payload', async () => {
    socket = await openRawSocket(app, ada.token);
    for (const message of [{ type: 'ping' }, { type: 'ping', payload: { at: 5 } }]) socket.say(message);
    await eventually('both are answered', () => socket.messages.length === 3);
    expect(socket.messages.slice(1)).toEqual([{ type: 'pong' }, { type: 'pong' }]);
    socket.socket.terminate();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['of another person', async () => `Bearer ${(await app.person('mallory')).token}`],
    ['of another session of the same person', async () => `Bearer ${await tokenFor(ada, 600, newId())}`],
    ['that has ended', async () => `Bearer ${await tokenFor(ada, -1)}`],
    ['that is broken', async () => 'Bearer nonsense'],
    ['that is empty', async () => ''],
    ['that is no text', async () => 5],
  ])('closes the socket with 4403 when it is one %s', async (_, authorization) => {
    socket = await openRawSocket(app, ada.token);
    ping(await authorization());
    expect((await socket.closed).code).toBe(4403);
  });

  it('closes an anonymous socket with 4403: its client believes to be signed in', async () => {
    socket = await openRawSocket(app);
    ping(`Bearer ${ada.token}`);
    expect((await socket.closed).code).toBe(4403);
  });
});
