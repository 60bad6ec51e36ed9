import type { Proof } from '../../graphql/authentication';
import type { CriticalGuard } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import type { PreparedOperation } from '../../graphql/pipeline/pipeline';
import { canonicalJson } from '../../kernel/canonical-json';
import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import { refuse, Unauthenticated, UserErrors } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import type { Database, Executor, Transaction } from '../../platform/postgres/database';
import type { AuditTrail } from '../audit';
import { ProofRefused } from './proof';
import { type ProofService, refusalOf } from './proof.service';
import { type PublicKey, readPublicKey, UnusableKey } from './public-key';
import type { SessionRow } from './session.entity';
import * as sessions from './session.repository';

const HOW =
  'Send it by POST with a DPoP proof in the header DPoP, whose gqd and gqv are of this document and its variables.';
const KEYLESS =
  'Nobody has vouched for this key yet. Ask for the password, and send confirmIdentity with a proof by the same key.';
const NOT_RECENT = 'Ask for the password, and send confirmIdentity with a proof by the same key first.';

/**
 * Lets critical operations through: those of somebody who has shown who they are a short while ago, signed word for
 * word by a key that they vouched for in doing so. An access token alone, with whatever key, does nothing here: a key
 * counts only once it was proven in a request that also held the password, or what else signs in.
 */
export class CriticalOperations {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly proofs: ProofService,
    private readonly audit: AuditTrail,
    private readonly stepUpSeconds: number,
  ) {}

  /** @throws UserErrors SIGNATURE_REQUIRED, STEP_UP_REQUIRED; Unauthenticated when the session has ended, or is unknown. */
  readonly guard: CriticalGuard = async (context, viewer, endedSession) => {
    const session = await (endedSession ? this.anySessionOf(viewer) : this.sessionOf(viewer));
    try {
      const proof = await this.signatureOf(context);
      this.assertConfirmed(session, proof);
    } catch (error) {
      if (!(error instanceof UserErrors)) throw error;
      await this.tell(context, viewer, error);
      throw error;
    }
  };

  /**
   * Lets through who has shown who they are a short while ago, with a key or without.
   * @throws UserErrors STEP_UP_REQUIRED; Unauthenticated when the session has ended.
   */
  async assertRecent(tx: Transaction, viewer: Viewer): Promise<void> {
    this.assertFresh(await this.sessionOf(viewer, tx), 'Send confirmIdentity or finishPasskeyConfirmation first.');
  }

  /**
   * The key that may become that of the viewer's device: proven in this request, and vouched for a short while ago.
   * @throws UserErrors INVALID, SIGNATURE_REQUIRED, STEP_UP_REQUIRED; Unauthenticated when the session has ended.
   */
  async readOwnKey(context: RequestContext, viewer: Viewer, jwk: string): Promise<PublicKey> {
    const key = await readKeyText(jwk);
    const session = await this.sessionOf(viewer);
    const proof = await this.proofOf(
      context,
      'Prove that this key is yours: send a DPoP proof by it in the header DPoP.',
    );
    if (proof.thumbprint !== key.thumbprint) {
      refuse('SIGNATURE_REQUIRED', 'The DPoP proof of this request is by another key than the one to register.');
    }
    this.assertConfirmed(session, proof);
    return key;
  }

  private async sessionOf(viewer: Viewer, executor: Executor = this.database): Promise<SessionRow> {
    const session = await sessions.findLiveSession(executor, viewer);
    if (!session) throw new Unauthenticated('This session has ended. Sign in again.');
    return session;
  }

  private async anySessionOf({ sessionId, userId }: Viewer): Promise<SessionRow> {
    const session = await sessions.findById(this.database, sessionId);
    if (session?.userId !== userId) throw new Unauthenticated('This session has ended. Sign in again.');
    return session;
  }

  private assertConfirmed(session: SessionRow, { thumbprint }: Proof): void {
    if (session.confirmedKey !== thumbprint) refuse('STEP_UP_REQUIRED', KEYLESS);
    this.assertFresh(session, NOT_RECENT);
  }

  private assertFresh({ authenticatedAt, createdAt }: SessionRow, message: string): void {
    const age = this.clock.ms() - Date.parse(authenticatedAt ?? createdAt);
    if (age > this.stepUpSeconds * 1_000) refuse('STEP_UP_REQUIRED', message);
  }

  private async signatureOf(context: RequestContext): Promise<Proof> {
    const proof = await this.proofOf(context, `This operation has to be signed. ${HOW}`);
    const { prepared } = context;
    if (!prepared) throw new Error('a critical operation runs without its document');
    const wrong = uncovered(proof, prepared);
    if (wrong) refuse('SIGNATURE_REQUIRED', `The DPoP proof of this request does not cover ${wrong}.`);
    return proof;
  }

  private async proofOf(context: RequestContext, missing: string): Promise<Proof> {
    try {
      return (await this.proofs.ofOperation(context)) ?? refuse('SIGNATURE_REQUIRED', missing);
    } catch (error) {
      if (error instanceof ProofRefused) return refuse('SIGNATURE_REQUIRED', refusalOf(error));
      throw error;
    }
  }

  private async tell({ caller }: RequestContext, viewer: Viewer, { errors }: UserErrors): Promise<void> {
    const why = errors[0]?.code ?? '';
    if (caller.credentials.proof === undefined || why !== 'SIGNATURE_REQUIRED') return;
    const { address } = caller;
    const event = { kind: 'proof.refused', ...viewer, address, details: { why: 'critical operation' } } as const;
    await this.database.transaction(async (tx) => this.audit.append(tx, event));
  }
}

/** @throws UserErrors INVALID */
async function readKeyText(text: string): Promise<PublicKey> {
  try {
    return await readPublicKey(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof UnusableKey || error instanceof SyntaxError)) throw error;
    const message = error instanceof UnusableKey ? error.message : 'Send the key as a JWK (RFC 7517), in JSON.';
    return refuse('INVALID', message, ['input', 'signingKeyJwk']);
  }
}

/** What of an operation a proof does not speak of; null when it covers all of it. */
function uncovered({ covers }: Proof, { hash, variables, document, operation }: PreparedOperation): string | null {
  if (covers.document !== Buffer.from(hash, 'hex').toString('base64url')) {
    return 'the document: gqd has to be the base64url SHA-256 of its text';
  }
  if (covers.variables !== hashOf(variables)) {
    return 'the variables: gqv has to be the base64url SHA-256 of their canonical JSON (RFC 8785), of {} when there are none';
  }
  const several = document.definitions.filter(({ kind }) => kind === operation.kind).length > 1;
  if (several && covers.operationName !== operation.name?.value) {
    return 'which of the operations of the document is meant: gqo has to be its name';
  }
  return null;
}

/** Empty, which no proof covers, for what nests deeper than the stack. */
function hashOf(variables: object): string {
  try {
    return sha256(canonicalJson(variables));
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}
