import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** Something that happened to an account, as a link of one of the chains. */
export interface AuditRow {
  chain: number;
  /** 1, 2, 3 … in its chain. */
  seq: number;
  kind: string;
  userId: string | null;
  sessionId: string | null;
  address: string | null;
  /** A JSON object; kept as text, since its very characters are hashed. */
  details: string;
  at: string;
  /** Of this row and the hash before it, base64url. */
  hash: string;
}

@Entity('audit_events')
export class AuditEventEntity implements AuditRow {
  @KeyColumn('integer', 'chain', 'audit_events_pkey') chain!: number;
  @KeyColumn('integer', 'seq', 'audit_events_pkey') seq!: number;
  @TextColumn('kind') kind!: string;
  @UuidColumn('user_id', { nullable: true }) userId!: string | null;
  @UuidColumn('session_id', { nullable: true }) sessionId!: string | null;
  @TextColumn('address', { nullable: true }) address!: string | null;
  @TextColumn('details') details!: string;
  @TimeColumn('at') at!: string;
  @TextColumn('hash') hash!: string;
}

/** The end of a chain. */
@Entity('audit_chains')
export class AuditChainEntity {
  @KeyColumn('integer', 'chain', 'audit_chains_pkey') chain!: number;
  @CountColumn('seq') seq!: number;
  @TextColumn('hash') hash!: string;
}
