import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { type Statement, sql } from '../../platform/postgres/sql';
import {
  IdentityEntity,
  type IdentityRow,
  IssuerSessionEntity,
  type IssuerSessionRow,
  SpentIdTokenEntity,
  type SpentIdTokenRow,
} from './identity.entity';

const IDENTITIES = mapTable<IdentityRow>(IdentityEntity);
const SPENT = mapTable<SpentIdTokenRow>(SpentIdTokenEntity);
const SESSIONS = mapTable<IssuerSessionRow>(IssuerSessionEntity);

/** What an issuer calls somebody. */
export type IssuerSubject = Pick<IdentityRow, 'issuer' | 'subject'>;

/** An identity, and whether the account that it is of is deleted. */
export interface OwnedIdentity extends IdentityRow {
  readonly ownerGone: boolean;
}

export function find(executor: Executor, subject: IssuerSubject): Promise<OwnedIdentity | null> {
  return executor.row(ofSubject(subject));
}

/** As `find`; nobody else changes it until the transaction ends. */
export function lock(executor: Executor, subject: IssuerSubject): Promise<OwnedIdentity | null> {
  return executor.row(sql`${ofSubject(subject)} FOR UPDATE OF i`);
}

function ofSubject({ issuer, subject }: IssuerSubject): Statement {
  return sql`
    SELECT ${IDENTITIES.columns('i')}, u.deleted_at IS NOT NULL AS "ownerGone"
    FROM identities i JOIN users u ON u.id = i.user_id
    WHERE i.issuer = ${issuer} AND i.subject = ${subject}`;
}

/** False when the subject has an account already; waits for a transaction that is giving it one. */
export async function claim(executor: Executor, row: IdentityRow): Promise<boolean> {
  return (await executor.run(sql`${IDENTITIES.insert(row)} ON CONFLICT (issuer, subject) DO NOTHING`)) === 1;
}

/** Locks the identity too, until the transaction ends. False when it was given up a moment ago. */
export async function markSignedIn(
  executor: Executor,
  { issuer, subject }: IssuerSubject,
  userId: string,
  at: string,
): Promise<boolean> {
  const marked = await executor.run(sql`
    UPDATE identities SET signed_in_at = ${at}
    WHERE issuer = ${issuer} AND subject = ${subject} AND user_id = ${userId}`);
  return marked === 1;
}

/** Of these people at these issuers, oldest first. */
export function findByUserIds(
  executor: Executor,
  userIds: readonly string[],
  issuers: readonly string[],
): Promise<IdentityRow[]> {
  return executor.rows(sql`
    SELECT ${IDENTITIES.columns('i')} FROM identities i
    WHERE i.user_id = ANY(${userIds}::uuid[]) AND i.issuer = ANY(${issuers}::text[])
    ORDER BY i.linked_at, i.id`);
}

/** Of this person at whichever issuers, oldest first. */
export function listOfUser(executor: Executor, userId: string): Promise<IdentityRow[]> {
  return executor.rows(sql`
    SELECT ${IDENTITIES.columns('i')} FROM identities i WHERE i.user_id = ${userId} ORDER BY i.linked_at, i.id`);
}

export function remove(executor: Executor, userId: string, id: string): Promise<IdentityRow | null> {
  return executor.row(sql`
    DELETE FROM identities i WHERE i.user_id = ${userId} AND i.id = ${id} RETURNING ${IDENTITIES.columns('i')}`);
}

export function removeAll(executor: Executor, userId: string): Promise<IdentityRow[]> {
  return executor.rows(sql`DELETE FROM identities i WHERE i.user_id = ${userId} RETURNING ${IDENTITIES.columns('i')}`);
}

/** Whose account has this e-mail address; null when nobody's has. `emailKey` is the address in lower case. */
export async function ownerOfEmail(executor: Executor, emailKey: string): Promise<string | null> {
  const row = await executor.row<{ userId: string }>(sql`
    SELECT user_id AS "userId" FROM credential_emails WHERE email_key = ${emailKey}`);
  return row?.userId ?? null;
}

/** False when the token was used before; waits for a transaction that is using it. */
export async function spend(executor: Executor, row: SpentIdTokenRow): Promise<boolean> {
  return (await executor.run(sql`${SPENT.insert(row)} ON CONFLICT (token_hash) DO NOTHING`)) === 1;
}

/** Locks it until the transaction ends. */
export function lockSpent(executor: Executor, tokenHash: string): Promise<SpentIdTokenRow | null> {
  return executor.row(sql`
    SELECT ${SPENT.columns('s')} FROM spent_id_tokens s WHERE s.token_hash = ${tokenHash} FOR UPDATE`);
}

/** Keeps what the token was used for. */
export async function keepUse(
  executor: Executor,
  use: Pick<SpentIdTokenRow, 'tokenHash' | 'userId' | 'sessionId'>,
): Promise<void> {
  await executor.run(sql`
    UPDATE spent_id_tokens SET user_id = ${use.userId}, session_id = ${use.sessionId}
    WHERE token_hash = ${use.tokenHash}`);
}

export function findSession(
  executor: Executor,
  { issuer, subject, issuerSession }: Omit<IssuerSessionRow, 'sessionId' | 'seenAt'>,
): Promise<IssuerSessionRow | null> {
  return executor.row(sql`
    SELECT ${SESSIONS.columns('s')} FROM issuer_sessions s
    WHERE s.issuer = ${issuer} AND s.subject = ${subject} AND s.issuer_session = ${issuerSession}`);
}

export async function insertSession(executor: Executor, row: IssuerSessionRow): Promise<void> {
  await executor.run(SESSIONS.insert(row));
}

export async function updateSession(executor: Executor, row: IssuerSessionRow): Promise<void> {
  await executor.run(sql`
    UPDATE issuer_sessions SET session_id = ${row.sessionId}, seen_at = ${row.seenAt}
    WHERE issuer = ${row.issuer} AND subject = ${row.subject} AND issuer_session = ${row.issuerSession}`);
}

/** Removes the sessions of an identity from here; answers which they were. */
export async function removeSessions(executor: Executor, { issuer, subject }: IssuerSubject): Promise<string[]> {
  const rows = await executor.rows<{ sessionId: string }>(sql`
    DELETE FROM issuer_sessions WHERE issuer = ${issuer} AND subject = ${subject}
    RETURNING session_id AS "sessionId"`);
  return rows.map((row) => row.sessionId);
}

export async function purge(executor: Executor, tokensBefore: string, sessionsBefore: string): Promise<void> {
  await executor.run(sql`DELETE FROM spent_id_tokens WHERE expires_at < ${tokensBefore}`);
  await executor.run(sql`DELETE FROM issuer_sessions WHERE seen_at < ${sessionsBefore}`);
}
