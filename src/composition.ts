import 'reflect-metadata';
import { hkdfSync } from 'node:crypto';
import type { Config } from './config';
import { Commands, type CriticalGuard, type SessionGuard } from './graphql/command';
import { Pages } from './graphql/connection';
import { ConflictErrorResolver } from './graphql/error.resolver';
import { NodeResolver } from './graphql/node.resolver';
import { NodeRegistry } from './graphql/nodes';
import { buildPorticoSchema } from './graphql/schema';
import { StreamCursors } from './graphql/stream-cursor';
import { systemClock } from './kernel/clock';
import { CursorCodec } from './kernel/cursor';
import { newId } from './kernel/ids';
import { ACCOUNTS_ENTITIES, createAccounts } from './modules/accounts';
import { AUDIT_ENTITIES, createAudit } from './modules/audit';
import { AUTH_ENTITIES, createAuth } from './modules/auth';
import { COMMENTS_ENTITIES, createComments } from './modules/comments';
import { createDevices, DEVICES_ENTITIES } from './modules/devices';
import { createFeed, FEED_ENTITIES } from './modules/feed';
import { createIssuers, ISSUERS_ENTITIES } from './modules/issuers';
import { createMessaging, MESSAGING_ENTITIES } from './modules/messaging';
import { createOauth, DEMO_CLIENT, loadClients, OAUTH_ENTITIES } from './modules/oauth';
import { createPasskeys, PASSKEYS_ENTITIES } from './modules/passkeys';
import { createPasswords, PASSWORDS_ENTITIES } from './modules/passwords';
import { createPosts, POSTS_ENTITIES } from './modules/posts';
import { createPrivacy, PRIVACY_ENTITIES } from './modules/privacy';
import { createReactions, REACTIONS_ENTITIES } from './modules/reactions';
import { createRelationships, RELATIONSHIPS_ENTITIES } from './modules/relationships';
import { createSync } from './modules/sync';
import { Touched } from './platform/cache/touched';
import { Audiences } from './platform/changelog/audience';
import { ChangeLog } from './platform/changelog/change-log';
import { SPREAD_TASK, Spread } from './platform/changelog/spread';
import { enqueue, mergeTasks } from './platform/jobs/jobs';
import { createUpkeep } from './platform/jobs/upkeep';
import type { Mailer } from './platform/mail/mailer';
import type { Database } from './platform/postgres/database';
import { createAttemptLimit, type MakeAttemptLimit } from './platform/redis/attempt-limit';
import type { Doorbell } from './platform/redis/doorbell';
import type { Log } from './platform/telemetry/log';

export const ENTITIES = [
  ...AUDIT_ENTITIES,
  ...ACCOUNTS_ENTITIES,
  ...AUTH_ENTITIES,
  ...PASSWORDS_ENTITIES,
  ...PASSKEYS_ENTITIES,
  ...OAUTH_ENTITIES,
  ...DEVICES_ENTITIES,
  ...ISSUERS_ENTITIES,
  ...RELATIONSHIPS_ENTITIES,
  ...POSTS_ENTITIES,
  ...COMMENTS_ENTITIES,
  ...REACTIONS_ENTITIES,
  ...FEED_ENTITIES,
  ...MESSAGING_ENTITIES,
  ...PRIVACY_ENTITIES,
];

/** How often live logs are looked at while no process hears of another. */
const UNRUNG_POLL_MS = 400;

export interface Foundation {
  readonly config: Config;
  readonly database: Database;
  /** The same by a connection apart, for what must not wait behind requests; `database` when left out. */
  readonly watchDatabase?: Database;
  readonly doorbell: Doorbell;
  readonly log: Log;
  readonly secretKey: string;
  readonly signingKeyPem: string;
  /** Counts in this process alone when left out. */
  readonly limits?: MakeAttemptLimit;
  /** Nobody receives anything when left out. */
  readonly mailer?: Mailer;
}

const IN_THIS_PROCESS: MakeAttemptLimit = (options) => createAttemptLimit(options, null);
const NOWHERE: Mailer = { send: async () => {}, close: () => {} };
const HOUR_MS = 3_600_000;

/** Builds every module by hand, in the order in which they may know each other. */
export async function composeModules(foundation: Foundation) {
  const { config, database, watchDatabase = database, doorbell, log, secretKey, signingKeyPem } = foundation;
  const { limits = IN_THIS_PROCESS, mailer = NOWHERE } = foundation;
  const clock = systemClock;
  const nodes = new NodeRegistry();
  const codec = new CursorCodec(deriveKey(secretKey, 'page cursors'));
  const pages = new Pages(codec);
  // Accounts come before auth, and their commands need its session check: it is looked up when a command runs.
  const changes = new ChangeLog(doorbell, clock);
  const touched = new Touched(doorbell);
  const audiences = new Audiences();
  const spread = new Spread({ database, enqueue, changes, audiences });
  const cursors = new StreamCursors(codec);
  const guardSession: SessionGuard = (tx, viewer) => auth.guardSession(tx, viewer);
  const guardCritical: CriticalGuard = (...of) => auth.guardCritical(...of);
  const commands: Commands = new Commands(guardSession, clock.now, changes, cursors, guardCritical);

  const audit = composeAudit(secretKey);
  const accounts = createAccounts({ clock, enqueue, changes, spread, commands, nodes, touched });
  const auth = await createAuth({
    clock,
    newId,
    database,
    commands,
    nodes,
    users: accounts.users,
    audit,
    issuer: config.auth.issuer,
    signingKeyPem,
    verificationPems: config.auth.verificationPems,
    refreshKey: deriveKey(secretKey, 'refresh tokens'),
    accessTokenSeconds: config.auth.accessTokenSeconds,
    accessTokensRemembered: config.auth.accessTokensRemembered,
    refreshTokenDays: config.auth.refreshTokenDays,
    publicUrl: config.http.publicUrl,
    proofSeconds: config.auth.proofSeconds,
    stepUpSeconds: config.auth.stepUpSeconds,
    refreshReuseSeconds: config.auth.refreshReuseSeconds,
    doorbell,
    log,
    watchDatabase,
    passwordHash: config.auth.passwordHash,
    deviceKey: deriveKey(secretKey, 'device tokens'),
    guesses: limits({
      name: 'passwords',
      attempts: config.auth.failuresMax,
      windowSeconds: config.auth.failuresWindowSeconds,
    }),
    enqueue,
  });
  const passwords = createPasswords({
    ...{ clock, newId, database, commands, enqueue, changes, log, users: accounts.users, audit, auth, mailer },
    mail: {
      key: deriveKey(secretKey, 'links in mails'),
      linkUrl: config.mail.linkUrl,
      linkLifeMs: {
        'verify-email': config.auth.emailLinkHours * HOUR_MS,
        'change-email': config.auth.emailLinkHours * HOUR_MS,
        'reset-password': config.auth.passwordResetMinutes * 60_000,
      },
    },
    mailings: limits({ name: 'mails', attempts: config.mail.perHour, windowSeconds: HOUR_MS / 1_000 }),
    sealKey: deriveKey(secretKey, 'payloads of jobs'),
  });
  const oauth = createOauth({
    clock,
    database,
    audit,
    accessTokens: auth.accessTokens,
    passwords: auth.passwords,
    sessions: auth.sessions,
    log,
    proofs: auth.proofs,
    issuer: config.auth.issuer,
    clients: configuredClients(config),
    formKey: deriveKey(secretKey, 'sign-in forms'),
  });
  const devices = createDevices({
    clock,
    newId,
    database,
    commands,
    nodes,
    sessions: auth.sessions,
    critical: auth.critical,
    audit,
  });
  const { users } = accounts;
  const issuers = createIssuers({
    ...{ clock, newId, database, commands, log, users, audit, auth },
    ownIssuer: config.auth.issuer,
    issuers: config.auth.oidcIssuers,
    production: config.production,
    accessTokenSeconds: config.auth.accessTokenSeconds,
  });
  const passkeys = createPasskeys({
    ...{ clock, newId, database, commands, log, users, audit },
    ...{ sessions: auth.sessions, proofs: auth.proofs, critical: auth.critical, signInWays: auth.signInWays },
    options: config.passkeys,
  });
  const live = { doorbell, log, pollMs: config.graphql.livePollMs, unrungPollMs: UNRUNG_POLL_MS };
  const relationships = createRelationships({ clock, enqueue, changes, audiences, commands, pages, database, touched });
  const posts = createPosts({ clock, newId, enqueue, changes, spread, commands, pages, nodes, touched });
  const comments = createComments({ clock, newId, changes, commands, pages, nodes, database, live, touched });
  const reactions = createReactions({ clock, changes, commands, pages, database, live, touched });
  const feed = createFeed({ clock, changes, database, pages, options: config.feed });
  const writing = { clock, newId, commands, pages, cursors, nodes, changes, database, live };
  const messaging = createMessaging({ ...writing, options: config.messaging });
  const privacy = createPrivacy({
    ...{ clock, newId, database, commands, enqueue, changes, pages, nodes, doorbell, users, auth, audit, log },
    exports: {
      ...config.exports,
      key: deriveKey(secretKey, 'links to exports'),
      baseUrl: config.auth.issuer.replace(/\/+$/, ''),
    },
  });
  const sync = createSync({ clock, database, nodes, cursors, live });
  const upkeep = createUpkeep(database, clock, config.jobs);
  return {
    auth,
    oauth,
    passkeys,
    privacy,
    touched,
    schema: buildPorticoSchema(
      [
        new NodeResolver(nodes, commands),
        new ConflictErrorResolver(nodes),
        ...accounts.resolvers,
        ...auth.resolvers,
        ...passwords.resolvers,
        ...devices.resolvers,
        ...issuers.resolvers,
        ...passkeys.resolvers,
        ...relationships.resolvers,
        ...posts.resolvers,
        ...comments.resolvers,
        ...reactions.resolvers,
        ...feed.resolvers,
        ...messaging.resolvers,
        ...privacy.resolvers,
        ...sync.resolvers,
      ],
      {
        ...comments.subscriptions,
        ...reactions.subscriptions,
        ...messaging.subscriptions,
        ...sync.subscriptions,
      },
    ),
    tasks: mergeTasks([
      [SPREAD_TASK, spread.task],
      ...[auth, passwords, oauth, devices, issuers, passkeys].flatMap(({ tasks }) => [...tasks]),
      ...[relationships, comments, feed, messaging, privacy, upkeep].flatMap(({ tasks }) => [...tasks]),
    ]),
    schedules: [auth, passwords, oauth, devices, issuers, passkeys, privacy, upkeep].flatMap(
      ({ schedules }) => schedules,
    ),
    /** Begins what runs besides requests and jobs. */
    start: () => auth.start(),
    close() {
      for (const module of [auth, comments, reactions, messaging, sync]) module.close();
    },
  };
}

/** @throws ClientsError when they cannot be used. */
function configuredClients({ auth, production }: Config) {
  if (auth.clients !== null) return loadClients(auth.clients);
  return production ? [] : [DEMO_CLIENT];
}

/** The audit trail of whoever has this secret: for the service, and for the command that checks it. */
export function composeAudit(secretKey: string) {
  return createAudit({ clock: systemClock, key: deriveKey(secretKey, 'audit trail') }).audit;
}

/** One key per purpose from the one secret (HKDF, RFC 5869). */
function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `portico ${purpose}`, 32));
}
