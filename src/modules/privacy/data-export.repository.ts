import type { PageRow, PageShape } from '../../graphql/page-loader';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, sql } from '../../platform/postgres/sql';
import { DataExportEntity, type DataExportRow } from './data-export.entity';

const EXPORTS = mapTable<DataExportRow>(DataExportEntity);

/** What names one export. */
export type ExportKey = Pick<DataExportRow, 'userId' | 'id'>;

/** The first of an advisory lock's two numbers: exports that are being made. */
const EXPORT_LOCK = 4;

export function findOfUser(executor: Executor, userId: string, ids: readonly string[]): Promise<DataExportRow[]> {
  return executor.rows(sql`
    SELECT ${EXPORTS.columns('e')} FROM data_exports e WHERE e.user_id = ${userId} AND e.id = ANY(${ids}::uuid[])`);
}

/** The same page of many people's exports, newest first. For their owners' eyes; whoever calls it has made sure of that. */
export function pageByUsers(
  executor: Executor,
  userIds: readonly string[],
  { limit, after }: PageShape,
): Promise<(DataExportRow & PageRow)[]> {
  const seek = after ? sql`AND e.id < ${after[0]}` : empty;
  return executor.rows(sql`
    SELECT e.* FROM unnest(${userIds}::uuid[]) AS u(id) CROSS JOIN LATERAL (
      SELECT ${EXPORTS.columns('e')}, u.id AS "parentId" FROM data_exports e WHERE e.user_id = u.id ${seek}
      ORDER BY e.id DESC LIMIT ${limit + 1}
    ) e`);
}

/** Those asked for since then, oldest first, and whatever is not finished. */
export function findRecent(executor: Executor, userId: string, since: string): Promise<DataExportRow[]> {
  return executor.rows(sql`
    SELECT ${EXPORTS.columns('e')} FROM data_exports e
    WHERE e.user_id = ${userId} AND (e.created_at > ${since} OR e.state IN ('QUEUED', 'RUNNING')) ORDER BY e.created_at`);
}

export async function insert(tx: Transaction, row: DataExportRow): Promise<void> {
  await tx.run(EXPORTS.insert(row));
}

/** False while another process makes it. Held until the transaction ends. */
export async function holdAlone(tx: Transaction, { id }: ExportKey): Promise<boolean> {
  const row = await tx.row<{ held: boolean }>(sql`
    SELECT pg_try_advisory_xact_lock(${EXPORT_LOCK}::integer, hashtext(${id})) AS held`);
  return row?.held === true;
}

/** Counts an attempt; null for an export that is finished or gone, or whose owner is. */
export function begin(tx: Transaction, { userId, id }: ExportKey): Promise<DataExportRow | null> {
  return tx.row(sql`
    UPDATE data_exports e SET state = 'RUNNING', attempts = e.attempts + 1 FROM users u
    WHERE e.user_id = ${userId} AND e.id = ${id} AND e.state IN ('QUEUED', 'RUNNING')
      AND u.id = e.user_id AND u.deleted_at IS NULL
    RETURNING ${EXPORTS.columns('e')}`);
}

/** Everything that the transaction reads from here on is of one moment. Its first statement. */
export async function holdStill(tx: Transaction): Promise<void> {
  await tx.run(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`);
}

/** Whether it still is to be made. It stays so until the transaction ends, so that no part outlives its export. */
export async function keep(tx: Transaction, { userId, id }: ExportKey): Promise<boolean> {
  const row = await tx.row(sql`
    SELECT 1 FROM data_exports e WHERE e.user_id = ${userId} AND e.id = ${id} AND e.state = 'RUNNING' FOR SHARE`);
  return row !== null;
}

/** False when it is not running any more. */
export async function markDone(
  tx: Transaction,
  { userId, id, sizeBytes, expiresAt }: Pick<DataExportRow, 'userId' | 'id' | 'sizeBytes' | 'expiresAt'>,
): Promise<boolean> {
  const marked = await tx.run(sql`
    UPDATE data_exports SET state = 'DONE', size_bytes = ${sizeBytes}, expires_at = ${expiresAt}
    WHERE user_id = ${userId} AND id = ${id} AND state = 'RUNNING'`);
  return marked === 1;
}

/** False when it was finished already. */
export async function markFailed(tx: Transaction, { userId, id }: ExportKey): Promise<boolean> {
  const marked = await tx.run(sql`
    UPDATE data_exports SET state = 'FAILED'
    WHERE user_id = ${userId} AND id = ${id} AND state IN ('QUEUED', 'RUNNING')`);
  return marked === 1;
}

export async function insertPart(tx: Transaction, { userId, id }: ExportKey, seq: number, bytes: Buffer) {
  await tx.run(sql`
    INSERT INTO data_export_parts (user_id, export_id, seq, bytes) VALUES (${userId}, ${id}, ${seq}, ${bytes})`);
}

/** Null behind the last one, and when they have been removed. */
export async function findPart(executor: Executor, { userId, id }: ExportKey, seq: number): Promise<Buffer | null> {
  const row = await executor.row<{ bytes: Buffer }>(sql`
    SELECT bytes FROM data_export_parts WHERE user_id = ${userId} AND export_id = ${id} AND seq = ${seq}`);
  return row?.bytes ?? null;
}

export async function removeParts(tx: Transaction, { userId, id }: ExportKey): Promise<void> {
  await tx.run(sql`DELETE FROM data_export_parts WHERE user_id = ${userId} AND export_id = ${id}`);
}

/** Removes everything of one person. Rows first: a part that is written meanwhile is then there to be removed as well. */
export async function removeOfUser(tx: Transaction, userId: string): Promise<void> {
  await tx.run(sql`DELETE FROM data_exports WHERE user_id = ${userId}`);
  await tx.run(sql`DELETE FROM data_export_parts WHERE user_id = ${userId}`);
}

/** Up to `limit` exports that were asked for before that and have come to no end. */
export function findStuck(executor: Executor, before: string, limit: number): Promise<ExportKey[]> {
  return executor.rows(sql`
    SELECT e.user_id AS "userId", e.id FROM data_exports e
    WHERE e.created_at < ${before} AND e.state IN ('QUEUED', 'RUNNING') LIMIT ${limit}`);
}

/** Up to `limit` exports that ended before `now` and were asked for before `before`. */
export function findOld(executor: Executor, now: string, before: string, limit: number): Promise<ExportKey[]> {
  return executor.rows(sql`
    SELECT e.user_id AS "userId", e.id FROM data_exports e
    WHERE e.created_at < ${before} AND (e.state = 'FAILED' OR e.expires_at < ${now}) LIMIT ${limit}`);
}

/** Removes an export with its parts; false when it was gone already. */
export async function remove(tx: Transaction, { userId, id }: ExportKey): Promise<boolean> {
  const removed = await tx.run(sql`DELETE FROM data_exports WHERE user_id = ${userId} AND id = ${id}`);
  await removeParts(tx, { userId, id });
  return removed === 1;
}

/** Removes up to `limit` parts of exports that ended before `now`; the exports stay. @returns how many. */
export function removeEndedParts(executor: Executor, now: string, limit: number): Promise<number> {
  return executor.run(sql`
    DELETE FROM data_export_parts WHERE (user_id, export_id, seq) IN (
      SELECT p.user_id, p.export_id, p.seq FROM data_exports e
      JOIN data_export_parts p ON p.user_id = e.user_id AND p.export_id = e.id
      WHERE e.expires_at < ${now} LIMIT ${limit})`);
}
