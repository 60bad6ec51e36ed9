import type { FastifyInstance } from 'fastify';
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
import { PasswordService } from './password.service';
import { PasswordHasher } from './password-hasher';
import { RefreshTokenEntity, SessionEntity } from './session.entity';
import { purgeEnded } from './session.repository';
import { SessionService } from './session.service';
import { SessionWatch } from './session-watch';
import { SignInWays } from './sign-in-ways';
import { type AdmitAttempt, registerTokenEndpoint } from './token.route';

export { originOf } from './auth.resolver';
export { AuthPayload } from './auth.types';
export { findUserIdByLogin } from './credential.repository';
export { PasswordHasher } from './password-hasher';
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
  /** How often sessions of live connections are looked at without being told that one has ended. */
  readonly livePollMs: number;
  readonly users: UserService;
  readonly audit: AuditTrail;
  readonly issuer: string;
  readonly signingKeyPem: string;
  readonly refreshKey: Buffer;
  readonly accessTokenSeconds: number;
  readonly refreshTokenDays: number;
}

const PURGE_TASK = 'auth.purge-ended';
const BEARER = /^Bearer +([\w.~+/=-]+)$/i;

/** Sign-up, sign-in, sessions and tokens. */
export async function createAuth(deps: AuthDeps) {
  const { clock, newId, database, users, audit } = deps;
  const accessTokens = await AccessTokens.create({
    signingKeyPem: deps.signingKeyPem,
    issuer: deps.issuer,
    lifetimeSeconds: deps.accessTokenSeconds,
    clock,
  });
  const { refreshKey, refreshTokenDays } = deps;
  const options = { refreshKey, refreshTokenDays };
  const sessions = new SessionService(clock, newId, accessTokens, deps.doorbell, audit, options);
  const passwords = new PasswordService(clock, newId, users, new PasswordHasher(), sessions, audit);
  const watch = new SessionWatch(database, deps.doorbell, deps.log, deps.livePollMs);

  const authenticate: Authenticate = async ({ authorization }) => {
    if (authorization === undefined) return null;
    const token = BEARER.exec(authorization)?.[1];
    if (!token) throw new Unauthenticated('Send the header as "Authorization: Bearer <access token>".');
    return accessTokens.verify(token);
  };

  return {
    sessions,
    signInWays: new SignInWays(),
    authenticate,
    resolvers: [new AuthResolver(passwords, sessions, deps.commands), new UserEmailResolver()],
    tasks: new Map<string, Task>([[PURGE_TASK, () => purgeEnded(database, clock.now())]]),
    schedules: [{ task: PURGE_TASK, cron: '17 3 * * *' }],
    watchSession: watch.watch,
    close: () => watch.close(),
    guardSession: sessions.assertLive.bind(sessions),
    registerRoutes: (app: FastifyInstance, admitAttempt: AdmitAttempt) =>
      registerTokenEndpoint(app, database, sessions, admitAttempt),
  };
}
