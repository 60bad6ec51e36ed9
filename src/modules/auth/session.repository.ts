import type { Viewer } from '../../kernel/viewer';
import type { Stretch } from '../../platform/export/export-source';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, identifier, type Statement, sql } from '../../platform/postgres/sql';
import { RefreshTokenEntity, type RefreshTokenRow, SessionEntity, type SessionRow } from './session.entity';

/** A session that has just ended. */
export type EndedSession = Pick<SessionRow, 'id' | 'userId' | 'deviceId'>;

const SESSIONS = mapTable<SessionRow>(SessionEntity);
const TOKENS = mapTable<RefreshTokenRow>(RefreshTokenEntity);

export async function insertSession(executor: Executor, row: SessionRow): Promise<void> {
  await executor.run(SESSIONS.insert(row));
}

/** Of a token that is there already, only the end moves. */
export async function putRefreshToken(executor: Executor, row: RefreshTokenRow): Promise<void> {
  await executor.run(sql`
    ${TOKENS.insert(row)} ON CONFLICT (token_hash) DO UPDATE SET expires_at = EXCLUDED.expires_at`);
}

export function findRefreshToken(executor: Executor, tokenHash: string): Promise<RefreshTokenRow | null> {
  return executor.row(sql`SELECT ${TOKENS.columns('t')} FROM refresh_tokens t WHERE t.token_hash = ${tokenHash}`);
}

/** Locks a session until the transaction ends. Null when it was revoked, or its account deleted. */
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

/**
 * Locks the session that a refresh token is of, so that its tokens rotate one at a time. Null when it was revoked, or
 * its account deleted.
 */
export function lockLiveSessionOf(executor: Executor, tokenHash: string): Promise<SessionRow | null> {
  return executor.row(sql`
    SELECT ${SESSIONS.columns('s')}
    FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
    WHERE t.token_hash = ${tokenHash} AND s.revoked_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE OF s`);
}

/** A session that is neither revoked nor of a deleted account. */
export function findLiveSession(executor: Executor, { sessionId, userId }: Viewer): Promise<SessionRow | null> {
  return executor.row(sql`
    SELECT ${SESSIONS.columns('s')} FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${sessionId} AND s.user_id = ${userId} AND s.revoked_at IS NULL AND u.deleted_at IS NULL`);
}

/** Notes that the owner has shown who they are, with a key or without. False when the session has ended. */
export async function confirm(executor: Executor, viewer: Viewer, key: string | null, now: string): Promise<boolean> {
  const confirmed = await executor.run(sql`
    UPDATE sessions s SET authenticated_at = ${now}, confirmed_key = COALESCE(${key}, s.confirmed_key)
    FROM users u WHERE u.id = s.user_id AND s.id = ${viewer.sessionId} AND s.user_id = ${viewer.userId}
      AND s.revoked_at IS NULL AND u.deleted_at IS NULL`);
  return confirmed === 1;
}

/** Binds the tokens of a session to a key from now on. */
export async function bindToKey(executor: Executor, sessionId: string, key: string): Promise<void> {
  await executor.run(sql`UPDATE sessions SET key_thumbprint = ${key} WHERE id = ${sessionId}`);
}

export async function isLive(executor: Executor, viewer: Viewer): Promise<boolean> {
  const row = await executor.row(sql`
    SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${viewer.sessionId} AND s.user_id = ${viewer.userId}
      AND s.revoked_at IS NULL AND u.deleted_at IS NULL`);
  return row !== null;
}

/**
 * As `isLive`. Until the transaction ends the account is not deleted either: whoever deletes it waits, and then finds
 * what was written as this person.
 */
export async function holdLive(tx: Transaction, viewer: Viewer): Promise<boolean> {
  const row = await tx.row(sql`
    SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${viewer.sessionId} AND s.user_id = ${viewer.userId}
      AND s.revoked_at IS NULL AND u.deleted_at IS NULL
    FOR KEY SHARE OF u`);
  return row !== null;
}

/** That a session, under an alias, has neither been ended nor outlived its refresh token. */
export function sessionLives(alias: string, livingSince: string): Statement {
  const column = (name: string) => identifier(`${alias}.${name}`);
  return sql`${column('revoked_at')} IS NULL AND ${column('last_used_at')} > ${livingSince}`;
}

export function findLive(
  executor: Executor,
  userId: string,
  livingSince: string,
  ids: readonly string[],
): Promise<SessionRow[]> {
  return executor.rows(sql`
    SELECT ${SESSIONS.columns('s')} FROM sessions s
    WHERE s.id = ANY(${ids}::uuid[]) AND s.user_id = ${userId} AND ${sessionLives('s', livingSince)}`);
}

/** The last used first. */
export function listLive(
  executor: Executor,
  userId: string,
  livingSince: string,
  limit: number,
): Promise<SessionRow[]> {
  return executor.rows(sql`
    SELECT ${SESSIONS.columns('s')} FROM sessions s WHERE s.user_id = ${userId} AND ${sessionLives('s', livingSince)}
    ORDER BY s.last_used_at DESC, s.id DESC LIMIT ${limit}`);
}

/** All that there are of an account, ended ones included, in the order of their ids. */
export function pageByUser(executor: Executor, userId: string, { limit, after }: Stretch): Promise<SessionRow[]> {
  const seek = after ? sql`AND s.id > ${after[0]}` : empty;
  return executor.rows(sql`
    SELECT ${SESSIONS.columns('s')} FROM sessions s WHERE s.user_id = ${userId} ${seek} ORDER BY s.id LIMIT ${limit + 1}`);
}

/** Whether there is such a session of this account, ended or not. */
export async function isOf(executor: Executor, userId: string, id: string): Promise<boolean> {
  return (await executor.row(sql`SELECT 1 FROM sessions WHERE id = ${id} AND user_id = ${userId}`)) !== null;
}

/** The sessions that have been revoked and the accounts that have been deleted since then, by their ids. */
export async function findEndedSince(executor: Executor, since: string): Promise<string[]> {
  const rows = await executor.rows<{ id: string }>(sql`
    SELECT id FROM sessions WHERE revoked_at > ${since}
    UNION ALL SELECT id FROM users WHERE deleted_at > ${since}`);
  return rows.map((row) => row.id);
}

export async function markUsed(executor: Executor, token: RefreshTokenRow, now: string): Promise<void> {
  await executor.run(sql`UPDATE refresh_tokens SET used_at = ${now} WHERE token_hash = ${token.tokenHash}`);
  await executor.run(sql`UPDATE sessions SET last_used_at = ${now} WHERE id = ${token.sessionId}`);
}

export async function setDeviceId(executor: Executor, id: string, deviceId: string): Promise<void> {
  await executor.run(sql`UPDATE sessions SET device_id = ${deviceId} WHERE id = ${id}`);
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

/** Removes the refresh tokens of an account. */
export async function forgetTokens(executor: Executor, userId: string): Promise<void> {
  await executor.run(sql`
    DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE user_id = ${userId})`);
}

/** Removes refresh tokens that ended before `before`, and the sessions left without any. */
export async function purgeEnded(executor: Executor, before: string): Promise<void> {
  await executor.run(sql`DELETE FROM refresh_tokens WHERE expires_at < ${before}`);
  await executor.run(sql`
    DELETE FROM sessions s WHERE s.last_used_at < ${before}
      AND NOT EXISTS (SELECT FROM refresh_tokens t WHERE t.session_id = s.id)`);
}
