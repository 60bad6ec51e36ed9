import { z } from 'zod';
import {
  count,
  flag,
  isP256Key,
  isP256PublicKey,
  isPasskeyOrigin,
  list,
  pemsIn,
  readAndroidApp,
  url,
} from './config-kinds';

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
  DATABASE_PREPARED_STATEMENTS: variable(flag.optional(), 'on or off: keep statements prepared; on when left out'),
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
  TOKEN_VERIFICATION_KEYS: variable(
    z
      .string()
      .default('')
      .transform((text) => pemsIn(text.replaceAll('\\n', '\n')))
      .refine((pems) => pems.every(isP256PublicKey)),
    'PEMs of further P-256 keys whose tokens are accepted, one after the other, line breaks as \\n: the next signing key and the one before',
  ),
  OAUTH_CLIENTS: variable(
    z.string().min(1).optional(),
    'the apps that may send people to the sign-in page: JSON, or the path of a JSON file; a demo client in development',
  ),
  ACCESS_TOKEN_SECONDS: variable(count(600, 30, 86_400), 'life of an access token, in seconds'),
  ACCESS_TOKENS_REMEMBERED: variable(
    count(10_000, 0, 10_000_000),
    'access tokens whose signatures a process does not check again, about 1 KB each; 0 checks them for each request',
  ),
  REFRESH_TOKEN_DAYS: variable(count(60, 1, 3_650), 'life of a refresh token that is not used, in days'),
  OIDC_ISSUERS: variable(
    z.string().min(1).optional(),
    'other OpenID Connect issuers by whose tokens people may sign in: a JSON array, or the path of a file with one',
  ),
  PASSKEY_RP_ID: variable(
    z
      .string()
      .regex(/^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+)$/)
      .optional(),
    'domain that passkeys belong to, such as example.com, for ever: a change makes all of them useless; the host of PUBLIC_URL when left out',
  ),
  PASSKEY_RP_NAME: variable(z.string().min(1).default('Portico'), 'name of the service beside passkeys'),
  PASSKEY_ORIGINS: variable(
    list.refine((origins) => origins.every(isPasskeyOrigin)),
    'web origins whose pages may use passkeys, such as https://app.example.com, separated by commas; PUBLIC_URL, the domain of the passkeys and the Android apps may in any case',
  ),
  APPLE_APPS: variable(
    list.refine((apps) => apps.every((app) => /^[A-Z0-9]{10}\.[\w.-]+$/.test(app))),
    'apps of Apple devices that may use passkeys, as TEAMID.bundle.id, separated by commas',
  ),
  ANDROID_APPS: variable(
    list
      .refine((apps) => apps.every((app) => /^[\w.]+=([0-9A-F]{2}:){31}[0-9A-F]{2}$/i.test(app)))
      .transform((apps) => apps.map(readAndroidApp)),
    'Android apps that may use passkeys, as package=SHA-256 of the signing certificate (AB:CD:…), separated by commas',
  ),
  DPOP_PROOF_SECONDS: variable(
    count(60, 5, 600),
    'how far the time of a DPoP proof may be from the time here, in seconds',
  ),
  STEP_UP_SECONDS: variable(
    count(600, 10, 86_400),
    'how long after showing who they are somebody may do what is critical, in seconds',
  ),
  REFRESH_REUSE_SECONDS: variable(
    count(3_600, 0, 604_800),
    'how long an app without a key may ask once more for the successor of a refresh token whose answer was lost, in seconds',
  ),
  PASSWORD_HASH_MEMORY_KIB: variable(
    count(19_456, 8, 4_194_304),
    'memory of one password hash (argon2id), in KiB; older hashes are renewed as people sign in',
  ),
  PASSWORD_HASH_PASSES: variable(count(2, 1, 100), 'passes of one password hash over that memory'),
  PASSWORD_HASHES_AT_ONCE: variable(
    count(2, 1, 64),
    'password hashes at once; each takes its memory, and on Linux a processor only while nothing else wants it',
  ),
  PASSWORD_HASHES_WAITING: variable(
    count(100, 1, 100_000),
    'passwords that may wait for a hash; who comes later is told to come back',
  ),
  SIGN_IN_FAILURES_MAX: variable(
    count(10, 1, 1_000_000_000),
    'wrong passwords of one login, or of one device that has signed in before, in one window',
  ),
  SIGN_IN_FAILURES_WINDOW_SECONDS: variable(count(900, 1, 86_400), 'length of that window, in seconds'),
  EMAIL_LINK_HOURS: variable(count(24, 1, 720), 'life of a link that verifies an e-mail address, in hours'),
  PASSWORD_RESET_MINUTES: variable(count(60, 5, 1_440), 'life of a link that resets a password, in minutes'),
  MAILS_PER_HOUR: variable(
    count(5, 1, 1_000_000_000),
    'mails of one kind that one address can be made to receive in an hour',
  ),
  MAIL_URL: variable(
    url('smtp:', 'smtps:').optional(),
    'the server that takes mails, such as smtps://user:password@mail.example.com; in development they are printed',
    true,
  ),
  MAIL_FROM: variable(
    z
      .string()
      .regex(/^[^\r\n]*[^\s@<]+@[^\s@>]+>?$/)
      .optional(),
    'sender of mails, such as Example <hello@example.com>; no-reply at the host of PUBLIC_URL when left out',
  ),
  APP_LINK_URL: variable(
    url('http:', 'https:').optional(),
    'where links in mails lead: /verify-email and /reset-password below it open the app; PUBLIC_URL when left out',
  ),
  HTTP_BODY_MAX_BYTES: variable(count(131_072, 1_024, 16_777_216), 'size of a request body, in bytes'),
  HTTP_REQUEST_TIMEOUT_MS: variable(
    count(15_000, 100, 600_000),
    'time a client has to send a request, in milliseconds',
  ),
  SHUTDOWN_TIMEOUT_MS: variable(count(10_000, 100, 600_000), 'time for requests to finish at the end, in milliseconds'),
  HTTP_TRUSTED_PROXIES: variable(count(0, 0, 10), 'proxies in front, whose X-Forwarded-For is believed'),
  HTTP_COMPRESS_MIN_BYTES: variable(count(1_024, 0, 16_777_216), 'answers from this size on are compressed, in bytes'),
  CORS_ORIGINS: variable(list, 'origins whose pages may call this service, separated by commas; none by default'),
  OPERATION_TIMEOUT_MS: variable(count(10_000, 100, 600_000), 'end of an operation as a whole, in milliseconds'),
  RESPONSE_MAX_BYTES: variable(
    count(2_097_152, 1_024, 67_108_864),
    'size of one answer, and of the events that wait together for a slow subscriber, in bytes',
  ),
  ANSWER_CACHE_BYTES: variable(count(33_554_432, 0, 2 ** 34), 'answers to strangers that one process keeps, in bytes'),
  LOAD_SHED_DELAY_MS: variable(
    count(200, 10, 60_000),
    'lateness of the event loop from which on new subscriptions are refused, in milliseconds; reads at twice, writes at four times, sign-in at eight times as much',
  ),
  SOCKET_MESSAGE_MAX_BYTES: variable(count(65_536, 1_024, 16_777_216), 'size of one WebSocket message, in bytes'),
  SOCKET_INIT_TIMEOUT_MS: variable(count(3_000, 100, 60_000), 'time a socket has for connection_init, in milliseconds'),
  SOCKET_OPERATIONS_MAX: variable(count(50, 1, 10_000), 'operations open at once on one socket'),
  SOCKET_MESSAGES_PER_SECOND: variable(count(50, 1, 100_000), 'messages and pings of one socket, sustained'),
  SOCKET_OPERATIONS_PER_SECOND: variable(count(20, 1, 100_000), 'operations begun on one socket, sustained'),
  SOCKET_PING_INTERVAL_MS: variable(
    count(12_000, 100, 600_000),
    'how often a socket is pinged, in milliseconds; one that does not answer is ended',
  ),
  SOCKETS_PER_VIEWER: variable(count(10, 1, 100_000), 'sockets and streams at once of one account, by process'),
  SOCKETS_PER_ADDRESS: variable(count(200, 1, 1_000_000), 'sockets and streams at once from one address, by process'),
  DOCUMENT_POLICY: variable(
    z.enum(['open', 'prefer', 'only']).optional(),
    'open, prefer or only: whether documents that are not registered run, run and are logged, or are refused; only in production where DOCUMENT_MANIFESTS is set, else open',
  ),
  DOCUMENT_MANIFESTS: variable(
    list,
    'files of registered documents, separated by commas: Relay, graphql-codegen, Apollo or plain JSON',
  ),
  DOCUMENT_CACHE_CHARACTERS: variable(
    count(4_000_000, 1_000, 1_000_000_000),
    'text of documents kept parsed, in characters',
  ),
  DOCUMENT_TOKENS_MAX: variable(count(4_000, 100, 100_000), 'lexical tokens of one GraphQL document'),
  DOCUMENT_DEPTH_MAX: variable(count(15, 2, 100), 'levels of nesting of one document'),
  DOCUMENT_FIELDS_MAX: variable(count(500, 10, 100_000), 'fields of one document, fragments expanded'),
  DOCUMENT_ALIASES_MAX: variable(
    count(30, 0, 100_000),
    'aliases and repeated fields of one document, fragments expanded',
  ),
  DOCUMENT_ROOT_FIELDS_MAX: variable(count(20, 1, 10_000), 'fields at the root of one operation'),
  DOCUMENT_DIRECTIVES_MAX: variable(count(50, 0, 10_000), 'directives of one document'),
  DOCUMENT_FRAGMENTS_MAX: variable(count(60, 0, 10_000), 'fragments of one document'),
  DOCUMENT_OPERATIONS_MAX: variable(count(10, 1, 1_000), 'operations of one document'),
  DOCUMENT_COST_MAX: variable(
    count(2_000, 10, 1_000_000),
    'cost of one operation: 1 for each object that its answer can hold, 0.1 for each value, more for long texts',
  ),
  DOCUMENT_READS_MAX: variable(count(20, 1, 10_000), 'different batches of rows that one operation can read through'),
  BUDGET_CAPACITY: variable(count(20_000, 10, 1_000_000_000), 'cost that one device or one stranger can save up'),
  BUDGET_RESTORE_PER_SECOND: variable(count(200, 1, 1_000_000_000), 'cost that comes back to each of them a second'),
  BUDGET_VIEWER_FACTOR: variable(
    count(2, 1, 100_000),
    'how many budgets one account may use at once, on all its devices',
  ),
  BUDGET_ADDRESS_FACTOR: variable(count(10, 1, 100_000), 'how many budgets one address may use at once'),
  BUDGET_LOCAL_PERCENT: variable(
    count(25, 1, 100),
    'part of each budget that a process grants by itself while Redis is away, in percent: 100 divided by the number of processes',
  ),
  BUDGET_ADVANCE_PERCENT: variable(
    count(10, 0, 50),
    'part of a device’s budget that a process takes ahead, so that most requests need not ask Redis, in percent; 0: all do',
  ),
  ATTEMPTS_MAX: variable(
    count(100, 1, 1_000_000_000),
    'tries to sign in, sign up or renew a token of one address in one window',
  ),
  ATTEMPTS_WINDOW_SECONDS: variable(count(900, 1, 86_400), 'length of that window, in seconds'),
  INTROSPECTION: variable(flag.optional(), 'on or off: whether clients may read the schema; off in production'),
  PLAYGROUND: variable(flag.optional(), 'on or off: whether /playground is served; off in production'),
  COMPILED_EXECUTION: variable(
    flag.optional(),
    'on or off: whether operations are executed by plans that are kept, or by graphql-js; on when left out',
  ),
  COMPILED_FIELDS_MAX: variable(
    count(50_000, 2_000, 100_000_000),
    'fields of operations kept as plans, all together; each takes about 0.7 KB',
  ),
  LIVE_POLL_MS: variable(
    count(5_000, 100, 600_000),
    'how often a subscription looks for events without being told of one, in milliseconds',
  ),
  FEED_PULL_THRESHOLD: variable(
    count(10_000, 1, 1_000_000_000),
    'followers from which on the posts of an author are read at page time instead of being written to feeds',
  ),
  FEED_BACKFILL_POSTS: variable(count(100, 0, 10_000), 'recent posts that a new follower finds in the feed'),
  CONVERSATION_MEMBERS_MAX: variable(count(250, 2, 10_000), 'people in one conversation'),
  IDEMPOTENCY_HOURS: variable(count(72, 1, 8_760), 'how long a clientMutationId is remembered, in hours'),
  EXPORTS_PER_DAY: variable(count(3, 1, 1_000), 'copies of their data that one person may ask for in a day'),
  EXPORT_HOURS: variable(count(24, 1, 720), 'how long such a copy is kept to be fetched, in hours'),
  EXPORT_LINK_MINUTES: variable(count(15, 1, 1_440), 'life of a link to such a copy, in minutes'),
  EXPORT_MAX_BYTES: variable(count(268_435_456, 1_024, 1_073_741_824), 'size of such a copy, packed, in bytes'),
  CHANGES_RETENTION_DAYS: variable(
    count(30, 1, 3_650),
    'how far back the change logs reach, in days; an app that was away longer loads everything anew',
  ),
  ENTITY_CACHE: variable(
    z.enum(['off', 'announce', 'on']).default('off'),
    'on, announce or off: whether copies of users, posts, counters and comments are kept in the process and in Redis, up to two seconds old for all but who writes; announce in every process before the first is on',
  ),
  ENTITY_CACHE_BYTES: variable(
    count(67_108_864, 65_536, 17_179_869_184),
    'size of the copies that one process keeps, estimated, in bytes',
  ),
  ENTITY_CACHE_SECONDS: variable(count(60, 1, 120), 'life of a copy whose row does not change, in seconds'),
  JOBS_CONCURRENCY: variable(count(4, 0, 100), 'background jobs at once in this process; 0 leaves them to others'),
  LOG_LEVEL: variable(z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'), 'least level logged'),
  LOG_FORMAT: variable(z.enum(['json', 'pretty']).optional(), 'json or pretty; pretty on a development terminal'),
  DATA_DIR: variable(z.string().min(1).default('.portico'), 'folder of the embedded database and development secrets'),
} as const;
