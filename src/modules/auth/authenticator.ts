import type { Authentication, Proof, SentCredentials } from '../../graphql/authentication';
import { type Challenge, Unauthenticated } from '../../kernel/errors';
import type { Log } from '../../platform/telemetry/log';
import type { AccessTokens } from './access-token';
import { type CheckedProof, ProofRefused } from './proof';
import { type ProofService, refusalOf } from './proof.service';
import type { TokenVerifiers } from './token-verifiers';

const CREDENTIALS = /^(Bearer|DPoP) +([\w.~+/=-]+)$/i;
const FORM =
  'Send the header as "Authorization: Bearer <access token>", or DPoP in place of Bearer for a token that is bound to a key.';
const BOUND =
  'This token is bound to a key. Send it as "Authorization: DPoP <access token>", with a proof in the header DPoP.';
const UNBOUND = 'This token is bound to no key. Send it as "Authorization: Bearer <access token>".';
const UNPROVEN = 'A token that is bound to a key needs a proof by that key in the header DPoP.';
const OTHER_KEY = 'The DPoP proof of this request is by another key than its token is bound to.';

/** Finds out whose request it is: by a bearer token (RFC 6750), or one bound to a key together with a proof (RFC 9449 §7). */
export class Authenticator {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly verifiers: TokenVerifiers,
    private readonly proofs: ProofService,
    private readonly log: Log,
  ) {}

  /** Null without a token. @throws Unauthenticated */
  async authenticate(sent: SentCredentials): Promise<Authentication | null> {
    const { authorization } = sent;
    if (authorization === undefined) return null;
    const [, name, token] = CREDENTIALS.exec(authorization) ?? [];
    if (!name || !token) throw new Unauthenticated(FORM);
    const scheme = name.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
    const verified = this.accessTokens.recall(token) ?? (await this.verify(token, scheme, sent.address));
    const { viewer, expiresAt, keyThumbprint, deviceId } = verified;
    if (scheme === 'Bearer') {
      if (keyThumbprint !== null) throw refused(BOUND, scheme);
      return { viewer, expiresAt, deviceId };
    }
    if (keyThumbprint === null) throw refused(UNBOUND, scheme);
    const proof = await this.proofOf(sent);
    const use = () => this.spend(proof);
    if (proof.thumbprint === keyThumbprint) return { viewer, expiresAt, deviceId, pending: { use } };
    this.log.info({ sessionId: viewer.sessionId }, 'proof by another key refused');
    throw refused(OTHER_KEY, scheme, 'invalid_dpop_proof');
  }

  private async verify(token: string, scheme: Challenge['scheme'], address: string) {
    try {
      // Those of others are bound to no key of ours.
      const foreign = this.verifiers.of(token);
      if (foreign) return { ...(await foreign.verify(token, address)), keyThumbprint: null, deviceId: null };
      return await this.accessTokens.verify(token);
    } catch (error) {
      throw error instanceof Unauthenticated ? refused(error.message, scheme) : error;
    }
  }

  private async spend(proof: CheckedProof): Promise<Proof> {
    try {
      await this.proofs.spend(proof);
      return proof;
    } catch (error) {
      throw error instanceof ProofRefused ? refused(refusalOf(error), 'DPoP', 'invalid_dpop_proof') : error;
    }
  }

  private async proofOf(sent: SentCredentials): Promise<CheckedProof> {
    try {
      const proof = await this.proofs.check(sent);
      if (proof) return proof;
    } catch (error) {
      throw error instanceof ProofRefused ? refused(refusalOf(error), 'DPoP', 'invalid_dpop_proof') : error;
    }
    throw refused(UNPROVEN, 'DPoP', 'invalid_dpop_proof');
  }
}

function refused(message: string, scheme: Challenge['scheme'], error: Challenge['error'] = 'invalid_token') {
  return new Unauthenticated(message, { scheme, error });
}
