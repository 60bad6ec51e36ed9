import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';

/** A public key of a phone that proofs can be checked with. */
export interface PublicKey {
  readonly algorithm: 'ES256' | 'EdDSA';
  readonly key: KeyObject;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  /** The key alone, without what else its JWK said. */
  readonly jwk: Readonly<Record<string, string>>;
}

/** What was sent is no key that can be used; the message says why, and nothing of the key. */
export class UnusableKey extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnusableKey';
  }
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2: the members that are nobody else's business. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** Base64url of 32 bytes, in the one way there is: the last character carries four bits. */
const COORDINATE = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const KINDS = 'Send a P-256 key ({"kty":"EC","crv":"P-256","x":…,"y":…}) or an Ed25519 key ({"kty":"OKP",…}).';

/**
 * Reads a JWK (RFC 7517) of an elliptic curve that phones can sign with: P-256 (RFC 7518 §6.2) or Ed25519 (RFC 8037 §2).
 * @throws UnusableKey for another kind, a private key, and a point that nobody or everybody can sign for.
 */
export async function readPublicKey(sent: unknown): Promise<PublicKey> {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) throw new UnusableKey(KINDS);
  const members = sent as Readonly<Record<string, unknown>>;
  if (PRIVATE_MEMBERS.some((name) => name in members)) {
    throw new UnusableKey(
      'This is a private key. It must never leave the device: make a new one, and send its public half.',
    );
  }
  const { kty, crv, x, y } = members;
  if (!isCoordinate(x)) throw new UnusableKey(KINDS);
  if (kty === 'EC' && crv === 'P-256' && isCoordinate(y)) return finish('ES256', { kty, crv, x, y });
  if (kty === 'OKP' && crv === 'Ed25519' && y === undefined) {
    if (!isEdwardsPoint(x)) throw new UnusableKey(NO_POINT);
    return finish('EdDSA', { kty, crv, x });
  }
  throw new UnusableKey(KINDS);
}

const NO_POINT = 'This is no point of its curve that a key can be.';

async function finish(algorithm: PublicKey['algorithm'], jwk: Record<string, string>): Promise<PublicKey> {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return { algorithm, key, thumbprint: await calculateJwkThumbprint(jwk), jwk };
  } catch {
    // OpenSSL looks whether a point is on P-256.
    throw new UnusableKey(NO_POINT);
  }
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && COORDINATE.test(value);
}

const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/**
 * RFC 8032 §5.1.3, and none of the eight points of small order: for those, everybody can make a signature. OpenSSL looks
 * at neither before it checks a signature.
 */
function isEdwardsPoint(x: string): boolean {
  const bytes = Buffer.from(x, 'base64url').reverse();
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  const y = BigInt(`0x${bytes.toString('hex')}`);
  if (y >= P) return false;
  const square = modulo(y * y);
  // x² = (y² - 1) / (d y² + 1); of a quotient, the product is a square just when the quotient is.
  const quotient = modulo((square - 1n) * (D * square + 1n));
  if (quotient === 0n || power(quotient, (P - 1n) / 2n) !== 1n) return false;
  // Of order four: y = 0. Of order eight: x² = -y² … which is d y⁴ + 2 y² - 1 = 0.
  return y !== 0n && modulo(D * square * square + 2n * square - 1n) !== 0n;
}

function modulo(value: bigint): bigint {
  return ((value % P) + P) % P;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [base, exponent]; e > 0n; [b, e] = [(b * b) % P, e >> 1n]) if (e & 1n) result = (result * b) % P;
  return result;
}
