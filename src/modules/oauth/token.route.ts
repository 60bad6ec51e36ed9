import type { FastifyRequest } from 'fastify';
import type { Database } from '../../platform/postgres/database';
import type { SessionService, SignInOrigin, Tokens } from '../auth';
import { readClient } from './client-authentication';
import type { Client, ClientRegistry } from './client-registry';
import type { CodeService } from './code.service';
import type { Admissions, FormHandler } from './oauth-endpoint';
import { OAuthError } from './oauth-error';

export const TOKEN_PATH = '/oauth/token';

/** JWK thumbprint of the key whose possession a request proves; null when it proves none. */
export type ProveKey = (request: FastifyRequest) => Promise<string | null>;

export interface TokenDeps {
  readonly database: Database;
  readonly sessions: SessionService;
  readonly clients: ClientRegistry;
  readonly codes: CodeService;
  readonly proveKey: ProveKey;
}

/** The token endpoint, for codes (RFC 6749 §4.1.3) and refresh tokens (§6). */
export function createTokenHandler(deps: TokenDeps, admitRenewal: Admissions['renewal']): FormHandler {
  return async (form, request) => {
    await admitRenewal(request.ip);
    const client = readClient(deps.clients, form, request);
    const origin = { address: request.ip, clientId: client?.id, keyThumbprint: await deps.proveKey(request) };
    const tokens = await exchange(deps, form, client, origin);
    return {
      access_token: tokens.accessToken,
      token_type: tokens.tokenType,
      expires_in: tokens.expiresIn,
      refresh_token: tokens.refreshToken,
    };
  };
}

/** @throws OAuthError */
function exchange(
  deps: TokenDeps,
  form: URLSearchParams,
  client: Client | null,
  origin: SignInOrigin,
): Promise<Tokens> {
  const grantType = required(form, 'grant_type');
  if (grantType === 'refresh_token') return refresh(deps, form, origin);
  if (grantType === 'authorization_code') return exchangeCode(deps, form, client, origin);
  throw new OAuthError('unsupported_grant_type', 'Use grant_type=authorization_code or grant_type=refresh_token.');
}

async function refresh({ database, sessions }: TokenDeps, form: URLSearchParams, origin: SignInOrigin) {
  const tokens = await sessions.refresh(database, required(form, 'refresh_token'), origin);
  if (tokens) return tokens;
  throw new OAuthError(
    'invalid_grant',
    'This refresh token is not valid any more, or is for another key. Sign in again.',
  );
}

async function exchangeCode(
  { database, codes }: TokenDeps,
  form: URLSearchParams,
  client: Client | null,
  origin: SignInOrigin,
): Promise<Tokens> {
  if (!client) throw new OAuthError('invalid_request', 'Send client_id.');
  const code = required(form, 'code');
  const sent = { code, client, redirectUri: required(form, 'redirect_uri'), verifier: required(form, 'code_verifier') };
  const tokens = await codes.exchange(database, sent, origin);
  if (tokens) return tokens;
  throw new OAuthError('invalid_grant', 'This code is not valid, or not with what was sent beside it.');
}

/** @throws OAuthError invalid_request when it is missing. */
function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw new OAuthError('invalid_request', `Send ${name}.`);
  return value;
}
