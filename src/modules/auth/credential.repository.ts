import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { CredentialEntity, type CredentialRow } from './credential.entity';

const CREDENTIALS = mapTable<CredentialRow>(CredentialEntity);

/** Two addresses are the same account's when their keys are. */
export function emailKey(email: string): string {
  return email.toLowerCase();
}

/**
 * The credential behind an e-mail address or a handle, whichever `login` is; not of a deleted account. Where there is none,
 * that of some account is read, and left out here: how long it takes is not to tell which logins have an account.
 */
export async function findByLogin(executor: Executor, login: string): Promise<CredentialRow | null> {
  const key = login.trim().toLowerCase();
  const owner = key.includes('@')
    ? sql`SELECT user_id FROM credential_emails WHERE email_key = ${key}`
    : sql`SELECT user_id FROM user_handles WHERE handle_key = ${key}`;
  const found = await executor.row<{ node: CredentialRow; isMeant: boolean }>(sql`
    SELECT ${CREDENTIALS.columns('c', 'node')}, owner.id IS NOT NULL AND u.deleted_at IS NULL AS "isMeant"
    FROM (SELECT (${owner}) AS id, (SELECT user_id FROM credentials ORDER BY user_id LIMIT 1) AS other OFFSET 0) owner
      JOIN credentials c ON c.user_id = COALESCE(owner.id, owner.other) JOIN users u ON u.id = c.user_id`);
  return found?.isMeant ? found.node : null;
}

export function findByUserIds(executor: Executor, userIds: readonly string[]): Promise<CredentialRow[]> {
  return executor.rows(sql`
    SELECT ${CREDENTIALS.columns('c')} FROM credentials c WHERE c.user_id = ANY(${userIds}::uuid[])`);
}

/** False when the address has an account already. */
export async function claimEmail(executor: Executor, email: string, userId: string): Promise<boolean> {
  const claimed = await executor.run(sql`
    INSERT INTO credential_emails (email_key, user_id) VALUES (${emailKey(email)}, ${userId})
    ON CONFLICT (email_key) DO NOTHING`);
  return claimed === 1;
}

/** What an account begins with; its address is one that nobody has verified unless it says so. */
export type NewCredential = Pick<CredentialRow, 'userId' | 'email' | 'passwordHash' | 'updatedAt'> &
  Partial<Pick<CredentialRow, 'emailVerifiedAt'>>;

export async function insert(executor: Executor, row: NewCredential): Promise<void> {
  await executor.run(CREDENTIALS.insert({ emailVerifiedAt: null, passwordVersion: 1, ...row }));
}

/** Locks the credential until the transaction ends; null also for a deleted account. */
export function lock(executor: Executor, userId: string): Promise<CredentialRow | null> {
  return executor.row(sql`
    SELECT ${CREDENTIALS.columns('c')} FROM credentials c JOIN users u ON u.id = c.user_id
    WHERE c.user_id = ${userId} AND u.deleted_at IS NULL FOR NO KEY UPDATE OF c`);
}

/** Whether the password is still that of this version; nobody changes it until the transaction ends. */
export async function holdsVersion(executor: Executor, userId: string, version: number): Promise<boolean> {
  const row = await executor.row(sql`
    SELECT 1 FROM credentials WHERE user_id = ${userId} AND password_version = ${version} FOR SHARE`);
  return row !== null;
}

/** A new hash of the same password; nothing when another one has been set meanwhile. */
export async function replaceHash(executor: Executor, userId: string, old: string, fresh: string): Promise<void> {
  await executor.run(sql`
    UPDATE credentials SET password_hash = ${fresh} WHERE user_id = ${userId} AND password_hash = ${old}`);
}

export async function setPassword(executor: Executor, userId: string, hash: string, now: string): Promise<void> {
  await executor.run(sql`
    UPDATE credentials SET password_hash = ${hash}, password_version = password_version + 1, updated_at = ${now}
    WHERE user_id = ${userId}`);
}

/** False when it was verified before. */
export async function markVerified(executor: Executor, userId: string, now: string): Promise<boolean> {
  const marked = await executor.run(sql`
    UPDATE credentials SET email_verified_at = ${now} WHERE user_id = ${userId} AND email_verified_at IS NULL`);
  return marked === 1;
}

/** Gives the account an address that has been claimed for it and verified, and releases the one it had. */
export async function replaceEmail(executor: Executor, row: CredentialRow, email: string, now: string): Promise<void> {
  await executor.run(sql`
    UPDATE credentials SET email = ${email}, email_verified_at = ${now}, updated_at = ${now}
    WHERE user_id = ${row.userId}`);
  if (emailKey(email) === emailKey(row.email)) return;
  await executor.run(sql`
    DELETE FROM credential_emails WHERE email_key = ${emailKey(row.email)} AND user_id = ${row.userId}`);
}

/** Takes the password and the address from an account; anybody may have the address then. */
export async function remove(executor: Executor, userId: string): Promise<void> {
  const gone = await executor.row<{ email: string }>(sql`
    DELETE FROM credentials WHERE user_id = ${userId} RETURNING email`);
  if (!gone) return;
  await executor.run(sql`
    DELETE FROM credential_emails WHERE email_key = ${emailKey(gone.email)} AND user_id = ${userId}`);
}

/** Whose e-mail address or handle this is, whichever `login` is; not of a deleted account. */
export async function findUserIdByLogin(executor: Executor, login: string): Promise<string | null> {
  const key = login.trim().toLowerCase();
  const owner = key.includes('@')
    ? sql`SELECT user_id FROM credential_emails WHERE email_key = ${key}`
    : sql`SELECT user_id FROM user_handles WHERE handle_key = ${key}`;
  const row = await executor.row<{ id: string }>(sql`
    SELECT u.id FROM users u WHERE u.id = (${owner}) AND u.deleted_at IS NULL`);
  return row?.id ?? null;
}

export async function hasPassword(executor: Executor, userId: string): Promise<boolean> {
  const row = await executor.row(sql`SELECT FROM credentials WHERE user_id = ${userId} AND password_hash <> ''`);
  return row !== null;
}

/** Locks an account until the transaction ends, so that what it can be signed in to with changes one at a time. */
export async function lockAccount(executor: Executor, userId: string): Promise<void> {
  await executor.run(sql`SELECT FROM users WHERE id = ${userId} FOR NO KEY UPDATE`);
}
