import type { Unauthenticated } from '../kernel/errors';
import { type Refusal, refuseRequest } from './pipeline/refusal';

/** Algorithms of DPoP proofs that are taken (RFC 7518 §3.4, RFC 8037 §3.1), as metadata and challenges name them. */
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA'] as const;

const REALM = 'realm="portico"';
const ALGORITHMS = `algs="${PROOF_ALGORITHMS.join(' ')}"`;

/** A 401 whose header says by which schemes to come, and what was wrong with the one that was used. */
export function refuseUnauthenticated({ code, message, challenge }: Unauthenticated): Refusal {
  return refuseRequest(code, message, { status: 401, challenge: describe(message, challenge) });
}

/** RFC 6750 §3, RFC 9449 §7.1: no error for a request that did not try. */
function describe(message: string, challenge: Unauthenticated['challenge']): string {
  // RFC 6750 §3: neither quotes nor anything beyond ASCII.
  const description = message.replaceAll('"', "'").replace(/[^\x20-\x7e]/g, '?');
  const fault = challenge ? [`error="${challenge.error}"`, `error_description="${description}"`] : [];
  const bearer = challenge?.scheme === 'Bearer' ? fault : [];
  const dpop = challenge?.scheme === 'DPoP' ? fault : [];
  return [`Bearer ${REALM}`, ...bearer, `DPoP ${REALM}`, ...dpop, ALGORITHMS].join(', ');
}
