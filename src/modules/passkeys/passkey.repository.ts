import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { PasskeyEntity, PasskeyHandleEntity, type PasskeyRow } from './passkey.entity';

const PASSKEYS = mapTable<PasskeyRow>(PasskeyEntity);
const HANDLES = mapTable<{ userId: string; handle: string }>(PasskeyHandleEntity);

/** Of an account that is not deleted, with the handle that authenticators know the account by. */
export function findByCredentialId(
  executor: Executor,
  credentialId: string,
): Promise<(PasskeyRow & { handle: string }) | null> {
  return executor.row(sql`
    SELECT ${PASSKEYS.columns('p')}, h.handle FROM passkeys p
    JOIN users u ON u.id = p.user_id JOIN passkey_handles h ON h.user_id = p.user_id
    WHERE p.credential_id = ${credentialId} AND u.deleted_at IS NULL`);
}

/** Oldest first. */
export function findByUserIds(executor: Executor, userIds: readonly string[]): Promise<PasskeyRow[]> {
  return executor.rows(sql`
    SELECT ${PASSKEYS.columns('p')} FROM passkeys p WHERE p.user_id = ANY(${userIds}::uuid[]) ORDER BY p.id`);
}

/** What authenticators show of somebody. */
export function findPerson(executor: Executor, userId: string): Promise<{ handle: string; name: string } | null> {
  return executor.row(sql`SELECT u.handle, u.name FROM users u WHERE u.id = ${userId} AND u.deleted_at IS NULL`);
}

/** Locks one of somebody's passkeys until the transaction ends. */
export function lock(executor: Executor, id: string, userId: string): Promise<PasskeyRow | null> {
  return executor.row(sql`
    SELECT ${PASSKEYS.columns('p')} FROM passkeys p WHERE p.id = ${id} AND p.user_id = ${userId} FOR UPDATE`);
}

/** False when the credential is registered already, with whichever account. */
export async function insert(executor: Executor, row: PasskeyRow): Promise<boolean> {
  return (await executor.run(sql`${PASSKEYS.insert(row)} ON CONFLICT (credential_id) DO NOTHING`)) === 1;
}

export async function markUsed(
  executor: Executor,
  { id, counter, backedUp, lastUsedAt }: Pick<PasskeyRow, 'id' | 'counter' | 'backedUp' | 'lastUsedAt'>,
): Promise<void> {
  await executor.run(sql`
    UPDATE passkeys SET counter = ${counter}, backed_up = ${backedUp}, last_used_at = ${lastUsedAt} WHERE id = ${id}`);
}

export async function rename(executor: Executor, id: string, name: string): Promise<void> {
  await executor.run(sql`UPDATE passkeys SET name = ${name} WHERE id = ${id}`);
}

export async function remove(executor: Executor, id: string): Promise<void> {
  await executor.run(sql`DELETE FROM passkeys WHERE id = ${id}`);
}

/** The account's handle; `fresh` becomes it where there is none. */
export async function claimHandle(executor: Executor, userId: string, fresh: string): Promise<string> {
  const row = await executor.row<{ handle: string }>(sql`
    INSERT INTO passkey_handles AS h (user_id, handle) VALUES (${userId}, ${fresh})
    ON CONFLICT (user_id) DO UPDATE SET handle = h.handle RETURNING h.handle`);
  return row?.handle ?? fresh;
}

/** Removes what authenticators know an account by, and the questions to them that are open. */
export async function forgetHandle(executor: Executor, userId: string): Promise<void> {
  await executor.run(sql`DELETE FROM passkey_handles WHERE user_id = ${userId}`);
  await executor.run(sql`DELETE FROM passkey_challenges WHERE user_id = ${userId}`);
}

/** For an account that is being made. */
export async function insertHandle(executor: Executor, userId: string, handle: string): Promise<void> {
  await executor.run(HANDLES.insert({ userId, handle }));
}
