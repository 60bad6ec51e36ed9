/** The invented network that every server answers from, on one PostgreSQL that is kept between runs. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { migrateDatabase } from '../../src/commands/migrate';
import { loadConfig } from '../../src/config';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres';
import { createLog } from '../../src/platform/telemetry/log';
import type { WorldSize } from '../../src/world/generate';
import { loadWorld } from '../../src/world/load';
import { CASES_SQL, type Case, PEERS_SQL } from './cases';
import { CACHE, COMPILED } from './places';

export interface World {
  readonly databaseUrl: string;
  readonly postgresPid: number;
  readonly cases: readonly Case[];
  /** Another database of the same server, such as a copy to write to; it goes when the name is used again. */
  copy(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** The network of the goals: 10,000 people, 200,000 posts, a million comments and likes. */
export const WORLD_POSTS = 200_000;
const SEED = 6;
/** Nothing in the world is younger, so that two runs have the same rows. */
const NOW = Date.UTC(2026, 9, 1);
/** Of each author, newest posts that are written to feeds; the first page of a feed needs no more. */
const FEED_DEPTH = 20;

/** Everybody knows as many people in each world; it is what they say that grows. */
function sizeOf(posts: number): WorldSize {
  return { users: 10_000, posts, comments: posts * 5, likes: posts * 5, follows: 500_000 };
}

const SETTINGS = {
  max_connections: 400,
  shared_buffers: '1GB',
  // No checkpoint and no clearing up falls into one round and not into another.
  checkpoint_timeout: '1h',
  max_wal_size: '8GB',
  autovacuum: 'off',
};

/** Starts the server, and fills it when this world is not there yet. */
export async function openWorld(posts: number, say: (text: string) => void): Promise<World> {
  const server = await startEmbeddedPostgres({ dataDir: path.join(CACHE, 'postgres'), settings: SETTINGS });
  try {
    const name = `world_${posts}_${fingerprint(posts)}`;
    if (!(await isThere(server, name))) await fill(server, posts, name, say);
    const databaseUrl = withName(server.url, name);
    return {
      databaseUrl,
      postgresPid: await findServerPid(server),
      cases: await readCases(databaseUrl),
      async copy(copyName) {
        await admin(server, `DROP DATABASE IF EXISTS ${copyName} WITH (FORCE)`);
        await admin(server, `CREATE DATABASE ${copyName} TEMPLATE ${name} STRATEGY file_copy`);
        return withName(server.url, copyName);
      },
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function fill(server: EmbeddedPostgres, posts: number, name: string, say: (text: string) => void): Promise<void> {
  const unfinished = `unfinished_${posts}`;
  const startedAt = performance.now();
  say(`inventing the world of ${posts.toLocaleString('en')} posts; it is kept for the next runs`);
  const { rows } = await admin(server, `SELECT datname FROM pg_database WHERE datname LIKE 'world\\_${posts}\\_%'`);
  for (const { datname } of rows) await admin(server, `DROP DATABASE ${datname} WITH (FORCE)`);
  await admin(server, `DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
  await admin(server, `CREATE DATABASE ${unfinished}`);
  const url = withName(server.url, unfinished);
  await migrateDatabase(url, loadConfig({ NODE_ENV: 'test' }), createLog({ level: 'silent', format: 'json' }));
  let shown = '';
  await loadWorld(url, sizeOf(posts), {
    seed: SEED,
    now: NOW,
    // Of nothing: the viewers come with tokens.
    passwordHash: '!',
    feedEntriesPerAuthor: FEED_DEPTH,
    onProgress(table, _done, total) {
      if (table !== shown) say(`  ${table}: ${total.toLocaleString('en')} rows`);
      shown = table;
    },
  });
  await withClient(url, async (client) => {
    await client.query(PEERS_SQL);
    await client.query(CASES_SQL);
  });
  await admin(server, `ALTER DATABASE ${unfinished} RENAME TO ${name}`);
  await admin(server, 'CHECKPOINT');
  say(`done in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
}

/** What the rows follow from: another generator, other migrations or other cases make another world. */
function fingerprint(posts: number): string {
  const hash = createHash('sha256').update(
    JSON.stringify([sizeOf(posts), SEED, NOW, FEED_DEPTH, PEERS_SQL, CASES_SQL]),
  );
  for (const folder of ['src/world', 'migrations']) {
    for (const file of readdirSync(path.join(COMPILED, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (file.endsWith('.js')) hash.update(readFileSync(path.join(COMPILED, folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 8);
}

async function isThere(server: EmbeddedPostgres, name: string): Promise<boolean> {
  return (await admin(server, `SELECT FROM pg_database WHERE datname = '${name}'`)).rowCount === 1;
}

async function readCases(databaseUrl: string): Promise<Case[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<Case>(
      `SELECT viewer_id AS "viewerId", session_id AS "sessionId", post_id AS "postId", profile_id AS "profileId"
       FROM bench.cases ORDER BY place`,
    ),
  );
  if (rows.length < 20) throw new Error(`This world has ${rows.length} cases only: ask for a larger one.`);
  return rows;
}

/** The process whose children serve the connections; 0 where the system does not tell. */
async function findServerPid(server: EmbeddedPostgres): Promise<number> {
  const { rows } = await admin(server, `SELECT pg_read_file('postmaster.pid') AS text`);
  return Number.parseInt(String(rows[0]?.text), 10) || 0;
}

function admin(server: EmbeddedPostgres, statement: string) {
  return withClient(server.url, (client) => client.query(statement));
}

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function withName(url: string, name: string): string {
  const named = new URL(url);
  named.pathname = `/${name}`;
  return named.toString();
}
