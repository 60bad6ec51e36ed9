import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** What a test may bend in what an authenticator answers. */
export interface Bends {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  /** Flags of the authenticator data (WebAuthn §6.1) to clear. */
  readonly without?: readonly (keyof typeof FLAGS)[];
  readonly counter?: number;
  /** Signs in place of the passkey's own key. */
  readonly key?: KeyObject;
  readonly userHandle?: string | null;
  readonly credentialId?: string;
  /** Changes the answer after it was made. */
  readonly after?: (response: Record<string, string>) => Record<string, unknown>;
  /** In place of an attestation without statement. */
  readonly attestation?: (
    authData: Buffer,
    clientDataHash: Buffer,
    key: KeyObject,
  ) => { fmt: string; attStmt: Map<string, unknown> };
}

const FLAGS = { present: 0x01, verified: 0x04, canBeSynced: 0x08, synced: 0x10, attested: 0x40 } as const;
const ORIGIN = 'https://localhost';

interface Credential {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: KeyObject;
}

/** A phone's authenticator in software: ES256, synced passkeys whose counters stay 0 unless told otherwise. */
export class Authenticator {
  readonly credentials: Credential[] = [];

  constructor(private readonly origin = ORIGIN) {}

  /** Answers PublicKeyCredentialCreationOptionsJSON, as the platform does: JSON to JSON. */
  create(options: string, bends: Bends = {}): string {
    const { challenge, rp, user, excludeCredentials } = JSON.parse(options);
    if (excludeCredentials.some(({ id }: Credential) => this.credentials.some((each) => each.id === id))) {
      throw new Error('InvalidStateError: this authenticator has a passkey of the account');
    }
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const credential = { id: randomBytes(16).toString('base64url'), rpId: rp.id, userHandle: user.id, key: privateKey };
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const cose = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]);
    const id = Buffer.from(bends.credentialId ?? credential.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, Buffer.from(isoCBOR.encode(cose))]);
    const authData = Buffer.concat([dataOf(rp.id, FLAGS.attested, bends), attested]);
    const clientDataJSON = this.clientData('webauthn.create', challenge, bends);
    const statement = bends.attestation?.(authData, sha256(clientDataJSON), privateKey);
    const { fmt, attStmt } = statement ?? { fmt: 'none', attStmt: new Map() };
    const object = new Map<string, unknown>([
      ['fmt', fmt],
      ['attStmt', attStmt],
      ['authData', Uint8Array.from(authData)],
    ]);
    this.credentials.push(credential);
    const response = {
      clientDataJSON: clientDataJSON.toString('base64url'),
      attestationObject: Buffer.from(isoCBOR.encode(object as never)).toString('base64url'),
    };
    return answer(id.toString('base64url'), {
      ...(bends.after?.(response) ?? response),
      transports: ['internal', 'hybrid'],
    });
  }

  /** Answers PublicKeyCredentialRequestOptionsJSON with the newest passkey, or the one given. */
  get(options: string, bends: Bends = {}, credential = this.credentials.at(-1)): string {
    const { challenge, rpId } = JSON.parse(options);
    if (!credential) throw new Error('NotAllowedError: there is no passkey');
    const authData = dataOf(rpId, 0, bends);
    const clientDataJSON = this.clientData('webauthn.get', challenge, bends);
    const signed = Buffer.concat([authData, sha256(clientDataJSON)]);
    const userHandle = bends.userHandle === undefined ? credential.userHandle : bends.userHandle;
    const response = {
      clientDataJSON: clientDataJSON.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, bends.key ?? credential.key).toString('base64url'),
      ...(userHandle !== null && { userHandle }),
    };
    return answer(bends.credentialId ?? credential.id, bends.after?.(response) ?? response);
  }

  private clientData(type: string, challenge: string, bends: Bends): Buffer {
    const { crossOrigin = false } = bends;
    const said = { type, challenge, origin: this.origin, crossOrigin };
    const { origin = said.origin, type: bentType = type, challenge: bentChallenge = challenge } = bends;
    return Buffer.from(JSON.stringify({ ...said, type: bentType, challenge: bentChallenge, origin }));
  }
}

/** A statement by the passkey's own key (WebAuthn §8.2, self attestation). */
export function selfAttestation(authData: Buffer, clientDataHash: Buffer, key: KeyObject) {
  const sig = Uint8Array.from(sign('sha256', Buffer.concat([authData, clientDataHash]), key));
  return {
    fmt: 'packed',
    attStmt: new Map<string, unknown>([
      ['alg', -7],
      ['sig', sig],
    ]),
  };
}

export function otherKey(): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function dataOf(rpId: string, more: number, bends: Bends): Buffer {
  const all = FLAGS.present | FLAGS.verified | FLAGS.canBeSynced | FLAGS.synced | more;
  const flags = (bends.without ?? []).reduce((rest, name) => rest & ~FLAGS[name], all);
  const tail = Buffer.alloc(5);
  tail.writeUInt8(flags);
  tail.writeUInt32BE(bends.counter ?? 0, 1);
  return Buffer.concat([sha256(bends.rpId ?? rpId), tail]);
}

function answer(id: string, response: Record<string, unknown>): string {
  const rest = { type: 'public-key', clientExtensionResults: {}, authenticatorAttachment: 'platform' };
  return JSON.stringify({ id, rawId: id, response, ...rest });
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
