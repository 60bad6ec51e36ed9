import { randomBytes } from 'node:crypto';
import type { Database, Executor } from '../postgres/database';
import { type Statement, sql } from '../postgres/sql';

/**
 * Which history the numbers of the logs belong to: what was last chosen, and the timeline that PostgreSQL writes, which
 * changes by itself at a point-in-time recovery and when a standby takes over. A SQL expression.
 */
export const EPOCH: Statement = sql`(
  COALESCE((SELECT epoch FROM change_log_epochs ORDER BY since DESC, epoch DESC LIMIT 1), '0')
  || '.' || ltrim(substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), '0'))`;

const EPOCH_BYTES = 6;

/** Reads the epoch that cursors are bound to. */
export async function readEpoch(executor: Executor): Promise<string> {
  const row = await executor.row<{ epoch: string }>(sql`SELECT ${EPOCH} AS epoch`);
  return row?.epoch ?? '';
}

/** Begins a new history: every cursor made before is answered with a reset. For after a backup was restored. */
export async function beginEpoch(executor: Executor, now: string): Promise<void> {
  const epoch = randomBytes(EPOCH_BYTES).toString('base64url');
  await executor.run(sql`
    INSERT INTO change_log_epochs (epoch, system_identifier, since)
    VALUES (${epoch}, ${await systemIdentifier(executor)}, ${now})`);
}

/**
 * Makes sure that there is an epoch, and begins a new one when the rows have come into another PostgreSQL cluster than
 * they were written in, as a restored dump does.
 */
export async function ensureEpoch(database: Database, now: string): Promise<void> {
  await database.transaction(async (tx) => {
    // Processes that start together begin one history, not one each.
    await tx.run(sql`LOCK TABLE change_log_epochs IN SHARE ROW EXCLUSIVE MODE`);
    const last = await tx.row<{ systemIdentifier: string | null }>(sql`
      SELECT system_identifier AS "systemIdentifier" FROM change_log_epochs ORDER BY since DESC, epoch DESC LIMIT 1`);
    const here = await systemIdentifier(tx);
    if (!last || (last.systemIdentifier !== null && here !== null && last.systemIdentifier !== here)) {
      await beginEpoch(tx, now);
    }
  });
}

/** The number that initdb gave the cluster; null where the function is not for everybody. */
async function systemIdentifier(executor: Executor): Promise<string | null> {
  const allowed = await executor.row<{ allowed: boolean }>(sql`
    SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS allowed`);
  if (!allowed?.allowed) return null;
  const row = await executor.row<{ id: string }>(sql`SELECT system_identifier::text AS id FROM pg_control_system()`);
  return row?.id ?? null;
}
