/** What all benchmarks stand on: PostgreSQL with its worlds, Redis, and the servers that are running. */
import { startRedis } from '../../test/support/redis-server';
import { type Running, startServer } from './child';
import { preparePeers } from './packages';
import type { ServerKind } from './servers';
import { startWorlds, type World } from './world';

export interface Setting {
  readonly postgresPid: number;
  readonly say: (text: string) => void;
  surroundings(databaseUrl: string): { readonly databaseUrl: string; readonly redisUrl: string };
  open(posts: number): Promise<World>;
  /** Ends with the setting at the latest. */
  start(kind: ServerKind, databaseUrl: string): Promise<Running>;
}

/** Ends everything that was started, however `work` ends. */
export async function withSetting(work: (setting: Setting) => Promise<void>): Promise<void> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  preparePeers(say);
  const worlds = await startWorlds(say);
  const running: Running[] = [];
  try {
    const redis = await startRedis();
    try {
      const surroundings = (databaseUrl: string) => ({ databaseUrl, redisUrl: redis.url });
      await work({
        postgresPid: worlds.postgresPid,
        say,
        surroundings,
        open: worlds.open,
        async start(kind, databaseUrl) {
          const server = await startServer(kind.name, kind.command(surroundings(databaseUrl)));
          running.push(server);
          return server;
        },
      });
    } finally {
      await Promise.all(running.map((server) => server.stop()));
      await redis.stop();
    }
  } finally {
    await worlds.stop();
  }
}
