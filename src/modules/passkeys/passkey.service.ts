import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Transaction } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import type { AuditTrail } from '../audit';
import type { CriticalOperations, SignInWays } from '../auth';
import { makeOf } from './authenticator-makes';
import type { Challenges } from './challenges';
import type { PasskeyRow } from './passkey.entity';
import * as passkeys from './passkey.repository';
import { NotVerified, type RelyingParty } from './relying-party';
import type { Answered } from './response';

export const PASSKEY_PREFIX = 'passkey';
/** Of one account. */
const PASSKEYS_MAX = 10;
const NAME_RULE: TextRule = { min: 1, max: 60 };
const HANDLE_BYTES = 32;

/** Source of random bytes. */
export type RandomBytes = (size: number) => Buffer;

/** A passkey that a response has proven, ready to be kept. */
export type NewPasskey = Omit<PasskeyRow, 'id' | 'userId'>;

export interface PasskeyServiceDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly randomBytes: RandomBytes;
  readonly relyingParty: RelyingParty;
  readonly challenges: Challenges;
  readonly ways: SignInWays;
  readonly audit: AuditTrail;
  readonly critical: CriticalOperations;
  readonly log: Log;
}

/** The passkeys of an account. */
export class PasskeyService {
  constructor(private readonly deps: PasskeyServiceDeps) {
    deps.ways.add(async (tx, userId) => (await passkeys.findByUserIds(tx, [userId])).length > 0);
  }

  freshHandle(): string {
    return this.deps.randomBytes(HANDLE_BYTES).toString('base64url');
  }

  /** What to hand to the platform, as JSON. @throws UserErrors STEP_UP_REQUIRED; FORBIDDEN for too many passkeys. */
  async beginRegistration(tx: Transaction, viewer: Viewer): Promise<{ options: string }> {
    await this.deps.critical.assertRecent(tx, viewer);
    const existing = await passkeys.findByUserIds(tx, [viewer.userId]);
    assertRoom(existing);
    const person = await passkeys.findPerson(tx, viewer.userId);
    if (!person) return refuse('NOT_FOUND', 'This account no longer exists.');
    const handle = await passkeys.claimHandle(tx, viewer.userId, this.freshHandle());
    const shown = { handle, name: person.handle, displayName: person.name };
    const options = await this.deps.relyingParty.creationOptions(shown, existing);
    await this.deps.challenges.keep(tx, options.challenge, { purpose: 'registration', ...viewer });
    return { options: JSON.stringify(options) };
  }

  /**
   * Adds the passkey that the platform made. A response that does not hold uses the challenge up and is told in the
   * audit trail, so it is answered and not thrown.
   * @returns the id of the passkey, or null for such a response.
   */
  async finishRegistration(
    tx: Transaction,
    viewer: Viewer,
    { response, challenge }: Answered<RegistrationResponseJSON>,
    name: string | null,
    address: string,
  ): Promise<{ passkeyId: string | null }> {
    const checkedName = name === null ? null : checkName(name);
    const asked = await this.deps.challenges.take(tx, challenge, 'registration');
    const own = asked?.userId === viewer.userId && asked.sessionId === viewer.sessionId;
    const made = own ? await this.verify(response, challenge, checkedName) : null;
    if (!made) {
      const details = { method: 'passkey', why: own ? 'response' : 'challenge' };
      this.deps.audit.append(tx, { kind: 'proof.refused', ...viewer, address, details });
      return { passkeyId: null };
    }
    await this.deps.ways.lock(tx, viewer.userId);
    assertRoom(await passkeys.findByUserIds(tx, [viewer.userId]));
    return { passkeyId: await this.keep(tx, viewer, made, address) };
  }

  async rename(tx: Transaction, viewer: Viewer, id: string, name: string): Promise<{ passkeyId: string }> {
    const checked = checkName(name);
    const passkey = await this.lockOwn(tx, viewer, id);
    await passkeys.rename(tx, passkey.id, checked);
    return { passkeyId: id };
  }

  /** @throws UserErrors STEP_UP_REQUIRED, NOT_FOUND; FORBIDDEN when it is the last way into the account. */
  async remove(tx: Transaction, viewer: Viewer, id: string, address: string): Promise<{ removedId: string }> {
    await this.deps.critical.assertRecent(tx, viewer);
    const passkey = await this.lockOwn(tx, viewer, id);
    await passkeys.remove(tx, passkey.id);
    await this.deps.ways.assertOneLeft(tx, viewer.userId);
    const details = { what: 'passkey', passkeyId: id };
    this.deps.audit.append(tx, { kind: 'key.removed', ...viewer, address, details });
    return { removedId: id };
  }

  /** The passkey in a response that answers this challenge; null when it does not hold. */
  async verify(response: RegistrationResponseJSON, challenge: string, name: string | null): Promise<NewPasskey | null> {
    try {
      const { credential, aaguid, ...made } = await this.deps.relyingParty.verifyRegistration(response, challenge);
      return {
        credentialId: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        transports: JSON.stringify(credential.transports ?? []),
        aaguid,
        synced: made.credentialDeviceType === 'multiDevice',
        backedUp: made.credentialBackedUp,
        name: name ?? makeOf(aaguid),
        createdAt: this.deps.clock.now(),
        lastUsedAt: null,
      };
    } catch (error) {
      if (!(error instanceof NotVerified)) throw error;
      this.deps.log.info({ why: error.message.slice(0, 300) }, 'passkey not registered');
      return null;
    }
  }

  /** @throws UserErrors CONFLICT when the passkey is registered already. */
  async keep(
    tx: Transaction,
    { userId, sessionId }: { userId: string; sessionId: string | null },
    made: NewPasskey,
    address: string,
  ): Promise<string> {
    const id = this.deps.newId();
    if (!(await passkeys.insert(tx, { id, userId, ...made }))) {
      refuse('CONFLICT', 'This passkey is registered already.', ['input', 'response']);
    }
    const details = { what: 'passkey', passkeyId: id, synced: made.synced, aaguid: made.aaguid };
    this.deps.audit.append(tx, { kind: 'key.registered', userId, sessionId, address, details });
    return id;
  }

  private async lockOwn(tx: Transaction, viewer: Viewer, id: string): Promise<PasskeyRow> {
    const passkey = await passkeys.lock(tx, id, viewer.userId);
    return passkey ?? refuse('NOT_FOUND', 'You have no such passkey.', ['input', 'passkeyId']);
  }
}

/** @throws UserErrors INVALID */
export function checkName(name: string, path = ['input', 'name']): string {
  const check = new InputCheck();
  const checked = check.text(path, name, NAME_RULE);
  check.done();
  return checked;
}

function assertRoom(existing: readonly PasskeyRow[]): void {
  if (existing.length < PASSKEYS_MAX) return;
  refuse('FORBIDDEN', `An account has at most ${PASSKEYS_MAX} passkeys. Remove one first.`);
}

/** The one answer to a response that does not hold, whatever is wrong with it. */
export function refuseRegistration(): never {
  refuse('INVALID', 'This is not what was asked for, or it came too late. Begin again.', ['input', 'response']);
}
