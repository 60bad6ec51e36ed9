import type { z } from 'zod';
import { VARIABLES } from './config-variables';

export { VARIABLES };

/** Wrong or missing environment variables, all of them at once, each with its remedy. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

type Name = keyof typeof VARIABLES;
type Values = { readonly [N in Name]: z.output<(typeof VARIABLES)[N]['schema']> };

export type Config = ReturnType<typeof arrange>;
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from environment variables; an empty or blank one counts as absent.
 * @throws ConfigError naming every fault at once.
 */
export function loadConfig(env: Environment): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { schema, help }] of Object.entries(VARIABLES)) {
    const parsed = schema.safeParse(env[name]?.trim() || undefined);
    if (parsed.success) values[name] = parsed.data;
    // The value itself may be a secret, so it is not repeated.
    else faults.push(`${name} has a value that cannot be used. Set it to: ${help}.`);
  }
  if (env['NODE_ENV'] === 'production') {
    for (const [name, { help, required }] of Object.entries(VARIABLES)) {
      if (required && !env[name]?.trim()) faults.push(`${name} is missing; production needs it. Set it to: ${help}.`);
    }
  }
  faults.push(...contradictions(values));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(arrange(values as unknown as Values));
}

/** What is wrong with values that are right each by itself. One that could not be read is complained of already. */
function contradictions(v: Partial<Values>): string[] {
  const { DOCUMENT_COST_MAX: cost, BUDGET_CAPACITY: capacity, BUDGET_LOCAL_PERCENT: percent } = v;
  if (cost === undefined || capacity === undefined || percent === undefined) return [];
  const most = Math.floor((capacity * percent) / 100);
  if (cost <= most) return [];
  const fault = `DOCUMENT_COST_MAX of ${cost} is more than BUDGET_LOCAL_PERCENT of BUDGET_CAPACITY, which is ${most}`;
  const when = cost > capacity ? 'ever' : 'while Redis is away';
  return [`${fault}: some of what it allows could not run ${when}. Lower it to that, or raise one of the others.`];
}

function arrange(v: Values) {
  const production = v.NODE_ENV === 'production';
  const publicUrl = v.PUBLIC_URL ?? 'http://localhost';
  return {
    production,
    dataDir: v.DATA_DIR,
    http: {
      host: v.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
      port: v.PORT,
      publicUrl: v.PUBLIC_URL ?? null,
      bodyMaxBytes: v.HTTP_BODY_MAX_BYTES,
      requestTimeoutMs: v.HTTP_REQUEST_TIMEOUT_MS,
      trustedProxies: v.HTTP_TRUSTED_PROXIES,
      compressMinBytes: v.HTTP_COMPRESS_MIN_BYTES,
      corsOrigins: v.CORS_ORIGINS,
      loadShedDelayMs: v.LOAD_SHED_DELAY_MS,
      shutdownTimeoutMs: v.SHUTDOWN_TIMEOUT_MS,
    },
    database: {
      url: v.DATABASE_URL ?? null,
      directUrl: v.DATABASE_DIRECT_URL ?? v.DATABASE_URL ?? null,
      poolMax: v.DATABASE_POOL_MAX,
      connectTimeoutMs: v.DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMs: v.DATABASE_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: v.DATABASE_LOCK_TIMEOUT_MS,
      preparedStatements: v.DATABASE_PREPARED_STATEMENTS ?? true,
    },
    redis: { url: v.REDIS_URL ?? null, timeoutMs: v.REDIS_TIMEOUT_MS },
    auth: {
      secretKey: v.SECRET_KEY ?? null,
      signingKeyPem: v.TOKEN_SIGNING_KEY ?? null,
      verificationPems: v.TOKEN_VERIFICATION_KEYS,
      // Development is found where it listens.
      issuer: v.PUBLIC_URL ?? (v.PORT === 0 ? 'http://localhost' : `http://localhost:${v.PORT}`),
      clients: v.OAUTH_CLIENTS ?? null,
      accessTokenSeconds: v.ACCESS_TOKEN_SECONDS,
      accessTokensRemembered: v.ACCESS_TOKENS_REMEMBERED,
      refreshTokenDays: v.REFRESH_TOKEN_DAYS,
      oidcIssuers: v.OIDC_ISSUERS ?? null,
      proofSeconds: v.DPOP_PROOF_SECONDS,
      stepUpSeconds: v.STEP_UP_SECONDS,
      refreshReuseSeconds: v.REFRESH_REUSE_SECONDS,
      passwordHash: {
        memoryKib: v.PASSWORD_HASH_MEMORY_KIB,
        passes: v.PASSWORD_HASH_PASSES,
        atOnce: v.PASSWORD_HASHES_AT_ONCE,
        waitingMax: v.PASSWORD_HASHES_WAITING,
      },
      failuresMax: v.SIGN_IN_FAILURES_MAX,
      failuresWindowSeconds: v.SIGN_IN_FAILURES_WINDOW_SECONDS,
      emailLinkHours: v.EMAIL_LINK_HOURS,
      passwordResetMinutes: v.PASSWORD_RESET_MINUTES,
    },
    mail: {
      url: v.MAIL_URL ?? null,
      from: v.MAIL_FROM ?? `no-reply@${new URL(publicUrl).hostname}`,
      linkUrl: (v.APP_LINK_URL ?? publicUrl).replace(/\/+$/, ''),
      perHour: v.MAILS_PER_HOUR,
    },
    passkeys: arrangePasskeys(v),
    graphql: {
      introspection: v.INTROSPECTION ?? !production,
      playground: v.PLAYGROUND ?? !production,
      operationTimeoutMs: v.OPERATION_TIMEOUT_MS,
      responseMaxBytes: v.RESPONSE_MAX_BYTES,
      livePollMs: v.LIVE_POLL_MS,
      answerCacheBytes: v.ANSWER_CACHE_BYTES,
    },
    execution: {
      compiled: v.COMPILED_EXECUTION ?? true,
      fieldsKept: v.COMPILED_FIELDS_MAX,
    },
    documents: {
      policy:
        v.DOCUMENT_POLICY ?? (production && v.DOCUMENT_MANIFESTS.length > 0 ? ('only' as const) : ('open' as const)),
      manifests: v.DOCUMENT_MANIFESTS,
      cacheCharacters: v.DOCUMENT_CACHE_CHARACTERS,
      costMax: v.DOCUMENT_COST_MAX,
      readsMax: v.DOCUMENT_READS_MAX,
      limits: {
        tokens: v.DOCUMENT_TOKENS_MAX,
        depth: v.DOCUMENT_DEPTH_MAX,
        fields: v.DOCUMENT_FIELDS_MAX,
        aliases: v.DOCUMENT_ALIASES_MAX,
        rootFields: v.DOCUMENT_ROOT_FIELDS_MAX,
        directives: v.DOCUMENT_DIRECTIVES_MAX,
        fragments: v.DOCUMENT_FRAGMENTS_MAX,
        operations: v.DOCUMENT_OPERATIONS_MAX,
      },
    },
    budget: {
      capacity: v.BUDGET_CAPACITY,
      restorePerSecond: v.BUDGET_RESTORE_PER_SECOND,
      viewerFactor: v.BUDGET_VIEWER_FACTOR,
      addressFactor: v.BUDGET_ADDRESS_FACTOR,
      localShare: v.BUDGET_LOCAL_PERCENT / 100,
      advanceShare: v.BUDGET_ADVANCE_PERCENT / 100,
      attemptsMax: v.ATTEMPTS_MAX,
      attemptsWindowSeconds: v.ATTEMPTS_WINDOW_SECONDS,
    },
    sockets: {
      messageMaxBytes: v.SOCKET_MESSAGE_MAX_BYTES,
      initTimeoutMs: v.SOCKET_INIT_TIMEOUT_MS,
      operationsMax: v.SOCKET_OPERATIONS_MAX,
      messagesPerSecond: v.SOCKET_MESSAGES_PER_SECOND,
      operationsPerSecond: v.SOCKET_OPERATIONS_PER_SECOND,
      pingIntervalMs: v.SOCKET_PING_INTERVAL_MS,
      perViewerMax: v.SOCKETS_PER_VIEWER,
      perAddressMax: v.SOCKETS_PER_ADDRESS,
    },
    cache: {
      mode: v.ENTITY_CACHE,
      maxBytes: v.ENTITY_CACHE_BYTES,
      lifeMs: v.ENTITY_CACHE_SECONDS * 1_000,
    },
    feed: { pullThreshold: v.FEED_PULL_THRESHOLD, backfillPosts: v.FEED_BACKFILL_POSTS },
    messaging: { membersMax: v.CONVERSATION_MEMBERS_MAX },
    exports: {
      perDay: v.EXPORTS_PER_DAY,
      hours: v.EXPORT_HOURS,
      linkMinutes: v.EXPORT_LINK_MINUTES,
      maxBytes: v.EXPORT_MAX_BYTES,
    },
    jobs: {
      concurrency: v.JOBS_CONCURRENCY,
      idempotencyHours: v.IDEMPOTENCY_HOURS,
      changesDays: v.CHANGES_RETENTION_DAYS,
    },
    log: { level: v.LOG_LEVEL, format: v.LOG_FORMAT ?? (production ? ('json' as const) : null) },
  };
}

function arrangePasskeys(v: Values) {
  const home = v.PUBLIC_URL ?? `http://localhost:${v.PORT}`;
  const rpId = v.PASSKEY_RP_ID ?? new URL(home).hostname;
  return {
    rpId,
    rpName: v.PASSKEY_RP_NAME,
    // Apple's apps have the domain itself as their origin.
    origins: [...new Set([`https://${rpId}`, new URL(home).origin, ...v.PASSKEY_ORIGINS])],
    appleApps: v.APPLE_APPS,
    androidApps: v.ANDROID_APPS,
  };
}
