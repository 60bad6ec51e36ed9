import { once } from 'node:events';
import { connect } from 'node:net';
import WebSocket from 'ws';
import { TEST_SECRET, TEST_SIGNING_KEY } from './support/app';
import { createTestDatabase } from './support/database';
import { eventually } from './support/interleaving';
import { PostgresScratch } from './support/postgres-scratch';
import { buildService, type RunningProcess, runService } from './support/process';
import { startRedis } from './support/redis-server';

const SOCKETS = 300;
const LIMIT_MS = 10_000;
const SHORT_LIMIT_MS = 4_000;
const LISTENING = /"url":"(http:[^"]+)"/;

beforeAll(() => buildService(), 90_000);

interface Client {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

async function serve(
  databaseUrl: string,
  redisUrl: string,
  limitMs = LIMIT_MS,
): Promise<{ running: RunningProcess; url: string }> {
  const running = runService(['serve'], {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'https://api.example.com',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SECRET_KEY: TEST_SECRET,
    TOKEN_SIGNING_KEY: TEST_SIGNING_KEY.replaceAll('\n', '\\n'),
    MAIL_URL: 'smtp://127.0.0.1:1',
    SOCKETS_PER_ADDRESS: `${2 * SOCKETS}`,
    SHUTDOWN_TIMEOUT_MS: `${limitMs}`,
  });
  return { running, url: (await running.printed(LISTENING))[1] as string };
}

async function openSockets(url: string, count: number): Promise<Client[]> {
  const open = async (): Promise<Client> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('error', () => {});
    const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    return { socket, closed };
  };
  return Promise.all(Array.from({ length: count }, open));
}

/** Sends SIGTERM; answers the exit code, the time it took, and what each client was told. */
async function end({ running, clients }: { running: RunningProcess; clients: readonly Client[] }) {
  const since = performance.now();
  const code = await running.kill('SIGTERM');
  return { code, ms: performance.now() - since, told: await Promise.all(clients.map(({ closed }) => closed)) };
}

const redisUrl = process.env['TEST_REDIS_URL'];
const withRedis = redisUrl ? describe : describe.skip;

withRedis('a process that is told to end', () => {
  it('refuses what comes, finishes what is there, and tells its sockets in waves when to come back', async () => {
    const database = await createTestDatabase();
    const { running, url } = await serve(database.url, redisUrl ?? '');
    const clients = await openSockets(url, SOCKETS);
    // A request whose body is still on its way, and a connection that has asked before.
    const { hostname, port } = new URL(url);
    const [slow, kept] = [connect(Number(port), hostname), connect(Number(port), hostname)];
    const [answers, keptAnswers]: string[][] = [[], []];
    slow.on('data', (bytes) => answers?.push(String(bytes)));
    kept.on('data', (bytes) => keptAnswers?.push(String(bytes)));
    const body = '{"query":"{ __typename }"}';
    slow.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n{`,
    );
    kept.write('GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually('it is ready', () => keptAnswers?.join('').includes('200 OK'));
    const closedAt: number[] = [];
    for (const { socket } of clients) socket.once('close', () => closedAt.push(performance.now()));
    const ending = end({ running, clients });
    await eventually('the first sockets are told', () => closedAt.length > 0);
    const refused = await fetch(`${url}/health/ready`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    const late = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(late, 'error');
    slow.write(body.slice(1));
    await eventually('the request is answered', () => answers?.join('').includes('"__typename":"Query"'));
    const { code, ms, told } = await ending;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(LIMIT_MS);
    expect(new Set(told.map((each) => each.code))).toEqual(new Set([1012]));
    const hints = told.map(({ reason }) => Number(/^Restarting; retry-after-ms=(\d+)$/.exec(reason)?.[1]));
    expect(Math.min(...hints)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...hints) - Math.min(...hints)).toBeGreaterThan(2_500);
    // In waves: not all in the first tenth of the time.
    expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(1_000);
    expect(running.output()).not.toMatch(/"level":(50|60)/);
    for (const socket of [slow, kept]) socket.destroy();
    await database.drop();
  });

  it('does so while Redis and PostgreSQL are away, and at once when it is told again', async () => {
    const scratch = await PostgresScratch.create();
    const [postgres, redis] = [await scratch.start(), await startRedis()];
    const environment = { NODE_ENV: 'test', DATABASE_URL: postgres.url };
    expect(await runService(['migrate'], environment).ended).toBe(0);
    const [one, other] = await Promise.all([
      serve(postgres.url, redis.url, SHORT_LIMIT_MS),
      serve(postgres.url, redis.url),
    ]);
    const clients = await openSockets(one.url, 20);
    const stubborn = await openSockets(other.url, 1);
    for (const { socket } of stubborn) socket.pause();
    await redis.kill();
    // It hangs rather than dies: connections stay open and nobody answers.
    process.kill(scratch.postmasterPid(), 'SIGSTOP');
    const hanging = fetch(`${one.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ userByHandle(handle: \\"ada\\") { id } }"}',
    }).catch(() => null);
    const ending = end({ running: one.running, clients });
    const since = performance.now();
    other.running.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await other.running.kill('SIGTERM')).toBe(1);
    expect(performance.now() - since).toBeLessThan(2_500);
    const { code, ms } = await ending;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SHORT_LIMIT_MS + 1_000);
    await hanging;
    process.kill(scratch.postmasterPid(), 'SIGCONT');
    await scratch.clear();
  });
});
