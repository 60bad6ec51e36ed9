import type { FastifyError, FastifyInstance } from 'fastify';
import type { Proof } from '../../graphql/authentication';
import { credentialsOf } from '../../graphql/caller';
import { Refusal } from '../../graphql/pipeline/refusal';
import { replyRefusal } from '../../graphql/refusal-reply';
import type { Database } from '../../platform/postgres/database';
import { ProofRefused } from './proof';
import { type ProofService, refusalOf } from './proof.service';
import type { SessionService } from './session.service';

export const TOKEN_PATH = '/oauth/token';

/** Counts an attempt of an address. Throws a Refusal when it has tried too often, or the process is overloaded. */
export type AdmitAttempt = (address: string) => Promise<void>;

/** RFC 6749 §5.1: token answers are never stored by a cache. */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

const FORM_REMEDY = 'Send the parameters as application/x-www-form-urlencoded.';

/**
 * The token endpoint, for `grant_type=refresh_token` (RFC 6749 §6), form-encoded; errors as in §5.2, which knows none
 * for coming too often or at a bad time: those are refused as everywhere else.
 */
export function registerTokenEndpoint(
  app: FastifyInstance,
  database: Database,
  sessions: SessionService,
  proofs: ProofService,
  admitAttempt: AdmitAttempt,
): void {
  app.register(async (scope) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, new URLSearchParams(String(body)));
    });
    scope.addHook('onRequest', async (_request, reply) => void reply.headers(NO_STORE));
    // Bodies that cannot be read never reach the handler.
    scope.setErrorHandler((fault: FastifyError, _request, reply) => {
      const status = fault.statusCode ?? 500;
      if (status >= 500) throw fault;
      const description = status === 413 ? 'The request body is too large.' : FORM_REMEDY;
      void reply.code(status).send({ error: 'invalid_request', error_description: description });
    });
    scope.post(TOKEN_PATH, async (request, reply) => {
      try {
        await admitAttempt(request.ip);
      } catch (error) {
        if (error instanceof Refusal) return replyRefusal(request, reply, error);
        throw error;
      }
      const refused = (error: string, description: string) => {
        void reply.code(400);
        return { error, error_description: description };
      };
      const form = request.body;
      if (!(form instanceof URLSearchParams)) {
        return refused('invalid_request', FORM_REMEDY);
      }
      // RFC 6749 §3.2: a parameter must not be sent twice.
      if (['grant_type', 'refresh_token'].some((name) => form.getAll(name).length > 1)) {
        return refused('invalid_request', 'A parameter was sent twice.');
      }
      if (form.get('grant_type') !== 'refresh_token') {
        return refused('unsupported_grant_type', 'Use grant_type=refresh_token.');
      }
      const token = form.get('refresh_token');
      if (!token) return refused('invalid_request', 'Send refresh_token.');
      let proof: Proof | null;
      try {
        // Also while a client still sends the access token that has ended: it is not what is asked for here.
        proof = await proofs.use({ ...credentialsOf(request), authorization: undefined });
      } catch (error) {
        // RFC 9449 §5.
        if (error instanceof ProofRefused) return refused('invalid_dpop_proof', refusalOf(error));
        throw error;
      }
      const keyThumbprint = proof?.thumbprint ?? null;
      const tokens = await sessions.refresh(database, token, { address: request.ip, keyThumbprint });
      if (!tokens)
        return refused('invalid_grant', 'This refresh token is not valid any more, or for another key. Sign in again.');
      return {
        access_token: tokens.accessToken,
        token_type: tokens.tokenType,
        expires_in: tokens.expiresIn,
        refresh_token: tokens.refreshToken,
      };
    });
  });
}
