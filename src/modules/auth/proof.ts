import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Proof } from '../../graphql/authentication';
import { sha256 } from '../../kernel/digest';
import { readPublicKey, UnusableKey } from './public-key';

/** RFC 9449 §4.2. */
const PROOF_TYPE = 'dpop+jwt';
const PROOF_MAX_LENGTH = 4_096;
const JTI_MAX_LENGTH = 256;

/** What a proof has to be for. */
export interface Expected {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  /** The access token that is sent along; null when there is none. */
  readonly token: string | null;
}

export interface CheckedProof extends Proof {
  /** The same for no other proof by any key, base64url. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
}

/** A proof that is not taken. The message is for whoever writes the app, and tells nothing that it does not know. */
export class ProofRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProofRefused';
  }
}

/**
 * Checks a DPoP proof by itself (RFC 9449 §4.3): all but whether it was used before.
 * @throws ProofRefused
 */
export async function checkProof(
  proof: string,
  expected: Expected,
  { now, maxAgeMs }: { readonly now: number; readonly maxAgeMs: number },
): Promise<CheckedProof> {
  const { payload, thumbprint } = await verify(proof);
  const { jti, iat, htm, htu, ath, gqd, gqv, gqo } = payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > JTI_MAX_LENGTH) {
    throw new ProofRefused(`its jti has to be a text of 1 to ${JTI_MAX_LENGTH} characters`);
  }
  if (typeof iat !== 'number' || Math.abs(now - iat * 1_000) > maxAgeMs) {
    const seconds = maxAgeMs / 1_000;
    throw new ProofRefused(`its iat is further than ${seconds} seconds from now; the Date header has the time here`);
  }
  if (htm !== expected.method) throw new ProofRefused('its htm is not the method of this request');
  const target = typeof htu === 'string' ? normalize(htu) : null;
  if (target === null || target !== normalize(expected.url)) {
    throw new ProofRefused(`its htu is not the address of this request, ${expected.url}`);
  }
  if (expected.token !== null && ath !== sha256(expected.token)) {
    throw new ProofRefused('its ath is not the SHA-256 of the access token sent with it');
  }
  return {
    thumbprint,
    covers: { document: textOf(gqd), variables: textOf(gqv), operationName: textOf(gqo) },
    id: sha256(`${thumbprint}.${jti}`),
    issuedAt: iat * 1_000,
  };
}

async function verify(proof: string): Promise<{ payload: JWTPayload; thumbprint: string }> {
  if (proof.length > PROOF_MAX_LENGTH) throw new ProofRefused(`it is longer than ${PROOF_MAX_LENGTH} characters`);
  try {
    const { alg, jwk } = decodeProtectedHeader(proof);
    const { algorithm, key, thumbprint } = await readPublicKey(jwk);
    if (alg !== algorithm) throw new ProofRefused('its alg has to be ES256 or EdDSA, as fits its key');
    // Not the library's look at the time: it is ours that counts.
    const { payload } = await jwtVerify(proof, key, { typ: PROOF_TYPE, algorithms: [algorithm] });
    return { payload, thumbprint };
  } catch (error) {
    if (error instanceof UnusableKey) throw new ProofRefused(`its jwk cannot be used. ${error.message}`);
    if (error instanceof errors.JWSSignatureVerificationFailed) throw new ProofRefused('its signature is wrong');
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'typ') {
      throw new ProofRefused(`its typ has to be ${PROOF_TYPE}`);
    }
    // A header that is none makes the library throw a plain TypeError.
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw new ProofRefused('it is no JWT that can be read');
    throw error;
  }
}

function textOf(claim: unknown): string | null {
  return typeof claim === 'string' ? claim : null;
}

const UNRESERVED = /[\w.~-]/;

/** RFC 3986 §6.2.2 and §6.2.3, without query and fragment, as RFC 9449 §4.3 compares. Null for what is no http(s) URL. */
function normalize(text: string): string | null {
  if (!URL.canParse(text)) return null;
  // Puts scheme and host in lower case, leaves usual ports out, and takes dots out of the path.
  const { protocol, host, pathname, username, password } = new URL(text);
  if (!/^https?:$/.test(protocol) || username || password) return null;
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return UNRESERVED.test(character) ? character : escaped.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
}
