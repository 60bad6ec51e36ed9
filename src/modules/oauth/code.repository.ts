import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { CodeEntity, type CodeRow } from './code.entity';

const CODES = mapTable<CodeRow>(CodeEntity);

export async function insert(executor: Executor, row: CodeRow): Promise<void> {
  await executor.run(CODES.insert(row));
}

/** Marks a code as used; null when there is no such code, or it was used before. Of two at once one gets it. */
export function take(executor: Executor, codeHash: string, now: string): Promise<CodeRow | null> {
  return executor.row(sql`
    UPDATE oauth_codes c SET used_at = ${now} WHERE c.code_hash = ${codeHash} AND c.used_at IS NULL
    RETURNING ${CODES.columns('c')}`);
}

export function find(executor: Executor, codeHash: string): Promise<CodeRow | null> {
  return executor.row(sql`SELECT ${CODES.columns('c')} FROM oauth_codes c WHERE c.code_hash = ${codeHash}`);
}

/**
 * False when the account was deleted, or its password replaced, after the sign-in that the code stands for. Nobody
 * replaces it until the transaction ends.
 */
export async function standsStill(executor: Executor, { userId, passwordVersion }: CodeRow): Promise<boolean> {
  const row = await executor.row(sql`
    SELECT 1 FROM users u JOIN credentials c ON c.user_id = u.id
    WHERE u.id = ${userId} AND u.deleted_at IS NULL AND c.password_version = ${passwordVersion} FOR SHARE OF c`);
  return row !== null;
}

export async function setSession(executor: Executor, codeHash: string, sessionId: string): Promise<void> {
  await executor.run(sql`UPDATE oauth_codes SET session_id = ${sessionId} WHERE code_hash = ${codeHash}`);
}

/** Removes the codes of an account, used or not. */
export async function forgetCodes(executor: Executor, userId: string): Promise<void> {
  await executor.run(sql`DELETE FROM oauth_codes WHERE user_id = ${userId}`);
}

export async function purge(executor: Executor, before: string): Promise<void> {
  await executor.run(sql`DELETE FROM oauth_codes WHERE expires_at < ${before}`);
}
