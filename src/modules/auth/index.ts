import type { Authenticate } from '../../graphql/authentication';
import type { Commands } from '../../graphql/command';
import type { NodeRegistry } from '../../graphql/nodes';
import type { DeviceClaim } from '../../graphql/pipeline/attempts';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { AttemptLimit } from '../../platform/redis/attempt-limit';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { Log } from '../../platform/telemetry/log';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import { AccessTokens } from './access-token';
import { AuthResolver, UserEmailResolver } from './auth.resolver';
import { Authenticator } from './authenticator';
import { ConfirmResolver } from './confirm.resolver';
import { CredentialEmailEntity, CredentialEntity } from './credential.entity';
import { CriticalOperations } from './critical.guard';
import { DeviceTokens } from './device-tokens';
import { EndedSessions } from './ended-sessions';
import { GuessLimit } from './guess-limit';
import { PasswordService } from './password.service';
import { type HashCost, PasswordHasher } from './password-hasher';
import { UsedProofEntity } from './proof.entity';
import { ProofService } from './proof.service';
import { RefreshTokenEntity, SessionEntity } from './session.entity';
import { SessionReader } from './session.reader';
import { purgeEnded } from './session.repository';
import { SessionResolver, ViewerSessionsResolver } from './session.resolver';
import { SESSION_PREFIX, SessionService } from './session.service';
import { SignInWays } from './sign-in-ways';
import { TokenVerifiers } from './token-verifiers';

export { type AccessTokens, FIRST_PARTY } from './access-token';
export { exportsOfAuth } from './account.export';
export { credentialByUserId } from './auth.reader';
export { AuthPayload } from './auth.types';
export { ConfirmIdentityPayload } from './confirm.types';
export type { CredentialRow } from './credential.entity';
export * as credentials from './credential.repository';
export { findUserIdByLogin } from './credential.repository';
export type { CriticalOperations } from './critical.guard';
export { checkEmail } from './email.policy';
export { type Forgive, GuessLimit } from './guess-limit';
export { type PasswordService, type Proven, SIGNED_UP } from './password.service';
export { type HashCost, hashPassword, type PasswordHasher } from './password-hasher';
export { ProofRefused } from './proof';
export { type ProofService, refusalOf } from './proof.service';
export type { PublicKey } from './public-key';
export type { SessionRow, SignInMethod } from './session.entity';
export { forgetTokens, sessionLives } from './session.repository';
export type { SessionService, SignInOrigin, Tokens } from './session.service';
export { SessionType } from './session.types';
export type { SignInWays } from './sign-in-ways';
export type { ForeignTokens, TokenVerifiers } from './token-verifiers';

export const AUTH_ENTITIES = [
  CredentialEntity,
  CredentialEmailEntity,
  SessionEntity,
  RefreshTokenEntity,
  UsedProofEntity,
];

export interface AuthDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly database: Database;
  readonly commands: Commands;
  readonly nodes: NodeRegistry;
  readonly doorbell: Doorbell;
  readonly log: Log;
  /** Where ended sessions are looked for: a connection of its own, so that it waits for no request. */
  readonly watchDatabase: Database;
  readonly users: UserService;
  readonly audit: AuditTrail;
  readonly issuer: string;
  readonly signingKeyPem: string;
  readonly verificationPems: readonly string[];
  readonly refreshKey: Buffer;
  readonly accessTokenSeconds: number;
  /** Access tokens of which each process remembers that they are good. */
  readonly accessTokensRemembered: number;
  readonly refreshTokenDays: number;
  readonly passwordHash: HashCost;
  /** Authenticates the tokens of devices that have signed in before. */
  readonly deviceKey: Buffer;
  /** Wrong passwords of one login, and of one device that is known. */
  readonly guesses: AttemptLimit;
  readonly enqueue: Enqueue;
  /** Where apps reach this service, if that is configured. */
  readonly publicUrl: string | null;
  readonly proofSeconds: number;
  readonly stepUpSeconds: number;
  readonly refreshReuseSeconds: number;
}

const PURGE_TASK = 'auth.purge-ended';
const PURGE_PROOFS_TASK = 'auth.purge-proofs';
/** Tokens of a session that another process has ended are refused after two seconds, with or without Redis. */
const ENDED_POLL_MS = 1_000;

/** Sign-up, sign-in, sessions and tokens. */
export async function createAuth(deps: AuthDeps) {
  const { clock, newId, database, users, audit } = deps;
  const accessTokens = await AccessTokens.create({
    signingKeyPem: deps.signingKeyPem,
    verificationPems: deps.verificationPems,
    issuer: deps.issuer,
    lifetimeSeconds: deps.accessTokenSeconds,
    rememberMax: deps.accessTokensRemembered,
    clock,
  });
  const { refreshKey, refreshTokenDays, refreshReuseSeconds, stepUpSeconds } = deps;
  const options = { refreshKey, refreshTokenDays, refreshReuseSeconds, stepUpSeconds };
  const { watchDatabase, doorbell, log, accessTokenSeconds } = deps;
  const watch = { database: watchDatabase, doorbell, log, clock, accessTokenSeconds, pollMs: ENDED_POLL_MS };
  const ended = new EndedSessions(watch);
  const sessions = new SessionService(clock, newId, accessTokens, ended, audit, options);
  const hasher = new PasswordHasher(deps.passwordHash, (err) => log.error({ err }, 'password thread ended'));
  const devices = new DeviceTokens(clock, deps.deviceKey);
  const guesses = new GuessLimit(deps.guesses, 'Too many wrong passwords.', deps.log);
  const passwords = new PasswordService(clock, newId, users, hasher, sessions, audit, devices, guesses, deps.enqueue);

  const proofs = new ProofService(database, clock, { publicUrl: deps.publicUrl, maxAgeSeconds: deps.proofSeconds });
  const verifiers = new TokenVerifiers();
  const authenticator = new Authenticator(accessTokens, verifiers, proofs, deps.log);
  const signInWays = new SignInWays();
  const critical = new CriticalOperations(database, clock, proofs, audit, stepUpSeconds);
  const authenticate: Authenticate = (sent) => authenticator.authenticate(sent);
  const reader = new SessionReader(sessions);
  deps.nodes.register({
    prefix: SESSION_PREFIX,
    typename: 'Session',
    find: (context, uuid) => reader.find(context, uuid),
  });

  return {
    authenticate,
    verifiers,
    resolvers: [
      new AuthResolver(passwords, sessions, proofs, deps.commands),
      new ConfirmResolver(passwords, sessions, proofs),
      new UserEmailResolver(),
      new SessionResolver(sessions, deps.commands),
      new ViewerSessionsResolver(reader),
    ],
    tasks: new Map<string, Task>([
      [PURGE_TASK, () => purgeEnded(database, clock.now())],
      [PURGE_PROOFS_TASK, () => proofs.purge()],
    ]),
    schedules: [
      { task: PURGE_TASK, cron: '17 3 * * *' },
      { task: PURGE_PROOFS_TASK, cron: '*/10 * * * *' },
    ],
    watchSession: ended.watch,
    hasEnded: ended.has,
    start: () => ended.start(),
    close() {
      ended.close();
      hasher.close();
    },
    guardSession: sessions.assertLive.bind(sessions),
    guardCritical: critical.guard,
    recognizeDevice: ({ token, login }: DeviceClaim) => devices.recognize(token, login),
    /** For the modules that sign people in by other ways. */
    accessTokens,
    passwords,
    hasher,
    guesses,
    sessions,
    signInWays,
    proofs,
    critical,
  };
}
