import 'reflect-metadata';
import { hkdfSync } from 'node:crypto';
import path from 'node:path';
import type { GraphQLSchema } from 'graphql';
import type { Redis } from 'ioredis';
import type { Config } from './config';
import { Budget } from './graphql/budget';
import { Commands, type SessionGuard } from './graphql/command';
import { Pages } from './graphql/connection';
import { ConflictErrorResolver } from './graphql/error.resolver';
import { Gate } from './graphql/gate';
import { LiveConnections } from './graphql/live-connections';
import { NodeResolver } from './graphql/node.resolver';
import { NodeRegistry } from './graphql/nodes';
import { AutomaticDocuments } from './graphql/pipeline/automatic';
import { RequestPipeline } from './graphql/pipeline/pipeline';
import { loadManifests } from './graphql/pipeline/registered';
import type { PlaygroundConfig } from './graphql/playground/config';
import { playgroundAssetsDir } from './graphql/playground/paths';
import { registerPlayground } from './graphql/playground/routes';
import { buildPorticoSchema } from './graphql/schema';
import { registerGraphql } from './graphql/server';
import { StreamCursors } from './graphql/stream-cursor';
import { systemClock } from './kernel/clock';
import { CursorCodec } from './kernel/cursor';
import { newId } from './kernel/ids';
import { ACCOUNTS_ENTITIES, createAccounts } from './modules/accounts';
import { AUTH_ENTITIES, createAuth } from './modules/auth';
import { COMMENTS_ENTITIES, createComments } from './modules/comments';
import { createFeed, FEED_ENTITIES } from './modules/feed';
import { createMessaging, MESSAGING_ENTITIES } from './modules/messaging';
import { createPosts, POSTS_ENTITIES } from './modules/posts';
import { createReactions, REACTIONS_ENTITIES } from './modules/reactions';
import { createRelationships, RELATIONSHIPS_ENTITIES } from './modules/relationships';
import { ChangeLog } from './platform/changelog/change-log';
import { registerHealth } from './platform/http/health';
import { registerHygiene } from './platform/http/hygiene';
import { Overload } from './platform/http/overload';
import { createHttpServer } from './platform/http/server';
import { enqueue, startWorker, type Task } from './platform/jobs/jobs';
import { connectPostgres, type Postgres } from './platform/postgres/connect';
import type { Database } from './platform/postgres/database';
import { purgeIdempotencyKeys } from './platform/postgres/idempotency';
import { loadMigrations } from './platform/postgres/migrate';
import { sql } from './platform/postgres/sql';
import { createAttemptLimit } from './platform/redis/attempt-limit';
import { connectRedis } from './platform/redis/connect';
import { createLocalDoorbell, type Doorbell } from './platform/redis/doorbell';
import { createLocalStore, createRedisStore } from './platform/redis/key-value-store';
import { createRedisDoorbell } from './platform/redis/redis-doorbell';
import { createLocalBuckets, RedisBuckets } from './platform/redis/token-bucket';
import type { Log } from './platform/telemetry/log';

/** A configuration with nothing left to find: what development makes up is filled in. */
export interface AppOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly directUrl: string;
  readonly secretKey: string;
  readonly signingKeyPem: string;
  readonly log: Log;
  readonly playground?: () => Promise<PlaygroundConfig>;
}

export interface App {
  /** Where it listens, such as http://127.0.0.1:4000. */
  readonly url: string;
  /** Ends everything that `startApp` began, within the configured time. */
  close(): Promise<void>;
}

const ENTITIES = [
  ...ACCOUNTS_ENTITIES,
  ...AUTH_ENTITIES,
  ...RELATIONSHIPS_ENTITIES,
  ...POSTS_ENTITIES,
  ...COMMENTS_ENTITIES,
  ...REACTIONS_ENTITIES,
  ...FEED_ENTITIES,
  ...MESSAGING_ENTITIES,
];

const PURGE_KEYS_TASK = 'idempotency.purge';
const IDLE_IN_TRANSACTION_MS = 10_000;
/** How often live logs are looked at while no process hears of another. */
const UNRUNG_POLL_MS = 400;

/** Opens the database with this build's entities and migrations. `unhurried`: without limits, for migrations. */
export function openDatabase(url: string, config: Config, log: Log, unhurried = false): Promise<Postgres> {
  return connectPostgres({
    url,
    poolMax: unhurried ? 2 : config.database.poolMax,
    connectTimeoutMs: config.database.connectTimeoutMs,
    statementTimeoutMs: unhurried ? 0 : config.database.statementTimeoutMs,
    lockTimeoutMs: unhurried ? 0 : config.database.lockTimeoutMs,
    idleInTransactionTimeoutMs: unhurried ? 0 : IDLE_IN_TRANSACTION_MS,
    entities: ENTITIES,
    migrations: loadMigrations(path.join(__dirname, '..', 'migrations')),
    onIdleFault: (err) => log.warn({ err: err.message }, 'database connection fault'),
  });
}

interface Foundation {
  readonly config: Config;
  readonly database: Database;
  readonly doorbell: Doorbell;
  readonly log: Log;
  readonly secretKey: string;
  readonly signingKeyPem: string;
}

/** Builds every module by hand, in the order in which they may know each other. */
export async function composeModules({ config, database, doorbell, log, secretKey, signingKeyPem }: Foundation) {
  const clock = systemClock;
  const nodes = new NodeRegistry();
  const codec = new CursorCodec(deriveKey(secretKey, 'page cursors'));
  const pages = new Pages(codec);
  // Accounts come before auth, and their commands need its session check: it is looked up when a command runs.
  const changes = new ChangeLog(doorbell, clock);
  const cursors = new StreamCursors(codec);
  const guardSession: SessionGuard = (tx, viewer) => auth.guardSession(tx, viewer);
  const commands: Commands = new Commands(guardSession, clock.now, changes, cursors);

  const accounts = createAccounts({ clock, enqueue, commands, nodes });
  const auth = await createAuth({
    clock,
    newId,
    database,
    users: accounts.users,
    issuer: config.http.publicUrl ?? 'http://localhost',
    signingKeyPem,
    refreshKey: deriveKey(secretKey, 'refresh tokens'),
    accessTokenSeconds: config.auth.accessTokenSeconds,
    refreshTokenDays: config.auth.refreshTokenDays,
    doorbell,
    log,
    livePollMs: config.graphql.livePollMs,
  });
  const live = { doorbell, log, pollMs: config.graphql.livePollMs, unrungPollMs: UNRUNG_POLL_MS };
  const relationships = createRelationships({ clock, enqueue, commands, pages, database });
  const posts = createPosts({ clock, newId, enqueue, commands, pages, nodes });
  const comments = createComments({ clock, newId, commands, pages, nodes, database, live });
  const reactions = createReactions({ clock, commands, pages });
  const feed = createFeed({ clock, database, pages, options: config.feed });
  const writing = { clock, newId, commands, pages, cursors, nodes, changes, database, live };
  const messaging = createMessaging({ ...writing, options: config.messaging });

  const purgeKeys: Task = async () => {
    const before = new Date(clock.ms() - config.jobs.idempotencyHours * 3_600_000).toISOString();
    await purgeIdempotencyKeys(database, before);
  };
  return {
    auth,
    schema: buildPorticoSchema(
      [
        new NodeResolver(nodes, commands),
        new ConflictErrorResolver(nodes),
        ...accounts.resolvers,
        ...auth.resolvers,
        ...relationships.resolvers,
        ...posts.resolvers,
        ...comments.resolvers,
        ...reactions.resolvers,
        ...feed.resolvers,
        ...messaging.resolvers,
      ],
      { ...comments.subscriptions, ...messaging.subscriptions },
    ),
    tasks: new Map([...auth.tasks, ...relationships.tasks, ...feed.tasks, [PURGE_KEYS_TASK, purgeKeys]]),
    schedules: [...auth.schedules, { task: PURGE_KEYS_TASK, cron: '*/20 * * * *' }],
    close() {
      for (const module of [auth, comments, messaging]) module.close();
    },
  };
}

/** Starts the service on a migrated database. @throws what the first failing step throws; nothing is left running. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    // Last opened, first closed; one that fails must not keep the others open.
    for (const end of closers.splice(0).reverse()) {
      await end().catch((err: Error) => log.warn({ err: err.message }, 'closing failed'));
    }
  };
  try {
    const postgres = await openDatabase(options.databaseUrl, config, log);
    closers.push(() => postgres.close());
    const { database } = postgres;
    const doorbell = await openDoorbell(config, log);
    closers.push(() => doorbell.close());
    const redis = config.redis.url === null ? null : connectRedis(config.redis.url, config.redis.timeoutMs, log);
    if (redis) closers.push(async () => redis.disconnect());
    const { secretKey, signingKeyPem } = options;
    const modules = await composeModules({ config, database, doorbell, log, secretKey, signingKeyPem });
    closers.push(async () => modules.close());
    if (config.jobs.concurrency > 0) {
      const worker = await startWorker({
        databaseUrl: options.directUrl,
        tasks: modules.tasks,
        schedules: modules.schedules,
        concurrency: config.jobs.concurrency,
        log,
      });
      closers.push(() => worker.stop());
    }
    const connections = new LiveConnections();
    const http = createHttpServer({ ...config.http, log });
    closers.push(() => http.close(config.http.shutdownTimeoutMs));
    http.onClose((withinMs) => connections.drain(withinMs));
    await registerHygiene(http.app, config.http);
    registerHealth(http.app, { database: () => database.row(sql`SELECT 1`) });
    const { gate, pipeline, budget } = buildGate(config, modules.schema, redis, log, closers);
    modules.auth.registerRoutes(http.app, (address) => budget.countAttempts(address, 1));
    if (config.graphql.playground && options.playground) {
      registerPlayground(http.app, { assetsDir: playgroundAssetsDir(), config: options.playground });
    }
    await registerGraphql(http, {
      schema: modules.schema,
      database,
      authenticate: modules.auth.authenticate,
      watchSession: modules.auth.watchSession,
      connections,
      gate,
      pipeline,
      operationTimeoutMs: config.graphql.operationTimeoutMs,
      responseMaxBytes: config.graphql.responseMaxBytes,
      sockets: { ...config.sockets, allowsOrigin: (origin, host) => allowsOrigin(config, origin, host) },
      log,
    });
    const url = await http.listen(config.http.host, config.http.port);
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The checks before every operation, on Redis where there is one. */
function buildGate(
  config: Config,
  schema: GraphQLSchema,
  redis: Redis | null,
  log: Log,
  closers: (() => Promise<unknown>)[],
) {
  const { documents, budget: rules } = config;
  const localStore = createLocalStore(documents.cacheCharacters);
  const pipeline = new RequestPipeline({
    schema,
    introspection: config.graphql.introspection,
    limits: documents.limits,
    cacheCharacters: documents.cacheCharacters,
    policy: documents.policy,
    registered: loadManifests(documents.manifests),
    automatic: new AutomaticDocuments(
      redis ? createRedisStore(redis, localStore, log) : localStore,
      config.http.bodyMaxBytes,
    ),
    costMax: documents.costMax,
    statementsMax: documents.readsMax,
    onUnregistered: (operation, hash) => log.info({ operation, hash }, 'document not registered'),
  });
  const buckets = redis
    ? new RedisBuckets(redis, createLocalBuckets(systemClock, rules.localShare), systemClock, log)
    : createLocalBuckets(systemClock);
  const attempts = createAttemptLimit(
    { name: 'sign-in', attempts: rules.attemptsMax, windowSeconds: rules.attemptsWindowSeconds },
    redis,
  );
  const budget = new Budget(buckets, attempts, rules, systemClock.ms, log);
  const overload = new Overload({ delayMs: config.http.loadShedDelayMs });
  closers.push(async () => overload.close());
  return { gate: new Gate(pipeline, overload, budget), pipeline, budget };
}

/** A page may open a socket to where it came from itself, and from the origins that may call this service. */
function allowsOrigin(config: Config, origin: string, host: string | undefined): boolean {
  if (config.http.corsOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function openDoorbell(config: Config, log: Log): Promise<Doorbell> | Doorbell {
  const { url, timeoutMs } = config.redis;
  if (url === null) return createLocalDoorbell();
  return createRedisDoorbell({ url, connectTimeoutMs: timeoutMs, commandTimeoutMs: timeoutMs, log });
}

/** One key per purpose from the one secret (HKDF, RFC 5869). */
function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `portico ${purpose}`, 32));
}
