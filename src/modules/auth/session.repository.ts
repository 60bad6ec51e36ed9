import type { Viewer } from '../../kernel/viewer';
import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, sql } from '../../platform/postgres/sql';
import { RefreshTokenEntity, type RefreshTokenRow, SessionEntity, type SessionRow } from './session.entity';

/** A session that has just ended. */
export type EndedSession = Pick<SessionRow, 'id' | 'userId' | 'deviceId'>;

const SESSIONS = mapTable<SessionRow>(SessionEntity);
const TOKENS = mapTable<RefreshTokenRow>(RefreshTokenEntity);

export async function insertSession(executor: Executor, row: SessionRow): Promise<void> {
  await executor.run(SESSIONS.insert(row));
}

/** False when the token is there already. */
export async function insertRefreshToken(executor: Executor, row: RefreshTokenRow): Promise<boolean> {
  return (await executor.run(sql`${TOKENS.insert(row)} ON CONFLICT (token_hash) DO NOTHING`)) === 1;
}

export function findRefreshToken(executor: Executor, tokenHash: string): Promise<RefreshTokenRow | null> {
  return executor.row(sql`SELECT ${TOKENS.columns('t')} FROM refresh_tokens t WHERE t.token_hash = ${tokenHash}`);
}

/** Locks a session that is neither revoked nor of a deleted account, so that its tokens rotate one at a time. */
export function lockLiveSession(executor: Executor, id: string): Promise<SessionRow | null> {
  return executor.row(sql`
    SELECT ${SESSIONS.columns('s')} FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${id} AND s.revoked_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE OF s`);
}

export function findById(executor: Executor, id: string): Promise<SessionRow | null> {
  return executor.row(sql`SELECT ${SESSIONS.columns('s')} FROM sessions s WHERE s.id = ${id}`);
}

/** Puts off the end of a live session's refresh tokens. */
export async function prolong(executor: Executor, id: string, now: string, until: string): Promise<void> {
  await executor.run(sql`UPDATE sessions SET last_used_at = ${now} WHERE id = ${id}`);
  await executor.run(sql`UPDATE refresh_tokens SET expires_at = ${until} WHERE session_id = ${id}`);
}

export async function isLive(executor: Executor, viewer: Viewer): Promise<boolean> {
  const row = await executor.row(sql`
    SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${viewer.sessionId} AND s.user_id = ${viewer.userId}
      AND s.revoked_at IS NULL AND u.deleted_at IS NULL`);
  return row !== null;
}

/** Those of the given sessions that are revoked, gone, or of a deleted account. */
export async function findEnded(executor: Executor, ids: readonly string[]): Promise<string[]> {
  const rows = await executor.rows<{ id: string }>(sql`
    SELECT asked.id FROM unnest(${ids}::uuid[]) AS asked(id) WHERE NOT EXISTS (
      SELECT FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.id = asked.id AND s.revoked_at IS NULL AND u.deleted_at IS NULL)`);
  return rows.map((row) => row.id);
}

export async function markUsed(executor: Executor, token: RefreshTokenRow, now: string): Promise<void> {
  await executor.run(sql`UPDATE refresh_tokens SET used_at = ${now} WHERE token_hash = ${token.tokenHash}`);
  await executor.run(sql`UPDATE sessions SET last_used_at = ${now} WHERE id = ${token.sessionId}`);
}

/** Which of an account's sessions; all of them when neither is said. */
export interface Which {
  readonly only?: string;
  readonly except?: string;
}

/** Ends those sessions of an account that have not ended yet. @returns those. */
export function revoke(executor: Executor, userId: string, which: Which, now: string): Promise<EndedSession[]> {
  const only = which.only === undefined ? empty : sql`AND id = ${which.only}`;
  const except = which.except === undefined ? empty : sql`AND id <> ${which.except}`;
  return executor.rows(sql`
    UPDATE sessions SET revoked_at = ${now} WHERE user_id = ${userId} AND revoked_at IS NULL ${only} ${except}
    RETURNING id, user_id AS "userId", device_id AS "deviceId"`);
}

/** Removes refresh tokens that ended before `before`, and the sessions left without any. */
export async function purgeEnded(executor: Executor, before: string): Promise<void> {
  await executor.run(sql`DELETE FROM refresh_tokens WHERE expires_at < ${before}`);
  await executor.run(sql`
    DELETE FROM sessions s WHERE s.last_used_at < ${before}
      AND NOT EXISTS (SELECT FROM refresh_tokens t WHERE t.session_id = s.id)`);
}
