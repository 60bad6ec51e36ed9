import 'reflect-metadata';
import path from 'node:path';
import type { Redis } from 'ioredis';
import { composeModules, ENTITIES } from './composition';
import type { Config } from './config';
import { Budget } from './graphql/budget';
import { Executor } from './graphql/compiled/executor';
import { Gate } from './graphql/gate';
import { LiveConnections } from './graphql/live-connections';
import { AutomaticDocuments, KEY_PREFIX } from './graphql/pipeline/automatic';
import { RequestPipeline } from './graphql/pipeline/pipeline';
import { loadManifests } from './graphql/pipeline/registered';
import type { PlaygroundConfig } from './graphql/playground/config';
import { playgroundAssetsDir } from './graphql/playground/paths';
import { registerPlayground } from './graphql/playground/routes';
import { PublicAnswers } from './graphql/public-answers';
import { registerGraphql } from './graphql/server';
import { systemClock } from './kernel/clock';
import type { Admissions } from './modules/oauth';
import { createAnnouncer, EntityCache } from './platform/cache/entity-cache';
import { InvalidationWatch } from './platform/cache/invalidation-watch';
import { LocalCopies } from './platform/cache/local-copies';
import { SharedCopies } from './platform/cache/shared-copies';
import { ensureEpoch } from './platform/changelog/epoch';
import { registerHealth } from './platform/http/health';
import { registerHygiene } from './platform/http/hygiene';
import { Overload } from './platform/http/overload';
import { createHttpServer } from './platform/http/server';
import { startWorker, type Worker } from './platform/jobs/jobs';
import { Closers } from './platform/lifecycle/closers';
import { createMailer } from './platform/mail/mailer';
import { connectPostgres, type Postgres } from './platform/postgres/connect';
import type { CommitWatch, Database } from './platform/postgres/database';
import { loadMigrations } from './platform/postgres/migrate';
import { sql } from './platform/postgres/sql';
import { createAttemptLimit, type MakeAttemptLimit } from './platform/redis/attempt-limit';
import { connectRedis } from './platform/redis/connect';
import { createLocalDoorbell, type Doorbell } from './platform/redis/doorbell';
import { createLocalStore, createRedisStore } from './platform/redis/key-value-store';
import { RedisBuckets } from './platform/redis/redis-buckets';
import { createRedisDoorbell } from './platform/redis/redis-doorbell';
import { createLocalBuckets, type TokenBuckets } from './platform/redis/token-bucket';
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
  /** Takes mails as text where there is no server for them. */
  readonly printMail?: (text: string) => void;
}

export interface App {
  /** Where it listens, such as http://127.0.0.1:4000. */
  readonly url: string;
  /** Ends everything that `startApp` began, within the configured time. */
  close(): Promise<void>;
}

const IDLE_IN_TRANSACTION_MS = 10_000;

/** Opens the database with this build's entities and migrations. `unhurried`: without limits, for migrations. */
export function openDatabase(url: string, config: Config, log: Log, unhurried = false): Promise<Postgres> {
  return connectPostgres({
    url,
    poolMax: unhurried ? 2 : config.database.poolMax,
    name: 'portico',
    connectTimeoutMs: config.database.connectTimeoutMs,
    statementTimeoutMs: unhurried ? 0 : config.database.statementTimeoutMs,
    lockTimeoutMs: unhurried ? 0 : config.database.lockTimeoutMs,
    idleInTransactionTimeoutMs: unhurried ? 0 : IDLE_IN_TRANSACTION_MS,
    preparedStatements: config.database.preparedStatements,
    entities: ENTITIES,
    migrations: loadMigrations(path.join(__dirname, '..', 'migrations')),
    onIdleFault: (err) => log.warn({ err: err.message }, 'database connection fault'),
  });
}

/** One connection that serves no request, so that what it reads is not late when requests are many. */
function openWatch(url: string, config: Config, log: Log): Promise<Postgres> {
  const { connectTimeoutMs, statementTimeoutMs, lockTimeoutMs, preparedStatements } = config.database;
  return connectPostgres({
    url,
    poolMax: 1,
    name: 'portico watch',
    connectTimeoutMs,
    statementTimeoutMs,
    lockTimeoutMs,
    idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
    preparedStatements,
    entities: [],
    migrations: [],
    onIdleFault: (err) => log.debug({ err: err.message }, 'database connection fault'),
  });
}

/** Of the time for the shutdown, what each of the stores has in the end. */
const STORE_SHARE = 0.05;
const STORE_MAX_MS = 500;
/** Jobs, the three connections to Redis and what one of them still has to be told, the two to PostgreSQL. */
const STORES = 7;

/** A copy that takes longer to come from Redis is read from PostgreSQL. */
const COPY_TIMEOUT_MS = 200;

type Modules = Awaited<ReturnType<typeof composeModules>>;

/** Starts the service on a migrated database. @throws what the first failing step throws; nothing is left running. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const { shutdownTimeoutMs } = config.http;
  const storeMs = Math.min(shutdownTimeoutMs * STORE_SHARE, STORE_MAX_MS);
  const closers = new Closers(log, storeMs);
  try {
    const postgres = await openDatabase(options.databaseUrl, config, log);
    closers.add('postgres', () => postgres.close());
    const watch = await openWatch(options.databaseUrl, config, log);
    closers.add('watch', () => watch.close());
    await ensureEpoch(postgres.database, systemClock.now());
    const doorbell = await openDoorbell(config, log);
    closers.add('doorbell', () => doorbell.close());
    const copies = openCopies(config, watch.database, doorbell, log);
    closers.add('copies', async () => copies?.cache?.close());
    const database = copies ? postgres.database.watchedBy(copies.commits, copies.cache) : postgres.database;
    const redis = config.redis.url === null ? null : connectRedis(config.redis.url, config.redis.timeoutMs, log);
    const buckets = openBuckets(config, redis, log);
    if (redis) closers.add('redis', async () => redis.disconnect());
    closers.add('budgets', () => buckets.flush());
    const { secretKey, signingKeyPem } = options;
    const mailer = createMailer(config.mail, options.printMail ?? (() => {}));
    closers.add('mail', async () => mailer.close());
    const limits: MakeAttemptLimit = (rules) => createAttemptLimit(rules, redis);
    const foundation = { config, database, watchDatabase: watch.database, doorbell, log, secretKey, signingKeyPem };
    const modules = await composeModules({ ...foundation, mailer, limits });
    closers.add('modules', async () => modules.close());
    await modules.start();
    const worker = config.jobs.concurrency === 0 ? null : await startJobs(options, modules);
    if (worker) closers.add('jobs', () => worker.stop());
    const connections = new LiveConnections();
    const http = createHttpServer({ ...config.http, log });
    closers.add('http', () => http.close(shutdownTimeoutMs - STORES * storeMs), shutdownTimeoutMs);
    // Jobs that have begun have the same time as requests.
    http.onClose(() => worker?.stop().catch(() => {}));
    http.onClose((withinMs) => connections.drain(withinMs));
    await registerHygiene(http.app, config.http);
    registerHealth(http.app, { database: () => database.row(sql`SELECT 1`) });
    const { gate, pipeline, budget } = buildGate(config, modules, redis, buckets, log, closers);
    const admissions: Admissions = {
      async attempt(address, device = null) {
        gate.checkLoad('essential');
        await budget.countAttempt(address, device);
      },
      async renewal(address) {
        gate.checkLoad('essential');
        await budget.countRenewal(address);
      },
    };
    modules.oauth.registerRoutes(http.app, admissions);
    modules.privacy.registerRoutes(http.app, admissions.renewal);
    modules.passkeys.registerRoutes(http.app);
    if (config.graphql.playground && options.playground) {
      registerPlayground(http.app, { assetsDir: playgroundAssetsDir(), config: options.playground });
    }
    const answers = new PublicAnswers({
      schema: modules.schema,
      maxBytes: config.graphql.answerCacheBytes,
      touched: modules.touched,
      hears: () => doorbell.healthy(),
      log,
    });
    await registerGraphql(http, {
      schema: modules.schema,
      executor: new Executor({
        schema: modules.schema,
        ...config.execution,
        answerMaxBytes: config.graphql.responseMaxBytes,
      }),
      answers,
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
    return { url, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

function startJobs({ config, directUrl, log }: AppOptions, { tasks, schedules }: Modules): Promise<Worker> {
  return startWorker({ databaseUrl: directUrl, tasks, schedules, concurrency: config.jobs.concurrency, log });
}

/** The checks before every operation, on Redis where there is one. */
function buildGate(
  config: Config,
  { schema, auth }: Modules,
  redis: Redis | null,
  buckets: TokenBuckets,
  log: Log,
  closers: Closers,
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
      redis
        ? createRedisStore(
            redis,
            localStore,
            { prefix: KEY_PREFIX, maxCharacters: documents.cacheCharacters, now: systemClock.ms },
            log,
          )
        : localStore,
      config.http.bodyMaxBytes,
    ),
    costMax: documents.costMax,
    statementsMax: documents.readsMax,
    copies: config.cache.mode === 'on',
    onUnregistered: (operation, hash) => log.info({ operation, hash }, 'document not registered'),
  });
  for (const broken of pipeline.findBrokenRegistered()) log.warn(broken, 'registered document cannot be run');
  const attempts = createAttemptLimit(
    { name: 'sign-in', attempts: rules.attemptsMax, windowSeconds: rules.attemptsWindowSeconds },
    redis,
  );
  const budget = new Budget(buckets, attempts, auth.recognizeDevice, rules, systemClock.ms, log);
  const overload = new Overload({ delayMs: config.http.loadShedDelayMs });
  closers.add('load', async () => overload.close());
  return { gate: new Gate(pipeline, overload, budget, auth.hasEnded), pipeline, budget };
}

function openBuckets({ budget }: Config, redis: Redis | null, log: Log): TokenBuckets {
  if (!redis) return createLocalBuckets(systemClock);
  const alone = createLocalBuckets(systemClock, budget.localShare);
  return new RedisBuckets(redis, alone, systemClock, log, budget.advanceShare);
}

/** A page may open a socket to where it came from itself, and from the origins that may call this service. */
function allowsOrigin(config: Config, origin: string, host: string | undefined): boolean {
  if (config.http.corsOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Copies of rows, and who is told of what changes them; null where there are none. */
function openCopies(config: Config, watch: Database, doorbell: Doorbell, log: Log): Copies | null {
  const { mode, maxBytes, lifeMs } = config.cache;
  if (mode === 'off') return null;
  if (mode === 'announce') return { commits: createAnnouncer(doorbell), cache: null };
  const { url, timeoutMs } = config.redis;
  const redis = url === null ? null : connectRedis(url, timeoutMs, log, Math.min(timeoutMs, COPY_TIMEOUT_MS));
  const cache = new EntityCache({
    local: new LocalCopies(maxBytes),
    shared: redis && new SharedCopies(redis, lifeMs, log),
    doorbell,
    watch: (ways) => new InvalidationWatch(watch, ways, log),
    lifeMs,
  });
  return { commits: cache, cache };
}

interface Copies {
  readonly commits: CommitWatch;
  readonly cache: EntityCache | null;
}

function openDoorbell(config: Config, log: Log): Promise<Doorbell> | Doorbell {
  const { url, timeoutMs } = config.redis;
  if (url === null) return createLocalDoorbell();
  return createRedisDoorbell({ url, connectTimeoutMs: timeoutMs, commandTimeoutMs: timeoutMs, log });
}
