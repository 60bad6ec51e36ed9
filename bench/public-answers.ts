/**
 * What strangers are answered by GET, in requests per second of one process in production mode: from the cache, by
 * ETag, anew, and refused; and the same page by one hand-written statement through node:http, in turn, on the same
 * PostgreSQL. Run with `npm run bench:strangers`; SECONDS sets the length of a round, and all of them together must not
 * take a minute.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Client, Pool } from 'pg';
import { encodeId, newId } from '../src/kernel/ids';
import { type BenchService, startBenchService } from './service';

const SECONDS = Number(process.env['SECONDS'] ?? 1.5);
const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const CONNECTIONS = 32;
const PEOPLE = 50;
const POSTS_OF_EACH = 100;

const PAGE = `query Page($id: ID!) { user(id: $id) { name handle posts(first: 20) { nodes {
  id text createdAt likeCount commentCount author { name handle }
  comments(first: 3, order: NEWEST) { nodes { text author { name } } } } } } }`;

const STATEMENT = `
  SELECT json_build_object('name', u.name, 'handle', u.handle, 'posts', (
    SELECT json_agg(shown) FROM (
      SELECT p.id, p.text, p.created_at, l.likes, t.comment_count, u.name, u.handle, (
        SELECT json_agg(json_build_object('text', c.text, 'author', w.name)) FROM (
          SELECT text, author_id FROM comments WHERE post_id = p.id AND deleted_at IS NULL ORDER BY seq DESC LIMIT 3
        ) c JOIN users w ON w.id = c.author_id WHERE w.deleted_at IS NULL) AS comments
      FROM posts p LEFT JOIN post_like_counters l ON l.post_id = p.id LEFT JOIN comment_threads t ON t.post_id = p.id
      WHERE p.author_id = u.id AND p.audience = 'PUBLIC' AND p.deleted_at IS NULL
      ORDER BY p.created_at DESC, p.id DESC LIMIT 20) shown))::text AS page
  FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL AND NOT u.private`;

interface Round {
  readonly perSecond: number;
  readonly p99: number;
  readonly bytes: number;
  /** Of the server, in microseconds of one request. */
  readonly cpu: number;
  readonly statuses: string;
}

async function fill(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const ids = Array.from({ length: PEOPLE }, () => newId());
  await client.query(
    `WITH u AS (INSERT INTO users (id, name, handle, created_at, updated_at)
      SELECT id, 'Person ' || n, 'person' || n, now(), now() FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, n) RETURNING id),
     p AS (INSERT INTO posts (id, author_id, text, audience, created_at, updated_at)
      SELECT gen_random_uuid(), u.id, repeat('What a day. ', 10), 'PUBLIC', now() - n * interval '1 minute', now()
      FROM u, generate_series(1, ${POSTS_OF_EACH}) AS n RETURNING id, author_id),
     l AS (INSERT INTO post_like_counters (post_id, likes) SELECT id, 7 FROM p),
     t AS (INSERT INTO comment_threads (post_id, last_seq, comment_count) SELECT id, 5, 5 FROM p)
     INSERT INTO comments (post_id, id, seq, author_id, text, created_at, updated_at)
     SELECT p.id, gen_random_uuid(), n, p.author_id, repeat('So it is. ', 6), now(), now()
     FROM p, generate_series(1, 5) AS n`,
    [ids],
  );
  await client.query('ANALYZE');
  await client.end();
  return ids;
}

/** The other side of the comparison, in a process of its own. */
async function serveLimit(databaseUrl: string): Promise<void> {
  const pool = new Pool({ connectionString: databaseUrl, max: 10 });
  const server = createServer(async (request, response) => {
    const values = [request.url?.slice(1)];
    const { rows } = await pool.query({ name: 'page', text: STATEMENT, values });
    const body = Buffer.from(rows[0].page);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
  process.on('message', () => process.send?.(process.cpuUsage()));
}

/** Asks over kept connections, one request at a time on each, as fast as answers come. */
function load(url: string, paths: readonly string[], headers: Record<string, string>): Promise<Omit<Round, 'cpu'>> {
  const { hostname, port, host } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const requests = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`));
  const delays: number[] = [];
  const statuses = new Map<string, number>();
  let bytes = 0;
  let turn = 0;
  let over = false;
  const sockets = Array.from({ length: CONNECTIONS }, () => {
    const socket = connect(Number(port), hostname).setNoDelay(true);
    let sentAt = 0;
    let [needed, received] = [-1, 0];
    const ask = () => {
      [needed, received, sentAt] = [-1, 0, performance.now()];
      socket.write(requests[turn++ % requests.length] as Buffer);
    };
    socket.on('connect', ask).on('data', (data) => {
      if (needed < 0) {
        const end = data.indexOf('\r\n\r\n');
        const head = data.toString('latin1', 0, end);
        const status = head.slice(9, 12);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        needed = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      }
      received += data.length;
      bytes += data.length;
      if (received < needed) return;
      delays.push(performance.now() - sentAt);
      if (!over) ask();
    });
    return socket;
  });
  return new Promise((resolve) =>
    setTimeout(() => {
      over = true;
      for (const socket of sockets) socket.destroy();
      delays.sort((a, b) => a - b);
      resolve({
        perSecond: Math.round(delays.length / SECONDS),
        p99: Math.round((delays[Math.floor(delays.length * 0.99)] ?? 0) * 10) / 10,
        bytes: Math.round(bytes / Math.max(1, delays.length)),
        statuses: [...statuses].map(([status, count]) => `${status}:${count}`).join(' '),
      });
    }, SECONDS * 1_000),
  );
}

const CPU_TICK_US = 10_000;

async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CPU_TICK_US;
}

async function measure(pid: number, url: string, paths: readonly string[], headers = {}): Promise<Round> {
  const before = await cpuOf(pid);
  const round = await load(url, paths, headers);
  const cpu = Math.round((await cpuOf(pid)) - before) / Math.max(1, round.perSecond * SECONDS);
  return { ...round, cpu: Math.round(cpu) };
}

function pathOf(id: string, more: Record<string, string> = {}): string {
  const variables = JSON.stringify({ id: encodeId('user', id) });
  return `/graphql?${new URLSearchParams({ query: PAGE, variables, ...more })}`;
}

const ASKED = { 'apollo-require-preflight': '1', accept: '*/*' };

async function compare(kept: BenchService, plain: BenchService, limit: ChildProcess, limitUrl: string, ids: string[]) {
  const paths = ids.map((id) => pathOf(id));
  const aliased = Array.from({ length: 20_000 }, (_, i) => pathOf(ids[i % ids.length] as string, { x: String(i) }));
  const ways: Record<string, () => Promise<Round>> = {
    limit: () =>
      measure(
        limit.pid ?? 0,
        limitUrl,
        ids.map((id) => `/${id}`),
      ),
    hit: () => measure(kept.pid, kept.url, paths, ASKED),
    'hit, brotli': () => measure(kept.pid, kept.url, paths, { ...ASKED, 'accept-encoding': 'br' }),
    'hit, 304': () => measure(kept.pid, kept.url, paths, { ...ASKED, 'if-none-match': '*' }),
    'hit, url never seen': () => measure(kept.pid, kept.url, aliased, ASKED),
    'not kept': () => measure(plain.pid, plain.url, paths, ASKED),
    refused: () => measure(plain.pid, plain.url, ['/graphql?query=%7Bnothing%7D'], ASKED),
  };
  const results = new Map<string, Round[]>();
  for (let i = 0; i <= ROUNDS; i += 1) {
    for (const [name, run] of Object.entries(ways)) {
      const round = await run();
      // The first round only warms.
      if (i > 0) results.set(name, [...(results.get(name) ?? []), round]);
    }
  }
  const median = (rounds: readonly Round[]) =>
    [...rounds].sort((a, b) => a.perSecond - b.perSecond)[Math.floor(rounds.length / 2)] as Round;
  const base = median(results.get('limit') ?? []).perSecond;
  const rows = [...results].map(([way, rounds]) => {
    const { perSecond, ...rest } = median(rounds);
    return { way, perSecond, 'of the limit': Math.round((perSecond / base) * 100) / 100, ...rest };
  });
  console.table(rows);
}

async function main(): Promise<void> {
  const kept = await startBenchService();
  const ids = await fill(kept.databaseUrl);
  const plain = await startBenchService({
    DATABASE_URL: kept.databaseUrl,
    REDIS_URL: kept.redisUrl,
    ANSWER_CACHE_BYTES: '0',
  });
  const limit = fork(__filename, ['limit', kept.databaseUrl]);
  try {
    const [port] = await once(limit, 'message');
    await compare(kept, plain, limit, `http://127.0.0.1:${port}`, ids);
  } finally {
    limit.kill();
    await plain.stop();
    await kept.stop();
  }
}

if (process.argv[2] === 'limit') void serveLimit(process.argv[3] ?? '');
else void main();
