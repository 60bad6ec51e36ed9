import { hash } from 'node:crypto';

/** SHA-256 of a text, base64url without padding: what is kept of a secret, and how DPoP proofs name things (RFC 9449 §4.2). */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}
