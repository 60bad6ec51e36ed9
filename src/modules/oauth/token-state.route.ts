import { decodeJwt } from 'jose';
import { Unauthenticated } from '../../kernel/errors';
import type { Database } from '../../platform/postgres/database';
import { type AccessTokens, FIRST_PARTY, type SessionService } from '../auth';
import { readClient, requireService } from './client-authentication';
import type { ClientRegistry } from './client-registry';
import type { Admissions, AdmitAttempt, FormHandler } from './oauth-endpoint';
import { OAuthError } from './oauth-error';

export const REVOKE_PATH = '/oauth/revoke';
export const INTROSPECT_PATH = '/oauth/introspect';

export interface TokenStateDeps {
  readonly database: Database;
  readonly sessions: SessionService;
  readonly accessTokens: AccessTokens;
  readonly clients: ClientRegistry;
}

/** Ends the session that an access or refresh token is of (RFC 7009). A token that nobody issued is as good as ended. */
export function createRevokeHandler(deps: TokenStateDeps, admitRenewal: Admissions['renewal']): FormHandler {
  const { database, sessions, clients } = deps;
  return async (form, request) => {
    await admitRenewal(request.ip);
    const clientId = readClient(clients, form, request)?.id ?? FIRST_PARTY;
    const token = tokenOf(form);
    await database.transaction(async (tx) => {
      const session = await sessions.findByToken(tx, token);
      if (!session) return;
      if (session.clientId !== clientId) throw new OAuthError('invalid_grant', 'This token is of another client.');
      await sessions.end(tx, { userId: session.userId, sessionId: session.id }, 'signed-out', request.ip);
    });
    return {};
  };
}

/**
 * Tells a service that has shown its secret whether an access token is good now, and what it says (RFC 7662). A refresh
 * token never is: whoever was sent one instead must not take it for an access token.
 */
export function createIntrospectHandler(deps: TokenStateDeps, admitAttempt: AdmitAttempt): FormHandler {
  const { database, sessions, accessTokens, clients } = deps;
  return async (form, request) => {
    try {
      requireService(clients, form, request);
    } catch (error) {
      // Services ask often and guess never.
      await admitAttempt(request.ip);
      throw error;
    }
    const token = tokenOf(form);
    try {
      const { viewer } = await accessTokens.verify(token);
      if (!(await sessions.isLive(database, viewer))) return { active: false };
    } catch (error) {
      if (error instanceof Unauthenticated) return { active: false };
      throw error;
    }
    const claims = decodeJwt(token);
    return { ...claims, active: true, token_type: claims['cnf'] === undefined ? 'Bearer' : 'DPoP' };
  };
}

function tokenOf(form: URLSearchParams): string {
  const token = form.get('token');
  if (!token) throw new OAuthError('invalid_request', 'Send token.');
  return token;
}
