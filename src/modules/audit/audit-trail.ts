import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import type { Transaction } from '../../platform/postgres/database';
import type { AuditRow } from './audit.entity';
import * as events from './audit.repository';

/** What the trail tells of. */
export type AuditKind =
  | 'account.created'
  | 'account.deleted'
  | 'session.opened'
  | 'session.ended'
  | 'session.confirmed'
  | 'sign-in.refused'
  | 'token.refused'
  | 'token.reused'
  | 'code.reused'
  | 'password.changed'
  | 'password.reset-asked'
  | 'email.changed'
  | 'email.verified'
  | 'key.registered'
  | 'key.removed'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'proof.refused';

export interface AuditEvent {
  readonly kind: AuditKind;
  /** Null when nobody knows whose account it is. */
  readonly userId: string | null;
  readonly sessionId?: string | null;
  /** The IP address of whoever caused it. */
  readonly address?: string | null;
  /** Never secrets, e-mail addresses or texts of people. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

const CHAINS = 32;

/**
 * Tells what happened to accounts, in the transaction in which it happens: what is rolled back is not told either. Each
 * row carries an HMAC over itself and the one before it, so whoever changes or removes one without the key is found.
 */
export class AuditTrail {
  constructor(
    private readonly clock: Clock,
    private readonly key: Buffer,
  ) {}

  /** Written just before the commit, since everybody else of the same chain waits from then on. */
  append(tx: Transaction, event: AuditEvent): void {
    tx.atEnd(() => this.write(tx, event));
  }

  /** The hash of a link, given that of the one before it; the first follows the empty text. */
  hashOf(before: string, row: Omit<AuditRow, 'hash'>): string {
    const { chain, seq, kind, userId, sessionId, address, details, at } = row;
    const text = JSON.stringify([before, chain, seq, kind, userId, sessionId, address, details, at]);
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }

  private async write(tx: Transaction, event: AuditEvent): Promise<void> {
    const { kind, userId, sessionId = null, address = null, details = {} } = event;
    const chain = chainOf(userId ?? address ?? '');
    const end = await events.lockEnd(tx, chain);
    const seq = end.seq + 1;
    const row = {
      chain,
      seq,
      kind,
      userId,
      sessionId,
      address,
      details: JSON.stringify(details),
      at: this.clock.now(),
    };
    await events.insertAtEnd(tx, { ...row, hash: this.hashOf(end.hash, row) });
  }
}

/** All that happens to one account stands in one chain. */
function chainOf(subject: string): number {
  return createHash('sha256').update(subject).digest().readUInt16BE() % CHAINS;
}
