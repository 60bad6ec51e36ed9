import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import type { Transaction } from '../../platform/postgres/database';
import type { AuditRow } from './audit.entity';
import type { ChainEnd } from './audit.repository';
import * as trail from './audit.repository';

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
  | 'email.change-asked'
  | 'email.changed'
  | 'email.verified'
  | 'key.registered'
  | 'key.removed'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'proof.refused'
  | 'export.requested'
  | 'export.downloaded';

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

/** Enough that people who sign in at once seldom wait for each other, and few enough to be kept on a sheet of paper. */
const CHAINS = 32;

/**
 * Tells what happened to accounts, in the transaction in which it happens: what is rolled back is not told either. Each
 * row carries an HMAC over itself and the one before it, so whoever changes or removes one without the key is found.
 */
export class AuditTrail {
  private readonly gathered = new WeakMap<Transaction, AuditEvent[]>();

  constructor(
    private readonly clock: Clock,
    private readonly key: Buffer,
  ) {}

  /** Written just before the commit, since everybody else of the same chain waits from then on. */
  append(tx: Transaction, event: AuditEvent): void {
    const events = this.gathered.get(tx);
    if (events) {
      events.push(event);
      return;
    }
    const fresh = [event];
    this.gathered.set(tx, fresh);
    // Again at the end of what others do at the end: change logs are always locked before chains, never after.
    tx.atEnd(async () => tx.atEnd(() => this.write(tx, fresh)));
  }

  /** The hash of a link, given that of the one before it; the first follows the empty text. */
  hashOf(before: string, row: Omit<AuditRow, 'hash'>): string {
    const { chain, seq, kind, userId, sessionId, address, details, at } = row;
    const text = JSON.stringify([before, chain, seq, kind, userId, sessionId, address, details, at]);
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }

  /** Chain by chain in the order of their numbers, so that transactions that share several never deadlock. */
  private async write(tx: Transaction, gathered: readonly AuditEvent[]): Promise<void> {
    const byChain = new Map<number, AuditEvent[]>();
    for (const event of gathered) {
      const chain = chainOf(subjectOf(event));
      byChain.set(chain, [...(byChain.get(chain) ?? []), event]);
    }
    for (const [chain, events] of [...byChain].sort(([one], [other]) => one - other)) {
      let end = await trail.lockEnd(tx, chain);
      for (const event of events) end = await this.link(tx, chain, end, event);
    }
  }

  private async link(tx: Transaction, chain: number, end: ChainEnd, event: AuditEvent): Promise<ChainEnd> {
    const { kind, userId, sessionId = null, address = null, details = {} } = event;
    const seq = end.seq + 1;
    const told = { kind, userId, sessionId, address, details: JSON.stringify(details) };
    const row = { chain, seq, ...told, at: this.clock.now() };
    const hash = this.hashOf(end.hash, row);
    await trail.insertAtEnd(tx, { ...row, hash });
    return { seq, hash };
  }
}

/**
 * All that is done with one account stands in one chain. A sign-in that was refused stands in that of the address it came
 * from, whether there is such an account or not: by the chain, how long it takes would tell.
 */
function subjectOf({ kind, userId, address }: AuditEvent): string {
  return (kind === 'sign-in.refused' ? address : (userId ?? address)) ?? '';
}

function chainOf(subject: string): number {
  return createHash('sha256').update(subject).digest().readUInt16BE() % CHAINS;
}
