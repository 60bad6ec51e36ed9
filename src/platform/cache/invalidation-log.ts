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

/**
 * Which transactions had committed at one moment, as PostgreSQL writes its snapshots. A number is not enough:
 * transactions commit in another order than they are numbered.
 */
export type Place = string;

/** What was committed since another moment. */
export interface InvalidationPage {
  /** Which history the numbers of transactions belong to. */
  readonly epoch: string;
  readonly place: Place;
  readonly entries: readonly Invalidation[];
}

/** Says in a transaction which rows it changes; answers the transaction. At most once in each. */
export async function announce(tx: Executor, keys: readonly EntityKey[]): Promise<string> {
  const row = await tx.row<{ xid: string }>(sql`
    INSERT INTO cache_invalidations (keys) VALUES (${keys}::text[]) RETURNING xid::text AS xid`);
  return row?.xid ?? '';
}

/** Before everything that ever committed. */
export const BEGINNING: Place = '1:1:';

/** Reads what has been committed since the place of an earlier page: each entry once. */
export async function readInvalidations(executor: Executor, since: Place): Promise<InvalidationPage> {
  const rows = await executor.rows<{ epoch: string; place: Place; xid: string | null; keys: string[] }>(sql`
    SELECT ${EPOCH} AS epoch, pg_current_snapshot()::text AS place, i.xid::text AS xid, i.keys
    FROM (VALUES (${since}::pg_snapshot)) AS earlier (place)
    LEFT JOIN cache_invalidations i
      ON i.xid >= pg_snapshot_xmin(earlier.place) AND NOT pg_visible_in_snapshot(i.xid, earlier.place)`);
  const entries = rows.flatMap(({ xid, keys }) => (xid === null ? [] : { xid, keys }));
  return { epoch: rows[0]?.epoch ?? '', place: rows[0]?.place ?? since, entries };
}

/** Every transaction numbered below had ended at that moment. */
export function endedBefore(place: Place): bigint {
  return BigInt(place.split(':', 1)[0] ?? '');
}

export async function purgeInvalidations(executor: Executor, olderThanSeconds: number): Promise<void> {
  await executor.run(sql`
    DELETE FROM cache_invalidations WHERE created_at < now() - make_interval(secs => ${olderThanSeconds})`);
}
