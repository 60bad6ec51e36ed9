import type { Stretch } from '../../platform/export/export-source';
import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, sql } from '../../platform/postgres/sql';
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

/** The next rows of a chain from `seq` on, in order. */
export function page(executor: Executor, chain: number, seq: number, limit: number): Promise<AuditRow[]> {
  return executor.rows(sql`
    SELECT ${EVENTS.columns('e')} FROM audit_events e WHERE e.chain = ${chain} AND e.seq >= ${seq}
    ORDER BY e.seq LIMIT ${limit}`);
}

/** What happened to one account, in the order in which it did. */
export function pageByUser(executor: Executor, userId: string, { limit, after }: Stretch): Promise<AuditRow[]> {
  const seek = after ? sql`AND (e.at, e.chain, e.seq) > (${after[0]}, ${after[1]}, ${after[2]})` : empty;
  return executor.rows(sql`
    SELECT ${EVENTS.columns('e')} FROM audit_events e WHERE e.user_id = ${userId} ${seek}
    ORDER BY e.at, e.chain, e.seq LIMIT ${limit + 1}`);
}

/** Every chain that has rows or an end, in order; `end` is null for one whose end is gone. */
export async function findChains(executor: Executor): Promise<{ chain: number; end: ChainEnd | null }[]> {
  // The index is asked for one chain after the other: reading every row of the trail for that would take minutes.
  const rows = await executor.rows<{ chain: number; seq: number | null; hash: string | null }>(sql`
    WITH RECURSIVE begun(chain) AS (
      (SELECT chain FROM audit_events ORDER BY chain LIMIT 1)
      UNION ALL
      SELECT (SELECT e.chain FROM audit_events e WHERE e.chain > b.chain ORDER BY e.chain LIMIT 1)
      FROM begun b WHERE b.chain IS NOT NULL
    )
    SELECT coalesce(b.chain, c.chain) AS chain, c.seq, c.hash
    FROM (SELECT chain FROM begun WHERE chain IS NOT NULL) b FULL JOIN audit_chains c ON c.chain = b.chain
    ORDER BY 1`);
  return rows.map(({ chain, seq, hash }) => ({ chain, end: seq === null || hash === null ? null : { seq, hash } }));
}

/** Everything that the transaction reads from here on is of one moment. Its first statement. */
export async function holdStill(tx: Executor): Promise<void> {
  await tx.run(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`);
}
