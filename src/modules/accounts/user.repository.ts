import { type Accompanied, ALONE, type Along, nodeStamp } from '../../graphql/companions';
import type { MaybeViewer } from '../../kernel/viewer';
import { defineEntity } from '../../platform/cache/entity';
import type { Stamp } from '../../platform/cache/entity-copies';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { type Extent, mapTable } from '../../platform/postgres/mapping';
import { identifier, isOneOf, type Statement, sql } from '../../platform/postgres/sql';
import { knowingHidden, userIsReachable } from '../visibility';
import { UserEntity, type UserRow } from './user.entity';
import { userExtent } from './user.extent';

const USERS = mapTable<UserRow>(UserEntity, userExtent.inWholeOnly);

/** Copies of whole rows; whoever changes a row says so to its transaction. */
export const USER_COPIES = defineEntity<UserRow>('user', 'id', USERS.properties);

/** Selects a user row under an alias of `users`, as the object `under` of the row when given. */
export function userColumns(alias: string, under?: string, extent?: Extent): Statement {
  return USERS.columns(alias, under, extent);
}

/** Joins, under an alias, the person whose row the rows of another alias hold as `userColumns` selected it. */
export function joinCarried(alias: string, from: string, extent: Extent): Statement {
  return sql`CROSS JOIN LATERAL (SELECT ${USERS.restored(from, alias, extent)}) ${identifier(alias)}`;
}

/** Joins the person whose id stands in a column, under an alias: by a look-up for each row, which keeps their order. */
export function joinPerson(alias: string, id: string): Statement {
  return sql`CROSS JOIN LATERAL (SELECT * FROM users WHERE id = ${identifier(id)} OFFSET 0) ${identifier(alias)}`;
}

export function findReachable(
  executor: Executor,
  ids: readonly string[],
  viewer: MaybeViewer,
  along: Along = ALONE,
): Promise<Accompanied<UserRow>[]> {
  return executor.rows(selectReachable(userColumns('u', 'node', along.extent), ids, viewer, along));
}

function selectReachable(columns: Statement, ids: readonly string[], viewer: MaybeViewer, along: Along): Statement {
  return knowingHidden(
    viewer,
    ids.length === 1 ? 'one' : 'many',
    (known) => sql`
    SELECT ${columns} ${along.columns('u', known)} FROM users u ${along.joins('u', known)}
    WHERE ${isOneOf('u.id', ids)} AND ${userIsReachable('u', known)}`,
  );
}

/** Those whom the viewer may open, in their present versions. */
export function findReachableVersions(
  executor: Executor,
  ids: readonly string[],
  viewer: MaybeViewer,
  along: Along,
): Promise<Accompanied<Stamp>[]> {
  return executor.rows(selectReachable(nodeStamp('u'), ids, viewer, along));
}

/** Whoever they are: for people whose content has been found visible already. */
export function findAny(executor: Executor, ids: readonly string[], extent?: Extent): Promise<UserRow[]> {
  return executor.rows(
    sql`SELECT ${userColumns('u', undefined, extent)} FROM users u WHERE u.id = ANY(${ids}::uuid[])`,
  );
}

export function findReachableByHandleKeys(
  executor: Executor,
  handleKeys: readonly string[],
  viewer: MaybeViewer,
  along: Along,
): Promise<(Accompanied<UserRow> & { readonly key: string })[]> {
  return executor.rows(sql`
    SELECT ${userColumns('u', 'node', along.extent)}, h.handle_key AS key ${along.columns('u')}
    FROM user_handles h JOIN users u ON u.id = h.user_id ${along.joins('u')}
    WHERE h.handle_key = ANY(${handleKeys}::text[]) AND ${userIsReachable('u', viewer)}`);
}

/** Locks the row until the transaction ends. */
export function lockById(executor: Executor, id: string): Promise<UserRow | null> {
  return executor.row(sql`
    SELECT ${userColumns('u')} FROM users u WHERE u.id = ${id} AND u.deleted_at IS NULL FOR NO KEY UPDATE`);
}

/**
 * Locks the row against everything that anybody is doing as this person, or with them, until the transaction ends: it
 * waits for what has begun, and what comes later finds the row as it is then. Null when the account is deleted.
 */
export function lockWhole(executor: Executor, id: string): Promise<UserRow | null> {
  return executor.row(sql`
    SELECT ${userColumns('u')} FROM users u WHERE u.id = ${id} AND u.deleted_at IS NULL FOR UPDATE`);
}

/** Leaves a tombstone that says nothing of the person; its name and handle are `shown` by what was being read meanwhile. */
export async function markDeleted(
  tx: Transaction,
  id: string,
  shown: Pick<UserRow, 'name' | 'handle'>,
  now: string,
): Promise<void> {
  await tx.run(sql`
    UPDATE users SET name = ${shown.name}, handle = ${shown.handle}, bio = NULL, deleted_at = ${now}, updated_at = ${now},
      version = version + 1
    WHERE id = ${id}`);
  tx.changed(USER_COPIES.name, id);
}

export async function insert(tx: Transaction, row: UserRow): Promise<void> {
  await tx.run(USERS.insert(row));
  tx.changed(USER_COPIES.name, row.id);
}

export async function updateProfile(
  tx: Transaction,
  row: Pick<UserRow, 'id' | 'name' | 'handle' | 'bio' | 'private' | 'updatedAt'>,
): Promise<void> {
  await tx.run(sql`
    UPDATE users SET name = ${row.name}, handle = ${row.handle}, bio = ${row.bio}, private = ${row.private},
      updated_at = ${row.updatedAt}, version = version + 1
    WHERE id = ${row.id}`);
  tx.changed(USER_COPIES.name, row.id);
}

/** False when somebody has the handle already. */
export async function claimHandle(executor: Executor, handleKey: string, userId: string): Promise<boolean> {
  const claimed = await executor.run(sql`
    INSERT INTO user_handles (handle_key, user_id) VALUES (${handleKey}, ${userId})
    ON CONFLICT (handle_key) DO NOTHING`);
  return claimed === 1;
}

export async function releaseHandle(executor: Executor, handleKey: string, userId: string): Promise<void> {
  await executor.run(sql`DELETE FROM user_handles WHERE handle_key = ${handleKey} AND user_id = ${userId}`);
}

/** Keeps a handle from being taken by somebody else until then. */
export async function holdHandle(executor: Executor, handleKey: string, userId: string, until: string): Promise<void> {
  await executor.run(sql`
    UPDATE user_handles SET held_until = ${until} WHERE handle_key = ${handleKey} AND user_id = ${userId}`);
}

/** Releases the handles that were held until `before`. */
export async function releaseHeldHandles(executor: Executor, before: string): Promise<void> {
  await executor.run(sql`DELETE FROM user_handles WHERE held_until <= ${before}`);
}

/** Those of the given handle keys that somebody has. */
export async function takenHandles(executor: Executor, handleKeys: readonly string[]): Promise<Set<string>> {
  const rows = await executor.rows<{ handleKey: string }>(sql`
    SELECT handle_key AS "handleKey" FROM user_handles WHERE handle_key = ANY(${handleKeys})`);
  return new Set(rows.map((row) => row.handleKey));
}
