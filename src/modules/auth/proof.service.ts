import type { Proof, SentCredentials } from '../../graphql/authentication';
import type { RequestContext } from '../../graphql/context';
import type { Clock } from '../../kernel/clock';
import { refuse } from '../../kernel/errors';
import type { Database } from '../../platform/postgres/database';
import { type CheckedProof, checkProof, ProofRefused } from './proof';
import * as used from './proof.repository';
import type { SignInOrigin } from './session.service';

export interface ProofOptions {
  /** Where apps reach this service; null to believe what requests say. */
  readonly publicUrl: string | null;
  /** How far from now the `iat` of a proof may be. */
  readonly maxAgeSeconds: number;
}

const TOKEN = /^(?:Bearer|DPoP) +([\w.~+/=-]+)$/i;
/** Processes whose clocks differ by less agree on what was used. */
const CLOCKS_APART_MS = 300_000;

/** DPoP proofs (RFC 9449): each counts once, for one request, whichever process it comes to. */
export class ProofService {
  private readonly ofOperations = new WeakMap<RequestContext, Promise<Proof | null>>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly options: ProofOptions,
  ) {}

  /** Checks the proof of a request and uses it up; null when there is none. @throws ProofRefused */
  async use(sent: SentCredentials): Promise<Proof | null> {
    const checked = await this.check(sent);
    if (checked) await this.spend(checked);
    return checked;
  }

  /**
   * The proof of a request, which may have been used before; null when there is none. It has to name the access token
   * that is sent with it, if there is one.
   * @throws ProofRefused
   */
  async check(sent: SentCredentials): Promise<CheckedProof | null> {
    const { proof, method, authorization } = sent;
    if (proof === undefined) return null;
    const now = this.clock.ms();
    const maxAgeMs = this.options.maxAgeSeconds * 1_000;
    const token = (authorization !== undefined && TOKEN.exec(authorization)?.[1]) || null;
    return checkProof(proof, { method, url: this.urlOf(sent), token }, { now, maxAgeMs });
  }

  /** @throws ProofRefused when it was used before. */
  async spend({ id, issuedAt }: CheckedProof): Promise<void> {
    const endsAt = new Date(issuedAt + this.options.maxAgeSeconds * 1_000 + CLOCKS_APART_MS).toISOString();
    if (!(await used.markUsed(this.database, { id, endsAt }))) {
      throw new ProofRefused('it was used before: make a new one, with a new jti, for each request');
    }
  }

  /**
   * The proof that an operation came with, used up once for all of its fields; null when there is none. What comes over
   * a WebSocket has none, since nothing of it is a request of its own.
   * @throws ProofRefused
   */
  ofOperation(context: RequestContext): Promise<Proof | null> {
    const { proof, transport, credentials } = context.caller;
    if (proof) return Promise.resolve(proof);
    if (transport === 'websocket') return Promise.resolve(null);
    let found = this.ofOperations.get(context);
    if (!found) {
      found = this.use(credentials);
      this.ofOperations.set(context, found);
    }
    return found;
  }

  /**
   * From where an operation signs somebody in, and by which key.
   * @throws UserErrors SIGNATURE_REQUIRED when it came with a proof that is refused.
   */
  async originOf(context: RequestContext): Promise<SignInOrigin> {
    try {
      const proof = await this.ofOperation(context);
      return { address: context.caller.address, keyThumbprint: proof?.thumbprint ?? null };
    } catch (error) {
      if (error instanceof ProofRefused) return refuse('SIGNATURE_REQUIRED', refusalOf(error));
      throw error;
    }
  }

  /** Forgets proofs that are too old to be used again. */
  purge(): Promise<void> {
    return used.purgeUsed(this.database, this.clock.now());
  }

  private urlOf({ url }: SentCredentials): string {
    const { publicUrl } = this.options;
    // A proxy in front may add a path of its own, so what is asked of this process comes behind it.
    return publicUrl === null ? url : publicUrl.replace(/\/$/, '') + url.replace(/^\w+:\/\/[^/]*/, '');
  }
}

/** What a client is told of a proof that is refused. */
export function refusalOf({ message }: ProofRefused): string {
  return `The DPoP proof of this request is refused: ${message}.`.replace(/\.\.$/, '.');
}
