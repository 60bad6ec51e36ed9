import { randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { AuditTrail } from '../audit';
import type { Proven, SessionService, SignInOrigin, Tokens } from '../auth';
import type { AuthorizationRequest } from './authorization-request';
import type { Client } from './client-registry';
import type { CodeRow } from './code.entity';
import * as codes from './code.repository';

const CODE_BYTES = 32;
/** An app exchanges it at once; RFC 6749 §4.1.2 allows ten minutes at most. */
const LIFETIME_MS = 60_000;
/** How long a used code is known as such, so that whoever brings it again ends the session. */
const KEPT_MS = 86_400_000;
/** RFC 7636 §4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/;

/** What an app sends to exchange a code (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export interface Exchange {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
  readonly client: Client;
}

/** Authorization codes: made when somebody has signed in for an app, exchanged once for the tokens of a session. */
export class CodeService {
  constructor(
    private readonly clock: Clock,
    private readonly sessions: SessionService,
    private readonly audit: AuditTrail,
  ) {}

  /** For somebody who has just shown who they are by their password. */
  async issue(db: Database, { userId, passwordVersion }: Proven, request: AuthorizationRequest): Promise<string> {
    const { client, redirectUri, codeChallenge, keyThumbprint } = request;
    const code = randomBytes(CODE_BYTES).toString('base64url');
    const now = this.clock.ms();
    await codes.insert(db, {
      codeHash: sha256(code),
      userId,
      passwordVersion,
      clientId: client.id,
      redirectUri,
      codeChallenge,
      keyThumbprint,
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + LIFETIME_MS).toISOString(),
      usedAt: null,
      sessionId: null,
    });
    return code;
  }

  /**
   * Exchanges a code for the tokens of a new session. A code works once, whatever it is brought with: one that comes a
   * second time has been copied, and ends the session that it opened (RFC 6749 §4.1.2).
   * @returns null when it is refused.
   */
  exchange(db: Database, exchange: Exchange, origin: SignInOrigin): Promise<Tokens | null> {
    const codeHash = sha256(exchange.code);
    return db.transaction(async (tx) => {
      const code = await codes.take(tx, codeHash, this.clock.now());
      if (!code) return this.refuseAgain(tx, codeHash, origin);
      if (!this.fits(code, exchange, origin) || !(await codes.standsStill(tx, code))) {
        const { userId, clientId } = code;
        const details = { why: 'code', clientId };
        this.audit.append(tx, { kind: 'token.refused', userId, address: origin.address, details });
        return null;
      }
      const opened = await this.sessions.open(tx, code.userId, 'password', { ...origin, clientId: code.clientId });
      await codes.setSession(tx, codeHash, opened.viewer.sessionId);
      return opened;
    });
  }

  purge(db: Database): Promise<void> {
    return codes.purge(db, new Date(this.clock.ms() - KEPT_MS).toISOString());
  }

  private fits(code: CodeRow, exchange: Exchange, { keyThumbprint = null }: SignInOrigin): boolean {
    const { client, redirectUri, verifier } = exchange;
    return (
      code.clientId === client.id &&
      code.redirectUri === redirectUri &&
      code.expiresAt > this.clock.now() &&
      VERIFIER.test(verifier) &&
      code.codeChallenge === sha256(verifier) &&
      (code.keyThumbprint === null || code.keyThumbprint === keyThumbprint)
    );
  }

  private async refuseAgain(tx: Transaction, codeHash: string, { address }: SignInOrigin): Promise<null> {
    const used = await codes.find(tx, codeHash);
    if (!used) return null;
    const { userId, sessionId, clientId } = used;
    this.audit.append(tx, { kind: 'code.reused', userId, sessionId, address, details: { clientId } });
    if (sessionId !== null) await this.sessions.end(tx, { userId, sessionId }, 'reused', address);
    return null;
  }
}
