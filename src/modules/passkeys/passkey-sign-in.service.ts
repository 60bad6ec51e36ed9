import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import type { SessionService, SignInOrigin, Tokens } from '../auth';
import { findUserIdByLogin } from '../auth';
import type { ChallengeRow } from './challenge.entity';
import type { Challenges } from './challenges';
import type { PasskeyRow } from './passkey.entity';
import * as passkeys from './passkey.repository';
import { type PasskeyService, refuseRegistration } from './passkey.service';
import { NotVerified, type RelyingParty } from './relying-party';
import type { Answered } from './response';

const LOGIN_MAX = 254;

export interface PasskeySignUp {
  readonly name: string;
  readonly handle: string;
}

/** Why an assertion is refused; it stands in the audit trail. */
type Refused = {
  readonly why: 'challenge' | 'passkey' | 'account' | 'response' | 'counter';
  readonly userId: string | null;
};

export interface PasskeySignInDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly relyingParty: RelyingParty;
  readonly challenges: Challenges;
  readonly passkeys: PasskeyService;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly audit: AuditTrail;
  readonly log: Log;
}

/** Signing up and in by passkey. */
export class PasskeySignInService {
  constructor(private readonly deps: PasskeySignInDeps) {}

  /** What to hand to the platform, as JSON. @throws UserErrors INVALID, CONFLICT (handle taken). */
  async beginSignUp(db: Database, input: PasskeySignUp): Promise<string> {
    const check = new InputCheck();
    const { name, handle } = this.deps.users.checkNames(check, { name: input.name, handle: input.handle });
    check.done();
    await this.deps.users.assertHandleFree(db, handle);
    const account = { name, handle, passkeyHandle: this.deps.passkeys.freshHandle() };
    const person = { handle: account.passkeyHandle, name: handle, displayName: name };
    const options = await this.deps.relyingParty.creationOptions(person, []);
    await this.deps.challenges.keep(db, options.challenge, { purpose: 'sign-up', details: account });
    return JSON.stringify(options);
  }

  /** Makes the account and its first session. @throws UserErrors INVALID, CONFLICT. */
  async finishSignUp(
    db: Database,
    { response, challenge }: Answered<RegistrationResponseJSON>,
    origin: SignInOrigin,
  ): Promise<Tokens> {
    const { address } = origin;
    const asked = await this.deps.challenges.take(db, challenge, 'sign-up');
    const made = asked && (await this.deps.passkeys.verify(response, challenge, null));
    if (!made) {
      await this.tell(db, { why: asked ? 'response' : 'challenge', userId: null }, address);
      return refuseRegistration();
    }
    const { passkeyHandle, ...account } = JSON.parse(asked.details) as PasskeySignUp & { passkeyHandle: string };
    return db.transaction(async (tx) => {
      const userId = this.deps.newId();
      await this.deps.users.create(tx, { id: userId, ...account });
      await passkeys.insertHandle(tx, userId, passkeyHandle);
      this.deps.audit.append(tx, { kind: 'account.created', userId, address });
      await this.deps.passkeys.keep(tx, { userId, sessionId: null }, made, address);
      return this.deps.sessions.open(tx, userId, 'passkey', origin);
    });
  }

  /**
   * What to hand to the platform, as JSON. It names no passkeys, so that it says nothing of an account: the platform
   * finds them. With a login only the passkeys of that account are good for the answer, and none for an unknown one.
   */
  async beginSignIn(db: Database, login: string | null): Promise<string> {
    const options = await this.deps.relyingParty.requestOptions([]);
    const userId =
      login === null ? null : ((await findUserIdByLogin(db, login.slice(0, LOGIN_MAX))) ?? this.deps.newId());
    await this.deps.challenges.keep(db, options.challenge, { purpose: 'sign-in', userId });
    return JSON.stringify(options);
  }

  /** @throws UserErrors INVALID_CREDENTIALS, the same whatever is wrong. */
  async finishSignIn(
    db: Database,
    answered: Answered<AuthenticationResponseJSON>,
    origin: SignInOrigin,
  ): Promise<Tokens> {
    const asked = await this.deps.challenges.take(db, answered.challenge, 'sign-in');
    const asserted = await this.check(db, asked, answered);
    if ('why' in asserted) return this.refuse(db, asserted, origin.address);
    const tokens = await db.transaction(async (tx) =>
      (await this.use(tx, asserted)) ? this.deps.sessions.open(tx, asserted.userId, 'passkey', origin) : null,
    );
    return tokens ?? this.refuse(db, { why: 'counter', userId: asserted.userId }, origin.address);
  }

  /** What to hand to the platform, as JSON, for a passkey of the viewer's. @throws UserErrors FORBIDDEN without any. */
  async beginConfirmation(tx: Transaction, viewer: Viewer): Promise<{ options: string }> {
    const own = await passkeys.findByUserIds(tx, [viewer.userId]);
    if (own.length === 0) refuse('FORBIDDEN', 'You have no passkey. Use confirmIdentity.');
    const options = await this.deps.relyingParty.requestOptions(own);
    await this.deps.challenges.keep(tx, options.challenge, { purpose: 'confirmation', ...viewer });
    return { options: JSON.stringify(options) };
  }

  /**
   * Notes that the viewer has shown who they are once more.
   * @returns until when that counts as recent (RFC 3339).
   * @throws UserErrors INVALID_CREDENTIALS, the same whatever is wrong.
   */
  async finishConfirmation(
    db: Database,
    viewer: Viewer,
    answered: Answered<AuthenticationResponseJSON>,
    origin: SignInOrigin,
  ): Promise<string> {
    const asked = await this.deps.challenges.take(db, answered.challenge, 'confirmation');
    const own = asked?.userId === viewer.userId && asked.sessionId === viewer.sessionId;
    const asserted = await this.check(db, own ? asked : null, answered);
    const confirmed =
      'why' in asserted
        ? null
        : await db.transaction(async (tx) =>
            (await this.use(tx, asserted)) ? this.deps.sessions.confirm(tx, viewer, origin) : null,
          );
    if (confirmed) return confirmed;
    const { address } = origin;
    const details = { method: 'passkey', why: 'why' in asserted ? asserted.why : 'counter' };
    await db.transaction(async (tx) =>
      this.deps.audit.append(tx, { kind: 'proof.refused', ...viewer, address, details }),
    );
    return refuseAssertion();
  }

  /** The passkey as the assertion leaves it, or why it is refused. */
  private async check(
    db: Database,
    asked: ChallengeRow | null,
    { response, challenge }: Answered<AuthenticationResponseJSON>,
  ): Promise<PasskeyRow | Refused> {
    const passkey = await passkeys.findByCredentialId(db, response.id);
    const userId = passkey?.userId ?? null;
    if (!asked) return { why: 'challenge', userId };
    if (!passkey) return { why: 'passkey', userId };
    // WebAuthn §7.2 step 6: without a list of passkeys, the answer must say whose it is.
    const { userHandle } = response.response;
    const isOwn = userHandle ? sameBytes(userHandle, passkey.handle) : asked.purpose === 'confirmation';
    if (!isOwn || (asked.userId !== null && asked.userId !== userId)) return { why: 'account', userId };
    try {
      const { newCounter, credentialBackedUp } = await this.deps.relyingParty.verifyAssertion(
        response,
        challenge,
        passkey,
      );
      return { ...passkey, counter: newCounter, backedUp: credentialBackedUp, lastUsedAt: this.deps.clock.now() };
    } catch (error) {
      if (!(error instanceof NotVerified)) throw error;
      this.deps.log.info({ why: error.message.slice(0, 300) }, 'passkey refused');
      return { why: 'response', userId };
    }
  }

  /** False when the passkey is gone, or its counter has not gone on: then somebody has a copy of it. */
  private async use(tx: Transaction, asserted: PasskeyRow): Promise<boolean> {
    const stored = await passkeys.lock(tx, asserted.id, asserted.userId);
    const counts = stored && (stored.counter > 0 || asserted.counter > 0);
    if (!stored || (counts && asserted.counter <= stored.counter)) return false;
    await passkeys.markUsed(tx, asserted);
    return true;
  }

  private async refuse(db: Database, refused: Refused, address: string): Promise<never> {
    await this.tell(db, refused, address);
    return refuseAssertion();
  }

  private tell(db: Database, { why, userId }: Refused, address: string): Promise<void> {
    const details = { method: 'passkey', why };
    return db.transaction(async (tx) =>
      this.deps.audit.append(tx, { kind: 'sign-in.refused', userId, address, details }),
    );
  }
}

function sameBytes(one: string, other: string): boolean {
  return Buffer.from(one, 'base64url').equals(Buffer.from(other, 'base64url'));
}

function refuseAssertion(): never {
  refuse('INVALID_CREDENTIALS', 'This passkey does not open an account here. Begin again.', ['input']);
}
