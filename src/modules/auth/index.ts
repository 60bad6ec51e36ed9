import type { Authenticate } from '../../graphql/authentication';
import type { Commands } from '../../graphql/command';
import type { Clock } from '../../kernel/clock';
import { Unauthenticated } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { Log } from '../../platform/telemetry/log';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import { AccessTokens } from './access-token';
import { AuthResolver, UserEmailResolver } from './auth.resolver';
import { CredentialEmailEntity, CredentialEntity } from './credential.entity';
import { EndedSessions } from './ended-sessions';
import { PasswordService } from './password.service';
import { PasswordHasher } from './password-hasher';
import { RefreshTokenEntity, SessionEntity } from './session.entity';
import { purgeEnded } from './session.repository';
import { SessionService } from './session.service';
import { SignInWays } from './sign-in-ways';

export { type AccessTokens, FIRST_PARTY } from './access-token';
export { originOf } from './auth.resolver';
export { AuthPayload } from './auth.types';
export { findUserIdByLogin } from './credential.repository';
export type { PasswordService } from './password.service';
export { PasswordHasher } from './password-hasher';
export type { SignInMethod } from './session.entity';
export type { SessionService, SignInOrigin, Tokens } from './session.service';
export type { SignInWays } from './sign-in-ways';

export const AUTH_ENTITIES = [CredentialEntity, CredentialEmailEntity, SessionEntity, RefreshTokenEntity];

export interface AuthDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly database: Database;
  readonly commands: Commands;
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
  readonly refreshTokenDays: number;
  readonly refreshReuseSeconds: number;
}

const PURGE_TASK = 'auth.purge-ended';
/** Tokens of a session that another process has ended are refused after two seconds, with or without Redis. */
const ENDED_POLL_MS = 1_000;
const BEARER = /^Bearer +([\w.~+/=-]+)$/i;

/** Sign-up, sign-in, sessions and tokens. */
export async function createAuth(deps: AuthDeps) {
  const { clock, newId, database, users, audit } = deps;
  const accessTokens = await AccessTokens.create({
    signingKeyPem: deps.signingKeyPem,
    verificationPems: deps.verificationPems,
    issuer: deps.issuer,
    lifetimeSeconds: deps.accessTokenSeconds,
    clock,
  });
  const { refreshKey, refreshTokenDays, refreshReuseSeconds } = deps;
  const options = { refreshKey, refreshTokenDays, refreshReuseSeconds };
  const { watchDatabase, doorbell, log, accessTokenSeconds } = deps;
  const watch = { database: watchDatabase, doorbell, log, clock, accessTokenSeconds, pollMs: ENDED_POLL_MS };
  const ended = new EndedSessions(watch);
  const sessions = new SessionService(clock, newId, accessTokens, ended, audit, options);
  const passwords = new PasswordService(clock, newId, users, new PasswordHasher(), sessions, audit);

  const authenticate: Authenticate = async ({ authorization }) => {
    if (authorization === undefined) return null;
    const token = BEARER.exec(authorization)?.[1];
    if (!token) throw new Unauthenticated('Send the header as "Authorization: Bearer <access token>".');
    return accessTokens.verify(token);
  };

  return {
    authenticate,
    resolvers: [new AuthResolver(passwords, sessions, deps.commands), new UserEmailResolver()],
    tasks: new Map<string, Task>([[PURGE_TASK, () => purgeEnded(database, clock.now())]]),
    schedules: [{ task: PURGE_TASK, cron: '17 3 * * *' }],
    watchSession: ended.watch,
    hasEnded: ended.has,
    start: () => ended.start(),
    close: () => ended.close(),
    guardSession: sessions.assertLive.bind(sessions),
    /** For the modules that sign people in by other ways. */
    accessTokens,
    passwords,
    sessions,
    signInWays: new SignInWays(),
  };
}
