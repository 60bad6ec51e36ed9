import { credentialsOf } from '../../graphql/caller';
import { ProofRefused, type ProofService, refusalOf } from '../auth';
import { OAuthError } from './oauth-error';
import type { ProveKey } from './token.route';

/** Reads the DPoP proof of a request for tokens (RFC 9449 §5). @throws OAuthError invalid_dpop_proof */
export function proveKeyBy(proofs: ProofService): ProveKey {
  return async (request) => {
    try {
      // What the Authorization header holds here is the password of a client, and no token that a proof could name.
      const proof = await proofs.use({ ...credentialsOf(request), authorization: undefined });
      return proof?.thumbprint ?? null;
    } catch (error) {
      throw error instanceof ProofRefused ? new OAuthError('invalid_dpop_proof', refusalOf(error)) : error;
    }
  };
}
