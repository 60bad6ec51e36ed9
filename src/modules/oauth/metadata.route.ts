import type { FastifyInstance } from 'fastify';
import { PROOF_ALGORITHMS } from '../../graphql/challenge';
import type { AccessTokens } from '../auth';
import { AUTHORIZE_PATH } from './authorize.route';
import { TOKEN_PATH } from './token.route';
import { INTROSPECT_PATH, REVOKE_PATH } from './token-state.route';

const METADATA_PATH = '/.well-known/oauth-authorization-server';
const JWKS_PATH = '/oauth/jwks.json';

/** How long others may keep the keys: a new one has to be about for longer than that before it signs. */
const CACHE_SECONDS = 300;
const CACHEABLE = { 'cache-control': `public, max-age=${CACHE_SECONDS}` };

/** Tells what this authorization server can do (RFC 8414), and the public keys of its tokens (RFC 7517 §5). */
export function registerMetadata(app: FastifyInstance, issuer: string, accessTokens: AccessTokens): void {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  const at = (endpoint: string) => `${origin}${path}${endpoint}`;
  const byNameOrSecret = ['none', 'client_secret_basic', 'client_secret_post'];
  const metadata = {
    issuer,
    authorization_endpoint: at(AUTHORIZE_PATH),
    token_endpoint: at(TOKEN_PATH),
    revocation_endpoint: at(REVOKE_PATH),
    introspection_endpoint: at(INTROSPECT_PATH),
    jwks_uri: at(JWKS_PATH),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: byNameOrSecret,
    revocation_endpoint_auth_methods_supported: byNameOrSecret,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
  };
  // RFC 8414 §3.1: the path of the issuer comes behind.
  for (const place of new Set([METADATA_PATH, `${METADATA_PATH}${path}`])) {
    app.get(place, async (_request, reply) => {
      void reply.headers(CACHEABLE);
      return metadata;
    });
  }
  app.get(JWKS_PATH, async (_request, reply) => {
    void reply.headers(CACHEABLE).type('application/jwk-set+json');
    return JSON.stringify(accessTokens.jwks);
  });
}
