import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';

/** Wrong or missing environment variables, all of them at once, each with its remedy. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

interface Variable<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** What it sets, and what a good value looks like: stands in the README and in the message about a bad value. */
  readonly help: string;
  /** Production does not start without it. */
  readonly required?: boolean;
}

function variable<Schema extends z.ZodType>(schema: Schema, help: string, required = false): Variable<Schema> {
  return { schema, help, required };
}

const count = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));
const flag = z.enum(['on', 'off']).transform((text) => text === 'on');

/** Every environment variable that Portico reads. */
export const VARIABLES = {
  NODE_ENV: variable(
    z.enum(['development', 'production', 'test']).default('development'),
    'development, production or test. Development brings its own database, secrets and demo world',
  ),
  HOST: variable(z.string().min(1).optional(), 'address to listen on; 127.0.0.1 in development, 0.0.0.0 in production'),
  PORT: variable(count(4000, 0, 65_535), 'port to listen on; 0 takes a free one'),
  PUBLIC_URL: variable(
    url('http:', 'https:').optional(),
    'where apps reach this service, such as https://api.example.com; the issuer of its tokens',
    true,
  ),
  DATABASE_URL: variable(
    url('postgres:', 'postgresql:').optional(),
    'PostgreSQL 15 or newer, such as postgres://user:password@host:5432/portico; embedded in development',
    true,
  ),
  DATABASE_DIRECT_URL: variable(
    url('postgres:', 'postgresql:').optional(),
    'the same database without a pooler between, for jobs and migrations; DATABASE_URL when left out',
  ),
  DATABASE_POOL_MAX: variable(count(10, 2, 500), 'connections of one process for requests'),
  DATABASE_CONNECT_TIMEOUT_MS: variable(count(5_000, 100, 60_000), 'wait for a connection, in milliseconds'),
  DATABASE_STATEMENT_TIMEOUT_MS: variable(count(5_000, 100, 600_000), 'end of a statement, in milliseconds'),
  DATABASE_LOCK_TIMEOUT_MS: variable(count(3_000, 100, 600_000), 'end of a wait for a row lock, in milliseconds'),
  REDIS_URL: variable(
    url('redis:', 'rediss:').optional(),
    'Redis 6 or newer, such as redis://host:6379, so that processes hear of each other; in-process in development',
    true,
  ),
  REDIS_TIMEOUT_MS: variable(count(1_000, 50, 60_000), 'end of a connection attempt or a command, in milliseconds'),
  SECRET_KEY: variable(
    z.string().min(32).optional(),
    'at least 32 random characters (openssl rand -base64 48); cursors and refresh tokens are derived from it',
    true,
  ),
  TOKEN_SIGNING_KEY: variable(
    z
      .string()
      .transform((text) => text.replaceAll('\\n', '\n'))
      .refine(isP256Key)
      .optional(),
    'PKCS #8 PEM of a P-256 key, line breaks as \\n (openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)',
    true,
  ),
  ACCESS_TOKEN_SECONDS: variable(count(600, 30, 86_400), 'life of an access token, in seconds'),
  REFRESH_TOKEN_DAYS: variable(count(60, 1, 3_650), 'life of a refresh token that is not used, in days'),
  HTTP_BODY_MAX_BYTES: variable(count(131_072, 1_024, 16_777_216), 'size of a request body, in bytes'),
  HTTP_REQUEST_TIMEOUT_MS: variable(
    count(15_000, 100, 600_000),
    'time a client has to send a request, in milliseconds',
  ),
  SHUTDOWN_TIMEOUT_MS: variable(count(10_000, 100, 600_000), 'time for requests to finish at the end, in milliseconds'),
  SOCKET_MESSAGE_MAX_BYTES: variable(count(65_536, 1_024, 16_777_216), 'size of one WebSocket message, in bytes'),
  DOCUMENT_TOKENS_MAX: variable(count(2_000, 100, 100_000), 'lexical tokens of one GraphQL document'),
  INTROSPECTION: variable(flag.optional(), 'on or off: whether clients may read the schema; off in production'),
  PLAYGROUND: variable(flag.optional(), 'on or off: whether /playground is served; off in production'),
  LIVE_POLL_MS: variable(
    count(5_000, 100, 600_000),
    'how often a subscription looks for events without being told of one, in milliseconds',
  ),
  FEED_PULL_THRESHOLD: variable(
    count(10_000, 1, 1_000_000_000),
    'followers from which on the posts of an author are read at page time instead of being written to feeds',
  ),
  FEED_BACKFILL_POSTS: variable(count(100, 0, 10_000), 'recent posts that a new follower finds in the feed'),
  IDEMPOTENCY_HOURS: variable(count(72, 1, 8_760), 'how long a clientMutationId is remembered, in hours'),
  JOBS_CONCURRENCY: variable(count(4, 0, 100), 'background jobs at once in this process; 0 leaves them to others'),
  LOG_LEVEL: variable(z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'), 'least level logged'),
  LOG_FORMAT: variable(z.enum(['json', 'pretty']).optional(), 'json or pretty; pretty on a development terminal'),
  DATA_DIR: variable(z.string().min(1).default('.portico'), 'folder of the embedded database and development secrets'),
} as const;

type Name = keyof typeof VARIABLES;
type Values = { readonly [N in Name]: z.output<(typeof VARIABLES)[N]['schema']> };

export type Config = ReturnType<typeof arrange>;
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from environment variables; an empty one counts as absent.
 * @throws ConfigError naming every fault at once.
 */
export function loadConfig(env: Environment): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { schema, help }] of Object.entries(VARIABLES)) {
    const parsed = schema.safeParse(env[name] || undefined);
    if (parsed.success) values[name] = parsed.data;
    // The value itself may be a secret, so it is not repeated.
    else faults.push(`${name} has a value that cannot be used. Set it to: ${help}.`);
  }
  if (env['NODE_ENV'] === 'production') {
    for (const [name, { help, required }] of Object.entries(VARIABLES)) {
      if (required && !env[name]) faults.push(`${name} is missing; production needs it. Set it to: ${help}.`);
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(arrange(values as unknown as Values));
}

function arrange(v: Values) {
  const production = v.NODE_ENV === 'production';
  return {
    production,
    dataDir: v.DATA_DIR,
    http: {
      host: v.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
      port: v.PORT,
      publicUrl: v.PUBLIC_URL ?? null,
      bodyMaxBytes: v.HTTP_BODY_MAX_BYTES,
      requestTimeoutMs: v.HTTP_REQUEST_TIMEOUT_MS,
      shutdownTimeoutMs: v.SHUTDOWN_TIMEOUT_MS,
    },
    database: {
      url: v.DATABASE_URL ?? null,
      directUrl: v.DATABASE_DIRECT_URL ?? v.DATABASE_URL ?? null,
      poolMax: v.DATABASE_POOL_MAX,
      connectTimeoutMs: v.DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMs: v.DATABASE_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: v.DATABASE_LOCK_TIMEOUT_MS,
    },
    redis: { url: v.REDIS_URL ?? null, timeoutMs: v.REDIS_TIMEOUT_MS },
    auth: {
      secretKey: v.SECRET_KEY ?? null,
      signingKeyPem: v.TOKEN_SIGNING_KEY ?? null,
      accessTokenSeconds: v.ACCESS_TOKEN_SECONDS,
      refreshTokenDays: v.REFRESH_TOKEN_DAYS,
    },
    graphql: {
      introspection: v.INTROSPECTION ?? !production,
      playground: v.PLAYGROUND ?? !production,
      tokensMax: v.DOCUMENT_TOKENS_MAX,
      socketMessageMaxBytes: v.SOCKET_MESSAGE_MAX_BYTES,
      livePollMs: v.LIVE_POLL_MS,
    },
    feed: { pullThreshold: v.FEED_PULL_THRESHOLD, backfillPosts: v.FEED_BACKFILL_POSTS },
    jobs: { concurrency: v.JOBS_CONCURRENCY, idempotencyHours: v.IDEMPOTENCY_HOURS },
    log: { level: v.LOG_LEVEL, format: v.LOG_FORMAT ?? (production ? ('json' as const) : null) },
  };
}

function isP256Key(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}
