import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  type VerifiedRegistrationResponse,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, decodeClientDataJSON } from '@simplewebauthn/server/helpers';
import { CHALLENGE_MS } from './challenges';
import type { PasskeyRow } from './passkey.entity';

/** COSE algorithms (RFC 9053): ES256, the only one that every phone has, EdDSA and RS256. */
const ALGORITHMS = [-7, -8, -257];

export interface RelyingPartyOptions {
  /** The domain that passkeys belong to. */
  readonly id: string;
  /** What authenticators show beside the account. */
  readonly name: string;
  /** Web origins, and `android:apk-key-hash:…` of Android apps, that may use them. */
  readonly origins: readonly string[];
}

/** Whom a passkey is made for, as authenticators show it. */
export interface PasskeyUser {
  /** Base64url. */
  readonly handle: string;
  readonly name: string;
  readonly displayName: string;
}

/** That a response is not what it should be; the message is for the log. */
export class NotVerified extends Error {}

type Registration = NonNullable<VerifiedRegistrationResponse['registrationInfo']>;

/** This service as authenticators know it: asks them by options, and checks what they answer (WebAuthn §7). */
export class RelyingParty {
  constructor(private readonly options: RelyingPartyOptions) {}

  creationOptions(user: PasskeyUser, existing: readonly PasskeyRow[]) {
    return generateRegistrationOptions({
      rpID: this.options.id,
      rpName: this.options.name,
      userID: Uint8Array.from(Buffer.from(user.handle, 'base64url')),
      userName: user.name,
      userDisplayName: user.displayName,
      excludeCredentials: existing.map(describe),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestationType: 'none',
      supportedAlgorithmIDs: ALGORITHMS,
      timeout: CHALLENGE_MS,
    });
  }

  requestOptions(allowed: readonly PasskeyRow[]) {
    return generateAuthenticationOptions({
      rpID: this.options.id,
      allowCredentials: allowed.map(describe),
      userVerification: 'required',
      timeout: CHALLENGE_MS,
    });
  }

  /** @throws NotVerified */
  async verifyRegistration(response: RegistrationResponseJSON, challenge: string): Promise<Registration> {
    return verified(async () => {
      refuseFrames(response.response);
      // Statements with certificates are not asked for, and checking them would fetch what their makers say.
      const { attestationObject } = response.response;
      const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')));
      const format = decoded.get('fmt');
      if (format !== 'none' && (format !== 'packed' || decoded.get('attStmt').get('x5c') !== undefined)) {
        throw new NotVerified(`attestation of format ${format}`);
      }
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response,
        ...this.expected(challenge),
        supportedAlgorithmIDs: ALGORITHMS,
      });
      if (!verified || !registrationInfo) throw new NotVerified('attestation signature');
      return registrationInfo;
    });
  }

  /** Whoever calls it compares the counter, under a lock. @throws NotVerified */
  async verifyAssertion(response: AuthenticationResponseJSON, challenge: string, passkey: PasskeyRow) {
    return verified(async () => {
      refuseFrames(response.response);
      const publicKey = Uint8Array.from(Buffer.from(passkey.publicKey, 'base64url'));
      const credential = { id: passkey.credentialId, publicKey, counter: 0 };
      const expected = this.expected(challenge);
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        ...expected,
        credential,
      });
      if (!verified) throw new NotVerified('signature');
      return authenticationInfo;
    });
  }

  private expected(challenge: string) {
    return {
      expectedChallenge: challenge,
      expectedOrigin: [...this.options.origins],
      expectedRPID: this.options.id,
      requireUserVerification: true,
    };
  }
}

function describe({ credentialId, transports }: PasskeyRow) {
  return { id: credentialId, transports: JSON.parse(transports) as AuthenticatorTransport[] };
}

/** A page of ours in the frame of another site: whoever owns that site decides what the person sees of it. */
function refuseFrames({ clientDataJSON }: { clientDataJSON: string }): void {
  const { crossOrigin = false } = decodeClientDataJSON(clientDataJSON);
  if (crossOrigin !== false) throw new NotVerified('asked from a frame of another origin');
}

/** The library throws plain errors for whatever a response lacks. */
async function verified<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof NotVerified ? error : new NotVerified((error as Error).message);
  }
}
