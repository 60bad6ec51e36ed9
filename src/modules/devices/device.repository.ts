import type { Stretch } from '../../platform/export/export-source';
import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, type Statement, sql } from '../../platform/postgres/sql';
import { sessionLives } from '../auth';
import { DeviceEntity, type DeviceRow, PushTokenEntity, type PushTokenRow } from './device.entity';

const DEVICES = mapTable<DeviceRow>(DeviceEntity);
const PUSH_TOKENS = mapTable<PushTokenRow>(PushTokenEntity);

/** A device as its owner sees it. */
export interface ShownDevice extends DeviceRow {
  /** When it was last told of, or one of its sessions used. */
  readonly seenAt: string;
  readonly pushEnabled: boolean;
}

/** What an app says of the device that it runs on. */
export type DeviceFacts = Pick<DeviceRow, 'userId' | 'id' | 'platform' | 'name' | 'appVersion' | 'lastSeenAt'>;

export function findLive(
  executor: Executor,
  userId: string,
  livingSince: string,
  ids: readonly string[],
): Promise<ShownDevice[]> {
  return executor.rows(selectLive(userId, livingSince, sql`AND d.id = ANY(${ids}::uuid[])`));
}

/** Those with a session that lives, the last seen first. */
export function listLive(
  executor: Executor,
  userId: string,
  livingSince: string,
  limit: number,
): Promise<ShownDevice[]> {
  return executor.rows(sql`
    ${selectLive(userId, livingSince, empty)} ORDER BY "seenAt" DESC, d.id DESC LIMIT ${limit}`);
}

function selectLive(userId: string, livingSince: string, condition: Statement): Statement {
  return sql`
    SELECT ${DEVICES.columns('d')}, GREATEST(d.last_seen_at, used.at) AS "seenAt",
      EXISTS (SELECT FROM push_tokens p WHERE p.user_id = d.user_id AND p.device_id = d.id) AS "pushEnabled"
    FROM devices d CROSS JOIN LATERAL (
      SELECT max(s.last_used_at) AS at FROM sessions s
      WHERE s.user_id = d.user_id AND s.device_id = d.id AND ${sessionLives('s', livingSince)}
    ) used
    WHERE d.user_id = ${userId} AND used.at IS NOT NULL ${condition}`;
}

/** All that are kept of a person, in the order of their ids. */
export function pageByUser(executor: Executor, userId: string, { limit, after }: Stretch): Promise<DeviceRow[]> {
  const seek = after ? sql`AND d.id > ${after[0]}` : empty;
  return executor.rows(sql`
    SELECT ${DEVICES.columns('d')} FROM devices d WHERE d.user_id = ${userId} ${seek} ORDER BY d.id LIMIT ${limit + 1}`);
}

/** Makes the device, or changes what is said of it; its signing key stays. */
export async function put(executor: Executor, facts: DeviceFacts): Promise<void> {
  const fresh = { signingKey: null, signingKeyThumbprint: null, createdAt: facts.lastSeenAt };
  await executor.run(sql`
    ${DEVICES.insert({ ...facts, ...fresh })} ON CONFLICT (user_id, id) DO UPDATE SET
      platform = EXCLUDED.platform, app_version = EXCLUDED.app_version,
      name = COALESCE(EXCLUDED.name, devices.name), last_seen_at = EXCLUDED.last_seen_at`);
}

/** The thumbprint of the key that it had before. */
export async function putKey(
  executor: Executor,
  {
    userId,
    id,
    signingKey,
    signingKeyThumbprint,
  }: Pick<DeviceRow, 'userId' | 'id' | 'signingKey' | 'signingKeyThumbprint'>,
): Promise<string | null> {
  const row = await executor.row<{ before: string | null }>(sql`
    WITH earlier AS (
      SELECT d.signing_key_thumbprint AS before FROM devices d WHERE d.user_id = ${userId} AND d.id = ${id} FOR UPDATE
    )
    UPDATE devices d SET signing_key = ${signingKey}, signing_key_thumbprint = ${signingKeyThumbprint} FROM earlier
    WHERE d.user_id = ${userId} AND d.id = ${id} RETURNING earlier.before`);
  return row?.before ?? null;
}

/** The device of this person to which pushes go by that token. */
export async function findIdByPushToken(executor: Executor, userId: string, pushToken: string): Promise<string | null> {
  const row = await executor.row<{ id: string }>(sql`
    SELECT p.device_id AS id FROM push_tokens p WHERE p.push_token = ${pushToken} AND p.user_id = ${userId}`);
  return row?.id ?? null;
}

/** Makes it the one push token of its device, and of no other device of anybody. */
export async function putPushToken(executor: Executor, row: PushTokenRow): Promise<void> {
  await executor.run(sql`
    DELETE FROM push_tokens p
    WHERE p.user_id = ${row.userId} AND p.device_id = ${row.deviceId} AND p.push_token <> ${row.pushToken}`);
  await executor.run(sql`
    ${PUSH_TOKENS.insert(row)} ON CONFLICT (push_token) DO UPDATE SET
      user_id = EXCLUDED.user_id, device_id = EXCLUDED.device_id, created_at = EXCLUDED.created_at`);
}

export async function deletePushTokens(executor: Executor, userId: string, deviceId: string): Promise<void> {
  await executor.run(sql`DELETE FROM push_tokens WHERE user_id = ${userId} AND device_id = ${deviceId}`);
}

/** Removes the push tokens of those devices that no session is left on. */
export async function silence(executor: Executor, userId: string, deviceIds: readonly string[]): Promise<void> {
  await executor.run(sql`
    DELETE FROM push_tokens p WHERE p.user_id = ${userId} AND p.device_id = ANY(${deviceIds}::uuid[])
      AND NOT EXISTS (SELECT FROM sessions s
        WHERE s.user_id = p.user_id AND s.device_id = p.device_id AND s.revoked_at IS NULL)`);
}

/** Removes the devices of a person, with their signing keys and where pushes to them go. */
export async function forgetDevices(executor: Executor, userId: string): Promise<void> {
  await executor.run(sql`DELETE FROM push_tokens WHERE user_id = ${userId}`);
  await executor.run(sql`DELETE FROM devices WHERE user_id = ${userId}`);
}

/** Removes devices not seen since then on which no session is left that lives, with their push tokens. */
export async function purge(executor: Executor, livingSince: string): Promise<void> {
  await executor.run(sql`
    WITH gone AS (
      DELETE FROM devices d WHERE d.last_seen_at < ${livingSince} AND NOT EXISTS (
        SELECT FROM sessions s WHERE s.user_id = d.user_id AND s.device_id = d.id AND ${sessionLives('s', livingSince)})
      RETURNING d.user_id, d.id
    )
    DELETE FROM push_tokens p USING gone WHERE p.user_id = gone.user_id AND p.device_id = gone.id`);
}
