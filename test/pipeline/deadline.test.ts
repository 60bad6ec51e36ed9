import { type ClientRequest, request } from 'node:http';
import { Client } from 'pg';
import { decodeId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';
import { openRawSocket, type RawSocket } from '../support/raw-socket';
import { signInAgain } from '../support/sessions';
import { documentOf, people, publish } from '../support/verbs';
import { codeOf, sleep, until } from './asking';

const TIMEOUT_MS = 250;
const POOL_MAX = 4;
const READ = 'query Read($id: ID!) { post(id: $id) { text } }';
const ANSWER_MS = 2_000;
/** Both are answered without another look into a store, and so not ended by one that refuses. */
const IDLE = `{ first: revokeSession(input: { sessionId: $session }) { revokedId }
  second: signUp(input: { email: "-", handle: "-", name: "", password: "short" }) { userErrors { code } } }`;

let app: TestApp;
let ada: Person;
let postId: string;
let blocker: Client;

beforeAll(async () => {
  const env = { OPERATION_TIMEOUT_MS: String(TIMEOUT_MS), DATABASE_POOL_MAX: String(POOL_MAX), JOBS_CONCURRENCY: '0' };
  app = await startTestApp({ env });
  ({ ada } = await people(app, 'ada'));
  postId = await publish(app, ada);
  blocker = new Client({ connectionString: app.databaseUrl });
  await blocker.connect();
});
afterAll(async () => {
  await blocker.end();
  await app.close();
});

/** Makes every statement on a table wait for as long as `work` takes. */
async function whileLocked<Result>(table: string, work: () => Promise<Result>): Promise<Result> {
  await blocker.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  try {
    return await work();
  } finally {
    await blocker.query('ROLLBACK');
  }
}

/** Statements of the service that PostgreSQL is working on, or that wait there for a lock. */
async function statementsAtWork(): Promise<number> {
  const { rows } = await app.sql.query(
    `SELECT count(*)::int AS busy FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'portico' AND state = 'active'`,
  );
  return rows[0].busy;
}

/** Begins a request that can hang up. */
function begin(query: string, variables: object, as: Person | null = null): ClientRequest {
  const body = JSON.stringify({ query, variables });
  const headers = { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as.token}` }) };
  const sent = request(`${app.url}/graphql`, { method: 'POST', headers }).on('error', () => {});
  sent.end(body);
  return sent;
}

async function postsNamed(text: string): Promise<number> {
  const { rows } = await app.sql.query('SELECT count(*)::int AS posts FROM posts WHERE text = $1', [text]);
  return rows[0].posts;
}

async function hasEnded(sessionId: string): Promise<boolean> {
  const uuid = decodeId(sessionId)?.uuid;
  const { rows } = await app.sql.query('SELECT revoked_at IS NOT NULL AS ended FROM sessions WHERE id = $1', [uuid]);
  return rows[0].ended;
}

describe('an operation whose time is up', () => {
  it('is answered DEADLINE_EXCEEDED, and its statement is cancelled in PostgreSQL', async () => {
    await whileLocked('posts', async () => {
      const startedAt = performance.now();
      const answer = await app.query(READ, { id: postId });
      expect(codeOf(answer)).toBe('DEADLINE_EXCEEDED');
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TIMEOUT_MS - 10);
      expect(performance.now() - startedAt).toBeLessThan(ANSWER_MS);
      await until('nothing at work', async () => (await statementsAtWork()) === 0, 500);
    });
    expect(await app.ok(READ, { id: postId })).toEqual({ post: { text: 'Hello' } });
  });

  it('is answered in time where every connection of the pool is at work', async () => {
    await whileLocked('posts', async () => {
      const startedAt = performance.now();
      const asked = Array.from({ length: POOL_MAX * 3 }, () => app.query(READ, { id: postId }));
      const codes = (await Promise.all(asked)).map(codeOf);
      expect(codes).toEqual(codes.map(() => 'DEADLINE_EXCEEDED'));
      expect(performance.now() - startedAt).toBeLessThan(ANSWER_MS);
      await until('nothing at work', async () => (await statementsAtWork()) === 0, 500);
    });
    expect(await app.ok(READ, { id: postId })).toEqual({ post: { text: 'Hello' } });
  });

  it('begins no further field', async () => {
    const query = 'query Deep($id: ID!) { post(id: $id) { author { handle posts(first: 5) { nodes { text } } } } }';
    await whileLocked('users', async () => {
      expect(codeOf(await app.query(query, { id: postId }))).toBe('DEADLINE_EXCEEDED');
    });
    // The post and its author; not the posts of the author.
    expect(app.statementsOf('Deep')).toBeLessThanOrEqual(2);
  });

  it('begins no further mutation, and finishes the one that it has begun', async () => {
    const document = `mutation Two($a: CreatePostInput!, $b: CreatePostInput!) {
      first: createPost(input: $a) { replayed } second: createPost(input: $b) { replayed }
    }`;
    const variables = { a: { text: 'begun in time' }, b: { text: 'too late' } };
    const answer = await whileLocked('posts', async () => {
      const asked = app.query(document, variables, ada);
      await sleep(TIMEOUT_MS + 150);
      await blocker.query('COMMIT');
      return asked;
    });
    expect(codeOf(answer)).toBe('DEADLINE_EXCEEDED');
    expect([await postsNamed('begun in time'), await postsNamed('too late')]).toEqual([1, 0]);
  });

  it('begins no further field either that no store would refuse', async () => {
    const { sessionId: session } = await signInAgain(app, ada);
    const answer = await whileLocked('sessions', async () => {
      const asked = app.query(`mutation Idle($session: ID!) ${IDLE}`, { session }, ada);
      await sleep(TIMEOUT_MS + 150);
      await blocker.query('COMMIT');
      return asked;
    });
    expect(answer.errors).toMatchObject([{ path: ['second'], extensions: { code: 'DEADLINE_EXCEEDED' } }]);
    expect(await hasEnded(session)).toBe(true);
  });

  it('is ended over WebSocket and event stream as well', async () => {
    const client = new RawClient(app.url);
    const payload = { query: READ, variables: { id: postId } };
    await whileLocked('posts', async () => {
      const streamed = await client.stream(JSON.stringify(payload), null, true);
      const socketed = await client.socket([JSON.stringify({ id: '1', type: 'subscribe', payload })], null, true);
      for (const answer of [streamed, socketed]) {
        expect(codeOf((answer as { result: unknown }).result)).toBe('DEADLINE_EXCEEDED');
      }
      await until('nothing at work', async () => (await statementsAtWork()) === 0, 500);
    });
    client.close();
  });
});

describe('a client that hangs up', () => {
  let patient: TestApp;
  beforeAll(async () => {
    patient = await startTestApp({ databaseUrl: app.databaseUrl, env: { JOBS_CONCURRENCY: '0' } });
  });
  afterAll(() => patient.close());

  const hangUp = (query: string, variables: object, as: Person | null = null) => {
    const headers = { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as.token}` }) };
    const sent = request(`${patient.url}/graphql`, { method: 'POST', headers }).on('error', () => {});
    sent.end(JSON.stringify({ query, variables }));
    return sent;
  };

  it('has its statements in flight cancelled', async () => {
    await whileLocked('posts', async () => {
      const asked = hangUp(READ, { id: postId });
      await until('at work', async () => (await statementsAtWork()) === 1);
      asked.destroy();
      await until('nothing at work', async () => (await statementsAtWork()) === 0, 500);
    });
    expect(await patient.ok(READ, { id: postId })).toEqual({ post: { text: 'Hello' } });
  });

  it.each<[string, (asking: RawSocket) => void]>([
    ['closing its socket', ({ socket }) => socket.terminate()],
    ['completing its operation', ({ say }) => say({ id: '1', type: 'complete' })],
  ])('has them cancelled by %s', async (_how, leave) => {
    const asking = await openRawSocket(patient);
    await whileLocked('posts', async () => {
      asking.subscribe('1', READ, { id: postId });
      await until('at work', async () => (await statementsAtWork()) === 1);
      leave(asking);
      await until('nothing at work', async () => (await statementsAtWork()) === 0, 500);
    });
    asking.socket.terminate();
  });

  it('has them cancelled by closing its event stream', async () => {
    const controller = new AbortController();
    await whileLocked('posts', async () => {
      const asked = fetch(`${patient.url}/graphql/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: READ, variables: { id: postId } }),
        signal: controller.signal,
      }).catch(() => null);
      await until('at work', async () => (await statementsAtWork()) === 1);
      controller.abort();
      await asked;
      await until('nothing at work', async () => (await statementsAtWork()) === 0, 500);
    });
  });

  it('has no further field begun either that no store would refuse', async () => {
    const { sessionId: session } = await signInAgain(app, ada);
    await whileLocked('sessions', async () => {
      const asked = hangUp(`mutation LeftIdle($session: ID!) ${IDLE}`, { session }, ada);
      await until('at work', async () => (await statementsAtWork()) === 1);
      asked.destroy();
      await sleep(100);
    });
    const lineOf = () => patient.log.find((line) => line['operation'] === 'LeftIdle');
    await until('its log line', lineOf);
    expect(lineOf()).toMatchObject({ type: 'mutation', codes: ['DEADLINE_EXCEEDED'] });
    expect(await hasEnded(session)).toBe(true);
  });

  it('has the mutation finished that was begun, and the next not begun', async () => {
    const document = `mutation Left($a: CreatePostInput!, $b: CreatePostInput!) {
      first: createPost(input: $a) { replayed } second: createPost(input: $b) { replayed }
    }`;
    await whileLocked('posts', async () => {
      const asked = hangUp(document, { a: { text: 'kept' }, b: { text: 'left' } }, ada);
      await until('at work', async () => (await statementsAtWork()) === 1);
      asked.destroy();
      await sleep(100);
      expect(await statementsAtWork()).toBe(1);
    });
    await until('its log line', () => patient.log.some((line) => line['operation'] === 'Left'));
    expect([await postsNamed('kept'), await postsNamed('left')]).toEqual([1, 0]);
  });
});

it('cancels nothing but what it means to, however close the deadline and the end of a statement come', async () => {
  const rounds = 50;
  const write = documentOf('createPost').replace('mutation createPost', 'mutation After');
  const neighbours = { asked: 0, failed: [] as string[] };
  let over = false;
  const neighbour = async () => {
    while (!over) {
      const answer = await app.query('query Neighbour($id: ID!) { user(id: $id) { handle } }', { id: ada.id });
      neighbours.asked += 1;
      if (answer.errors) neighbours.failed.push(JSON.stringify(answer.errors));
    }
  };
  const running = [neighbour(), neighbour()];
  for (let round = 0; round < rounds; round += 1) {
    const asked = begin(READ, { id: postId });
    await sleep(Math.random() * 6);
    asked.destroy();
  }
  over = true;
  await Promise.all(running);
  expect(neighbours.failed).toEqual([]);
  expect(neighbours.asked).toBeGreaterThan(10);
  await app.ok(write, { input: { text: 'after' } }, ada);
  expect(await statementsAtWork()).toBe(0);
});
