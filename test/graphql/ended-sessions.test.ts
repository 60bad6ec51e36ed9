import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { openDatabase } from '../../src/app';
import { loadConfig } from '../../src/config';
import { type Clock, systemClock } from '../../src/kernel/clock';
import { EndedSessions } from '../../src/modules/auth/ended-sessions';
import type { Postgres } from '../../src/platform/postgres/connect';
import type { Database } from '../../src/platform/postgres/database';
import { createLocalDoorbell, type Doorbell } from '../../src/platform/redis/doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';
import { openRawSocket } from '../support/raw-socket';
import { startRedis, type TestRedis } from '../support/redis-server';
import { signInAgain, standingOf } from '../support/sessions';
import { deleteAccount } from '../support/social';
import { mutate } from '../support/verbs';

if (!process.env['TEST_REDIS_URL']) report('NO REDIS: how ended sessions are refused without it is not tested.');
const withRedis = process.env['TEST_REDIS_URL'] ? describe : describe.skip;

let database: TestDatabase;
/** Two processes that hear of each other by the database alone. */
let near: TestApp;
let far: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  [near, far] = (await Promise.all([start(), start()])) as [TestApp, TestApp];
});
afterAll(async () => {
  await Promise.all([near.close(), far.close()]);
  await database.drop();
});

function start(env: Record<string, string> = {}): Promise<TestApp> {
  const common = { JOBS_CONCURRENCY: '0', LIVE_POLL_MS: '600000' };
  return startTestApp({ databaseUrl: database.url, env: { ...common, ...env } });
}

const signOut = (as: Person, at = near) => mutate(at, as, 'signOut', {});
const becomesRefused = (at: TestApp, as: Person) =>
  eventually('the token is refused', async () => (await standingOf(at, as)) === 'UNAUTHENTICATED');

/** What an event stream answers, which ends by itself. */
async function streamed(at: TestApp, as: Person, query: string): Promise<string> {
  const headers = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    authorization: `Bearer ${as.token}`,
  };
  const answer = await fetch(`${at.url}/graphql/stream`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return answer.text();
}

describe('an access token of a session that has ended', () => {
  it('is refused by the next request, by POST and GET and as an event stream', async () => {
    const ada = await near.person('ada_next');
    await signOut(ada);
    const answer = await near.query('{ viewer { id } }', {}, ada);
    expect(answer.status).toBe(401);
    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const headers = { authorization: `Bearer ${ada.token}` };
    const got = await fetch(`${near.url}/graphql?query=${encodeURIComponent('{ viewer { id } }')}`, { headers });
    expect(got.status).toBe(401);
    expect(await streamed(near, ada, '{ viewer { id } }')).toContain('UNAUTHENTICATED');
  });

  it('does nothing more on a socket that was open, and none on a new one', async () => {
    const bob = await near.person('bob_socket');
    const socket = await openRawSocket(near, bob.token);
    await signOut(bob);
    // Written before the close frame can have come.
    socket.subscribe('late', '{ viewer { id } }');
    expect((await socket.closed).code).toBe(4403);
    expect(JSON.stringify(socket.messages)).not.toContain('viewer_');
    const another = await openRawSocket(near, bob.token);
    expect((await another.closed).code).toBe(4403);
  });

  it('is refused by another process, which hears of it from the database', async () => {
    const cat = await near.person('cat_far');
    expect(await standingOf(far, cat)).toBe('OK');
    await signOut(cat);
    await becomesRefused(far, cat);
  });

  it('is refused by a process that starts afterwards', async () => {
    const dan = await near.person('dan_before');
    await signOut(dan);
    const fresh = await start();
    expect(await standingOf(fresh, dan)).toBe('UNAUTHENTICATED');
    await fresh.close();
  });

  it('is refused though the transaction that ended it was long under way', async () => {
    const eve = await near.person('eve_late');
    await near.sql.query(`UPDATE sessions SET revoked_at = now() - interval '30 seconds' WHERE user_id = $1`, [
      eve.uuid,
    ]);
    await Promise.all([near, far].map((at) => becomesRefused(at, eve)));
  });

  it('is refused when the account is deleted, and its sockets close', async () => {
    const fay = await near.person('fay_gone');
    const socket = await openRawSocket(far, fay.token);
    await deleteAccount(near, fay);
    await Promise.all([near, far].map((at) => becomesRefused(at, fay)));
    expect((await socket.closed).code).toBe(4403);
  });

  it('still signs out again, which a lost answer asks for, and does nothing else', async () => {
    const gil = await near.person('gil_again');
    await mutate(near, gil, 'signOut', { clientMutationId: 'bye' });
    expect(await mutate(near, gil, 'signOut', { clientMutationId: 'bye' })).toMatchObject({ replayed: true });
    const out = 'signOut(input: {}) { replayed }';
    for (const more of [
      `mutation { ${out} createPost(input: { text: "x" }) { replayed } }`,
      'mutation { signOut(input: {}) { query { viewer { id } } } }',
      'mutation { signOut(input: {}) { ... on MutationPayload { query { viewer { id } } } } }',
      'mutation { ...Out } fragment Out on Mutation { signOut(input: {}) { query { viewer { id } } } }',
      'mutation { revokeOtherSessions(input: {}) { revokedCount } }',
      'mutation { registerDevice(input: { platform: IOS, appVersion: "1" }) { device { id } } }',
    ]) {
      const { status, errors } = await near.query(more, {}, gil);
      expect([more, status, errors?.[0]?.extensions.code]).toEqual([more, 401, 'UNAUTHENTICATED']);
    }
  });

  it('ends no other session by what it may still send', async () => {
    const hal = await near.person('hal_old');
    const elsewhere = await signInAgain(near, hal);
    await signOut(hal);
    for (const more of [
      'signOutEverywhere(input: {})',
      `revokeSession(input: { sessionId: "${elsewhere.sessionId}" })`,
    ]) {
      const { errors } = await near.query(`mutation { ${more} { replayed } }`, {}, hal);
      expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    }
    expect(await standingOf(near, elsewhere)).toBe('OK');
  });

  it('takes no other session of the account with it', async () => {
    const ivy = await near.person('ivy_two');
    const elsewhere = await signInAgain(near, ivy);
    await signOut(ivy);
    await becomesRefused(far, ivy);
    expect([await standingOf(near, elsewhere), await standingOf(far, elsewhere)]).toEqual(['OK', 'OK']);
  });
});

withRedis('with Redis between processes', () => {
  it('an access token is refused while Redis is there, when it has been flushed, and while it is away', async () => {
    const redis: TestRedis = await startRedis();
    const [one, two] = await Promise.all([start({ REDIS_URL: redis.url }), start({ REDIS_URL: redis.url })]);
    const [jan, kim, lea] = await Promise.all(['jan', 'kim', 'lea'].map((handle) => near.person(handle)));
    if (!jan || !kim || !lea) throw new Error('somebody is missing');
    await signOut(jan, one);
    await becomesRefused(two, jan);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await signOut(kim, one);
    await becomesRefused(two, kim);
    expect(await standingOf(two, jan)).toBe('UNAUTHENTICATED');
    await redis.kill();
    await signOut(lea, one);
    await becomesRefused(two, lea);
    expect(await standingOf(two, kim)).toBe('UNAUTHENTICATED');
    await Promise.all([one.close(), two.close()]);
  });
});

describe('what one process knows of ended sessions', () => {
  const LIFE_SECONDS = 600;
  const NEVER_MS = 600_000;
  const log = createLog({ level: 'silent', format: 'json' });
  let postgres: Postgres;
  let doorbell: Doorbell;
  let all: EndedSessions[] = [];

  beforeAll(async () => {
    postgres = await openDatabase(database.url, loadConfig({ NODE_ENV: 'test' }), log);
    doorbell = createLocalDoorbell();
  });
  afterEach(() => {
    for (const each of all.splice(0)) each.close();
  });
  afterAll(() => postgres.close());

  async function watcher(options: { pollMs?: number; clock?: Clock; database?: Database } = {}) {
    const usual = { database: postgres.database, doorbell, clock: systemClock, log, pollMs: NEVER_MS };
    const ended = new EndedSessions({ ...usual, accessTokenSeconds: LIFE_SECONDS, ...options });
    all = [...all, ended];
    await ended.start();
    return ended;
  }

  /** Somebody whose session is ended past all processes. */
  async function endedPerson(handle: string) {
    const person = await near.person(handle);
    const { sessionUuid: sessionId } = await signInAgain(near, person);
    const viewer = { userId: person.uuid, sessionId };
    return { viewer, end: () => near.sql.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [sessionId]) };
  }

  it('comes by the doorbell, long before the next look', async () => {
    const [one, other] = [await watcher(), await watcher()];
    const { viewer, end } = await endedPerson('rung');
    await end();
    one.tell([viewer.sessionId]);
    expect(one.has(viewer)).toBe(true);
    await eventually('the other has heard', () => other.has(viewer));
  });

  it('comes by looking, without any doorbell', async () => {
    const looking = await watcher({ pollMs: 20 });
    const { viewer, end } = await endedPerson('looked');
    await end();
    await eventually('it is found', () => looking.has(viewer));
  });

  it('is kept while the database cannot be read, and made up for when it is back', async () => {
    let away = false;
    const rows = <Row>(...given: Parameters<Database['rows']>) =>
      away ? Promise.reject(new Error('away')) : postgres.database.rows<Row>(...given);
    const patchy = Object.assign(Object.create(postgres.database) as Database, { rows });
    const [before, meanwhile] = [await endedPerson('known_before'), await endedPerson('ended_meanwhile')];
    await before.end();
    const looking = await watcher({ pollMs: 20, database: patchy });
    expect(looking.has(before.viewer)).toBe(true);
    away = true;
    await meanwhile.end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([looking.has(before.viewer), looking.has(meanwhile.viewer)]).toEqual([true, false]);
    away = false;
    await eventually('it is made up for', () => looking.has(meanwhile.viewer));
  });

  it('is forgotten when no token of theirs can live any more', async () => {
    let ahead = 0;
    const clock = { ms: () => Date.now() + ahead, now: () => new Date(Date.now() + ahead).toISOString() };
    const looking = await watcher({ pollMs: 20, clock });
    const { viewer, end } = await endedPerson('forgotten');
    await end();
    await eventually('it is found', () => looking.has(viewer));
    ahead = LIFE_SECONDS * 1_000;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(looking.has(viewer)).toBe(true);
    ahead = LIFE_SECONDS * 1_000 + 130_000;
    await eventually('it is forgotten', () => !looking.has(viewer));
  });

  it('is told to whoever watches, once, also when it has ended before; and not after they stopped', async () => {
    const looking = await watcher({ pollMs: 20 });
    const { viewer, end } = await endedPerson('watched');
    let told = 0;
    const tell = () => {
      told += 1;
    };
    looking.watch(viewer, tell);
    const stop = looking.watch(viewer, tell);
    stop();
    looking.watch({ ...viewer, sessionId: randomUUID() }, tell);
    await end();
    await eventually('it is told', () => told > 0);
    looking.watch(viewer, tell);
    await eventually('it is told again to who came later', () => told > 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toBe(2);
  });
});
