/**
 * Prints how long a comment takes from its commit to the sockets of those who watch its post, what a delivery costs
 * the service's process, and what the same frames cost a bare `ws` broadcast.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeId, newId } from '../src/kernel/ids';
import { startBenchService } from './service';

const POSTS = 25;
const SUBSCRIBERS_EACH = 20;
const COMMITS_PER_SECOND = Number(process.env['COMMITS_PER_SECOND'] ?? 500);
const WARM_UP_SECONDS = 3;
const SECONDS = 15;
const WRITERS = 16;
const P50_GOAL_MS = 5;
const P99_GOAL_MS = 25;
const CHANNEL = 'portico:doorbell';
const DOCUMENT = `subscription ($postId: ID!) { commentAdded(postId: $postId) { cursor node { id text author { id name handle } createdAt } } }`;
const TEXT = 'Well said, and at about the length that people write when they have something to say under a post.';

/** Milliseconds by a clock that all processes of a machine share. */
const now = () => performance.timeOrigin + performance.now();

interface World {
  readonly authorId: string;
  readonly postIds: readonly string[];
}

async function makeWorld(sql: Pool): Promise<World> {
  const authorId = newId();
  const at = new Date().toISOString();
  await sql.query('INSERT INTO users (id, name, handle, created_at, updated_at) VALUES ($1, $2, $2, $3, $3)', [
    authorId,
    'ada',
    at,
  ]);
  const postIds = Array.from({ length: POSTS }, newId);
  for (const id of postIds) {
    await sql.query(
      `INSERT INTO posts (id, author_id, text, audience, created_at, updated_at) VALUES ($1, $2, 'Live', 'PUBLIC', $3, $3)`,
      [id, authorId, at],
    );
    await sql.query('INSERT INTO comment_threads (post_id) VALUES ($1)', [id]);
  }
  return { authorId, postIds };
}

/** What addComment writes, in one statement, and the ring after its commit. */
async function commit(sql: Pool, redis: Redis, { authorId }: World, postId: string, committed: Map<string, number>) {
  const id = newId();
  await sql.query(
    `WITH thread AS (UPDATE comment_threads SET last_seq = last_seq + 1, comment_count = comment_count + 1 WHERE post_id = $1 RETURNING last_seq)
     INSERT INTO comments (post_id, id, seq, author_id, text, created_at, updated_at)
     SELECT $1, $2, last_seq, $3, $4, now(), now() FROM thread`,
    [postId, id, authorId, TEXT],
  );
  committed.set(encodeId('comment', id), now());
  void redis.publish(CHANNEL, JSON.stringify({ from: 'bench', rung: [`comments:${postId}`] }));
}

async function openSocket(url: string, postId: string, onFrame: (frame: string) => void): Promise<WebSocket> {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send('{"type":"connection_init"}');
  await new Promise((resolve) => socket.once('message', resolve));
  socket.on('message', (data) => onFrame(String(data)));
  socket.send(
    JSON.stringify({
      id: '1',
      type: 'subscribe',
      payload: { query: DOCUMENT, variables: { postId: encodeId('post', postId) } },
    }),
  );
  return socket;
}

/** User and system time of a process so far, in seconds (proc(5)). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

async function measureService() {
  const service = await startBenchService({
    LIVE_POLL_MS: '5000',
    ...(process.env['BENCH_NODE_OPTIONS'] && { NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'] }),
  });
  const sql = new Pool({ connectionString: service.databaseUrl, max: WRITERS });
  const redis = new Redis(service.redisUrl);
  const sockets: WebSocket[] = [];
  try {
    const world = await makeWorld(sql);
    const committed = new Map<string, number>();
    const latencies: number[] = [];
    let deliveries = 0;
    let measuring = false;
    let frameSample = '';
    const onFrame = (frame: string) => {
      const at = now();
      deliveries += 1;
      frameSample = frame;
      const id = /"id":"(comment_\w+)"/.exec(frame)?.[1];
      const since = id === undefined ? undefined : committed.get(id);
      if (measuring && since !== undefined) latencies.push(Math.max(0, at - since));
    };
    const url = `${service.url.replace('http', 'ws')}/graphql`;
    for (const postId of world.postIds) {
      const opened = Array.from({ length: SUBSCRIBERS_EACH }, () => openSocket(url, postId, onFrame));
      sockets.push(...(await Promise.all(opened)));
    }
    await sleep(1_000);
    const run = async (seconds: number) => {
      const startAt = now();
      const total = seconds * COMMITS_PER_SECOND;
      let next = 0;
      const writer = async () => {
        for (let i = next++; i < total; i = next++) {
          const wait = startAt + (i * 1_000) / COMMITS_PER_SECOND - now();
          if (wait > 0) await sleep(wait);
          await commit(sql, redis, world, world.postIds[i % POSTS] as string, committed);
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, writer));
      return (now() - startAt) / 1_000;
    };
    await run(WARM_UP_SECONDS);
    await sleep(500);
    measuring = true;
    deliveries = 0;
    const cpuBefore = cpuSeconds(service.pid);
    const took = await run(SECONDS);
    await sleep(1_000);
    const cpu = cpuSeconds(service.pid) - cpuBefore;
    const expected = SECONDS * COMMITS_PER_SECOND * SUBSCRIBERS_EACH;
    latencies.sort((a, b) => a - b);
    return { latencies, deliveries, expected, cpu, took, frame: frameSample };
  } finally {
    for (const socket of sockets) socket.terminate();
    redis.disconnect();
    await sql.end();
    await service.stop();
  }
}

/** A process that does nothing but send the same frames to as many sockets. */
async function serveBare(frame: string): Promise<void> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const rooms = Array.from({ length: POSTS }, () => new Set<WebSocket>());
  server.on('connection', (socket, request) => rooms[Number(request.url?.slice(1))]?.add(socket));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  process.send?.({ port: (http.address() as { port: number }).port });
  let sent = 0;
  const startAt = { at: 0 };
  process.on('message', (message) => {
    if (message === 'stop') process.exit(0);
    startAt.at = now();
    const timer = setInterval(() => {
      const due = Math.min(((now() - startAt.at) / 1_000) * COMMITS_PER_SECOND, SECONDS * COMMITS_PER_SECOND);
      for (; sent < due; sent += 1) for (const socket of rooms[sent % POSTS] ?? []) socket.send(frame);
      if (sent >= SECONDS * COMMITS_PER_SECOND) {
        clearInterval(timer);
        process.send?.({ done: true });
      }
    }, 1);
  });
}

async function measureBare(frame: string): Promise<{ cpu: number; deliveries: number }> {
  const child: ChildProcess = fork(__filename, ['bare', frame]);
  const sockets: WebSocket[] = [];
  try {
    const { port } = await new Promise<{ port: number }>((resolve) =>
      child.once('message', (m) => resolve(m as never)),
    );
    let deliveries = 0;
    for (let i = 0; i < POSTS * SUBSCRIBERS_EACH; i += 1) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/${i % POSTS}`);
      socket.on('message', (data) => {
        deliveries += String(data).length > 0 ? 1 : 0;
      });
      await new Promise((resolve) => socket.once('open', resolve));
      sockets.push(socket);
    }
    const before = cpuSeconds(child.pid ?? 0);
    const done = new Promise((resolve) => child.once('message', resolve));
    child.send('go');
    await done;
    await sleep(500);
    return { cpu: cpuSeconds(child.pid ?? 0) - before, deliveries };
  } finally {
    for (const socket of sockets) socket.terminate();
    child.kill('SIGKILL');
  }
}

async function main(): Promise<void> {
  if (process.argv[2] === 'bare') return serveBare(process.argv[3] ?? '');
  const service = await measureService();
  const bare = await measureBare(service.frame);
  const [p50, p99] = [quantile(service.latencies, 0.5), quantile(service.latencies, 0.99)];
  const perCpu = service.deliveries / service.cpu;
  const barePerCpu = bare.deliveries / bare.cpu;
  console.log(
    `${COMMITS_PER_SECOND} commits a second to ${SUBSCRIBERS_EACH} subscribers each, ${SECONDS} s (took ${service.took.toFixed(1)} s)`,
  );
  console.log(`frame                     ${service.frame.length} bytes`);
  console.log(`deliveries                ${service.deliveries} of ${service.expected}`);
  console.log(
    `commit to socket          p50 ${p50.toFixed(1)} ms (goal ${P50_GOAL_MS}), p99 ${p99.toFixed(1)} ms (goal ${P99_GOAL_MS})`,
  );
  console.log(
    `deliveries per CPU second ${perCpu.toFixed(0)}; bare ws ${barePerCpu.toFixed(0)}; ratio ${(perCpu / barePerCpu).toFixed(2)}`,
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
