/** The invented networks that every server answers from, on one PostgreSQL that is kept between runs. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { migrateDatabase } from '../../src/commands/migrate';
import { loadConfig } from '../../src/config';
import { startEmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres';
import { createLog } from '../../src/platform/telemetry/log';
import type { WorldSize } from '../../src/world/generate';
import { loadWorld } from '../../src/world/load';
import { type Case, PREPARATION_SQL } from './cases';
import { CACHE, COMPILED } from './places';

export interface World {
  readonly posts: number;
  readonly databaseUrl: string;
  readonly cases: readonly Case[];
  /** A copy to write to; it goes when one of the same name is made. */
  copy(name: string): Promise<string>;
}

export interface Worlds {
  /** The process whose children serve the connections. */
  readonly postgresPid: number;
  /** Makes the world when it is not there yet, which takes minutes. */
  open(posts: number): Promise<World>;
  stop(): Promise<void>;
}

/** The network of the goals: 10,000 people, 200,000 posts, a million comments and likes. */
export const WORLD_POSTS = 200_000;
const SEED = 6;
/** Nothing in a world is younger, so that two runs have the same rows. */
const NOW = Date.UTC(2026, 9, 1);
/** Of each author, newest posts that are written to feeds; the first page of a feed needs no more. */
const FEED_DEPTH = 20;
const CASES_MIN = 100;

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

export async function startWorlds(say: (text: string) => void): Promise<Worlds> {
  mkdirSync(CACHE, { recursive: true });
  const server = await startEmbeddedPostgres({ dataDir: path.join(CACHE, 'postgres'), settings: SETTINGS });
  const admin = (statement: string) => withClient(server.url, (client) => client.query(statement));
  const urlOf = (name: string) => Object.assign(new URL(server.url), { pathname: `/${name}` }).toString();

  async function fill(posts: number, name: string): Promise<void> {
    const startedAt = performance.now();
    say(`inventing the world of ${posts.toLocaleString('en')} posts; it is kept for the next runs`);
    const { rows } = await admin(`SELECT datname FROM pg_database WHERE datname LIKE 'world\\_${posts}\\_%'`);
    for (const { datname } of rows) await admin(`DROP DATABASE ${datname} WITH (FORCE)`);
    const unfinished = `unfinished_${posts}`;
    await admin(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await admin(`CREATE DATABASE ${unfinished}`);
    await load(urlOf(unfinished), posts, say);
    await admin(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
    await admin('CHECKPOINT');
    say(`done in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  }

  return {
    postgresPid: await findServerPid(server.url),
    async open(posts) {
      const name = `world_${posts}_${fingerprint(posts)}`;
      const { rowCount } = await admin(`SELECT FROM pg_database WHERE datname = '${name}'`);
      if (rowCount === 0) await fill(posts, name);
      const databaseUrl = urlOf(name);
      const cases = await prepareCases(databaseUrl);
      if (cases.length < CASES_MIN) throw new Error(`a world of ${posts} posts has ${cases.length} cases only`);
      return {
        posts,
        databaseUrl,
        cases,
        async copy(copyName) {
          await admin(`DROP DATABASE IF EXISTS ${copyName} WITH (FORCE)`);
          await admin(`CREATE DATABASE ${copyName} TEMPLATE ${name} STRATEGY file_copy`);
          return urlOf(copyName);
        },
      };
    },
    stop: () => server.stop(),
  };
}

async function load(url: string, posts: number, say: (text: string) => void): Promise<void> {
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
}

/** What the rows follow from: another generator or other migrations make another world. */
function fingerprint(posts: number): string {
  const hash = createHash('sha256').update(JSON.stringify([sizeOf(posts), SEED, NOW, FEED_DEPTH]));
  for (const folder of ['src/world', 'migrations']) {
    for (const file of readdirSync(path.join(COMPILED, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (file.endsWith('.js')) hash.update(readFileSync(path.join(COMPILED, folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 8);
}

/** Chooses them anew when the choice is another one than last time. */
function prepareCases(databaseUrl: string): Promise<Case[]> {
  return withClient(databaseUrl, async (client) => {
    const wanted = createHash('sha256').update(PREPARATION_SQL).digest('hex');
    const kept = await client.query<{ mark: string | null }>(
      `SELECT obj_description(to_regclass('bench.cases')) AS mark`,
    );
    if (kept.rows[0]?.mark !== wanted) {
      await client.query(PREPARATION_SQL);
      await client.query(`COMMENT ON TABLE bench.cases IS '${wanted}'`);
    }
    const { rows } = await client.query<Case>(
      `SELECT viewer_id AS "viewerId", session_id AS "sessionId", post_id AS "postId", profile_id AS "profileId"
       FROM bench.cases ORDER BY place`,
    );
    return rows;
  });
}

function findServerPid(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ text: string }>(`SELECT pg_read_file('postmaster.pid') AS text`);
    return Number.parseInt(rows[0]?.text ?? '', 10);
  });
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
