import { createPublicKey, type webcrypto } from 'node:crypto';
import { calculateJwkThumbprint, errors, exportJWK, importPKCS8, type JWK } from 'jose';

export const ALGORITHM = 'ES256';

/**
 * The keys of access tokens: one signs, and tokens of all of them are accepted, so that a key can be replaced while its
 * tokens are about. Each is called by its JWK thumbprint (RFC 7638), which every process finds by itself.
 */
export class KeyRing {
  private constructor(
    readonly signingKey: webcrypto.CryptoKey,
    readonly signingKeyId: string,
    private readonly publicKeys: ReadonlyMap<string, JWK>,
  ) {}

  /** @param verificationPems Further keys whose tokens are accepted: the public or the private half, as PEM. */
  static async create(signingKeyPem: string, verificationPems: readonly string[] = []): Promise<KeyRing> {
    const publicKeys = new Map<string, JWK>();
    for (const pem of [signingKeyPem, ...verificationPems]) {
      const { kty, crv, x, y } = await exportJWK(createPublicKey(pem));
      const kid = await calculateJwkThumbprint({ kty, crv, x, y } as JWK);
      publicKeys.set(kid, { kty, crv, x, y, kid, use: 'sig', alg: ALGORITHM } as JWK);
    }
    const [signingKeyId = ''] = publicKeys.keys();
    return new KeyRing(await importPKCS8(signingKeyPem, ALGORITHM), signingKeyId, publicKeys);
  }

  /** @throws JWKSNoMatchingKey, a JOSEError, for a key that is not of the ring. */
  publicKey(keyId: string | undefined): JWK {
    const key = keyId === undefined ? undefined : this.publicKeys.get(keyId);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  }

  /** The JWK Set (RFC 7517 §5) by which others check the tokens. */
  get jwks(): { readonly keys: readonly JWK[] } {
    return { keys: [...this.publicKeys.values()] };
  }
}
