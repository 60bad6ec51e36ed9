import type { Clock } from '../../kernel/clock';
import { AuditChainEntity, AuditEventEntity } from './audit.entity';
import { AuditTrail } from './audit-trail';

export { exportOfTrail } from './audit.export';
export { type ChainEnds, type ChainReport, checkTrail } from './audit-check';
export type { AuditEvent, AuditKind, AuditTrail } from './audit-trail';

export const AUDIT_ENTITIES = [AuditEventEntity, AuditChainEntity];

export interface AuditDeps {
  readonly clock: Clock;
  /** Without it nobody can make a chain that holds. */
  readonly key: Buffer;
}

/** What happened to accounts, told so that nothing can be taken back unseen. */
export function createAudit({ clock, key }: AuditDeps) {
  return { audit: new AuditTrail(clock, key) };
}
