import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../kernel/clock';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import type { AuditTrail } from '../audit';
import type { AccessTokens, PasswordService, ProofService, SessionService } from '../auth';
import { registerAuthorize } from './authorize.route';
import { type Client, ClientRegistry } from './client-registry';
import { CodeEntity } from './code.entity';
import { CodeService } from './code.service';
import { DeviceCookie } from './device-cookie';
import { registerMetadata } from './metadata.route';
import { type Admissions, registerEndpoints } from './oauth-endpoint';
import { proveKeyBy } from './proof-of-key';
import { SignInForms } from './sign-in-form';
import { createTokenHandler, TOKEN_PATH } from './token.route';
import { createIntrospectHandler, createRevokeHandler, INTROSPECT_PATH, REVOKE_PATH } from './token-state.route';

export { ClientsError, DEMO_CLIENT, loadClients } from './client-registry';
export { forgetCodes } from './code.repository';
export type { Admissions } from './oauth-endpoint';

export const OAUTH_ENTITIES = [CodeEntity];

export interface OauthDeps {
  readonly clock: Clock;
  readonly database: Database;
  readonly audit: AuditTrail;
  readonly accessTokens: AccessTokens;
  readonly passwords: PasswordService;
  readonly sessions: SessionService;
  readonly log: Log;
  readonly issuer: string;
  readonly clients: readonly Client[];
  readonly proofs: ProofService;
  /** Seals what the sign-in page carries. */
  readonly formKey: Buffer;
}

const PURGE_TASK = 'oauth.purge-codes';

/** An OAuth 2.0 authorization server for the apps of whoever runs this service (RFC 6749, RFC 9700, RFC 8252). */
export function createOauth(deps: OauthDeps) {
  const { clock, database, audit, accessTokens, passwords, sessions, issuer, log } = deps;
  const clients = new ClientRegistry(deps.clients);
  const codes = new CodeService(clock, sessions, audit);
  const secure = issuer.startsWith('https:');
  const forms = new SignInForms(deps.formKey, clock, secure);
  const devices = new DeviceCookie(secure);
  return {
    tasks: new Map<string, Task>([[PURGE_TASK, () => codes.purge(database)]]),
    schedules: [{ task: PURGE_TASK, cron: '23 3 * * *' }],
    registerRoutes(app: FastifyInstance, admit: Admissions): void {
      registerMetadata(app, issuer, accessTokens);
      registerAuthorize(app, { database, clients, passwords, codes, forms, devices, issuer, log }, admit.attempt);
      const known = { database, sessions, accessTokens, clients, codes, proveKey: proveKeyBy(deps.proofs) };
      registerEndpoints(app, {
        [TOKEN_PATH]: createTokenHandler(known, admit.renewal),
        [REVOKE_PATH]: createRevokeHandler(known, admit.renewal),
        [INTROSPECT_PATH]: createIntrospectHandler(known, admit.attempt),
      });
    },
  };
}
