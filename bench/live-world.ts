import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Client, Pool } from 'pg';
import WebSocket from 'ws';
import { migrateDatabase } from '../src/commands/migrate';
import { loadConfig } from '../src/config';
import { encodeId, newId } from '../src/kernel/ids';
import { createLog } from '../src/platform/telemetry/log';
import { startTestPostgres } from '../test/support/postgres-server';
import type { Figures } from './live-server';

const TEXT_LENGTH = 200;
const OPENED_AT_ONCE = 100;

/** A public post in a fresh database, whose comments are written around the service. */
export interface LiveWorld {
  readonly databaseUrl: string;
  readonly postId: string;
  /** Adds so many comments in one transaction; answers the number of the last one. */
  write(count: number, length?: number): Promise<number>;
  close(): Promise<void>;
}

export async function createLiveWorld(): Promise<LiveWorld> {
  const postgres = await startTestPostgres();
  const admin = new Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query('DROP DATABASE IF EXISTS bench_live');
  await admin.query('CREATE DATABASE bench_live');
  await admin.end();
  const url = new URL(postgres.adminUrl);
  url.pathname = '/bench_live';
  const databaseUrl = url.toString();
  await migrateDatabase(databaseUrl, loadConfig({ NODE_ENV: 'test' }), createLog({ level: 'silent', format: 'json' }));
  const pool = new Pool({ connectionString: databaseUrl });
  const [author, post] = [newId(), newId()];
  await pool.query(
    `WITH u AS (INSERT INTO users (id, name, handle, created_at, updated_at) VALUES ($1, 'Ada', 'ada', now(), now()))
     INSERT INTO posts (id, author_id, text, audience, created_at, updated_at) VALUES ($2, $1, 'Hi', 'PUBLIC', now(), now())`,
    [author, post],
  );
  return {
    databaseUrl,
    postId: encodeId('post', post),
    async write(count, length = TEXT_LENGTH) {
      const { rows } = await pool.query(
        `WITH t AS (INSERT INTO comment_threads AS t (post_id, last_seq) VALUES ($1, $2)
           ON CONFLICT (post_id) DO UPDATE SET last_seq = t.last_seq + $2 RETURNING last_seq),
         c AS (INSERT INTO comments (id, post_id, author_id, seq, text, created_at, updated_at)
           SELECT i.id, $1, $3, t.last_seq - $2 + i.n, repeat('x', $5), now(), now()
           FROM t, unnest($4::uuid[]) WITH ORDINALITY AS i(id, n))
         SELECT last_seq FROM t`,
        [post, count, author, Array.from({ length: count }, () => newId()), length],
      );
      return rows[0].last_seq;
    },
    async close() {
      await pool.end();
      await postgres.stop();
    },
  };
}

export interface LiveServer {
  readonly url: string;
  /** At rest, memory is what is left after a collection. */
  figures(atRest?: boolean): Promise<Figures>;
  stop(): Promise<void>;
}

export async function startLiveServer(databaseUrl: string): Promise<LiveServer> {
  const child: ChildProcess = fork(path.join(__dirname, 'live-server.js'), [databaseUrl], {
    execArgv: ['--expose-gc'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    async figures(atRest = false) {
      child.send(atRest ? 'figures at rest' : 'figures');
      return (await once(child, 'message'))[0] as Figures;
    },
    async stop() {
      child.send('stop');
      await once(child, 'exit');
    },
  };
}

export const COMMENT_ADDED =
  'subscription ($postId: ID!) { commentAdded(postId: $postId) { cursor node { id text } } }';

/** Sockets that each carry one subscription to the post's comments. */
export async function openSubscribers(url: string, postId: string, count: number): Promise<WebSocket[]> {
  const open = async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    socket.send(
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: COMMENT_ADDED, variables: { postId } } }),
    );
    return socket;
  };
  const sockets: WebSocket[] = [];
  while (sockets.length < count) {
    const some = Math.min(OPENED_AT_ONCE, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, open))));
  }
  return sockets;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
