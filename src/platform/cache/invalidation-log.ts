import { EPOCH } from '../changelog/epoch';
import type { Executor } from '../postgres/database';
import { sql } from '../postgres/sql';
import type { EntityKey } from './entity';

/** The rows that one transaction changed. */
export interface Invalidation {
  /** The transaction, as PostgreSQL counts them (xid8). */
  readonly xid: string;
  readonly keys: readonly EntityKey[];
}

/** What stands in the log, at one moment. */
export interface InvalidationPage {
  /** Which history the numbers of transactions belong to. */
  readonly epoch: string;
  /** Every transaction before this one had ended, so that the log will not grow there. */
  readonly horizon: string;
  readonly entries: readonly Invalidation[];
}

/** Says in a transaction which rows it changes; answers the transaction. At most once in each. */
export async function announce(tx: Executor, keys: readonly EntityKey[]): Promise<string> {
  const row = await tx.row<{ xid: string }>(sql`
    INSERT INTO cache_invalidations (keys) VALUES (${keys}::text[]) RETURNING xid::text AS xid`);
  return row?.xid ?? '';
}

/**
 * Reads on behind the horizon of an earlier page. Transactions commit in another order than they are numbered: what had
 * ended before a page is before its horizon, and everything else comes with a later page, some of it again.
 */
export async function readInvalidations(executor: Executor, horizon: string): Promise<InvalidationPage> {
  const rows = await executor.rows<{ epoch: string; horizon: string; xid: string | null; keys: string[] }>(sql`
    SELECT ${EPOCH} AS epoch, pg_snapshot_xmin(pg_current_snapshot())::text AS horizon, i.xid::text AS xid, i.keys
    FROM (VALUES (${horizon}::xid8)) AS place (horizon) LEFT JOIN cache_invalidations i ON i.xid >= place.horizon`);
  const entries = rows.flatMap(({ xid, keys }) => (xid === null ? [] : { xid, keys }));
  return { epoch: rows[0]?.epoch ?? '', horizon: rows[0]?.horizon ?? horizon, entries };
}

export async function purgeInvalidations(executor: Executor, olderThanSeconds: number): Promise<void> {
  await executor.run(sql`
    DELETE FROM cache_invalidations WHERE created_at < now() - make_interval(secs => ${olderThanSeconds})`);
}
