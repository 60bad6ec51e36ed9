import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { AuditEventEntity, type AuditRow } from './audit.entity';

const EVENTS = mapTable<AuditRow>(AuditEventEntity);

export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** Locks the end of a chain until the transaction ends, so that links are added one after the other. */
export async function lockEnd(executor: Executor, chain: number): Promise<ChainEnd> {
  const end = await executor.row<ChainEnd>(sql`
    INSERT INTO audit_chains AS c (chain, seq, hash) VALUES (${chain}, 0, '')
    ON CONFLICT (chain) DO UPDATE SET seq = c.seq RETURNING c.seq, c.hash`);
  return end as ChainEnd;
}

export async function insertAtEnd(executor: Executor, row: AuditRow): Promise<void> {
  await executor.run(sql`
    WITH event AS (${EVENTS.insert(row)})
    UPDATE audit_chains SET seq = ${row.seq}, hash = ${row.hash} WHERE chain = ${row.chain}`);
}
