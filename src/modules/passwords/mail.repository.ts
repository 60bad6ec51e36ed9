import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { MailEntity, type MailKind, type MailRow } from './mail.entity';

const MAILS = mapTable<MailRow>(MailEntity);

export async function insert(executor: Executor, row: MailRow): Promise<void> {
  await executor.run(MAILS.insert(row));
}

export function findById(executor: Executor, id: string): Promise<MailRow | null> {
  return executor.row(sql`SELECT ${MAILS.columns('m')} FROM mails m WHERE m.id = ${id}`);
}

/** The mail whose link holds a token, also one that is worth nothing any more. */
export function findByToken(executor: Executor, tokenHash: string): Promise<MailRow | null> {
  return executor.row(sql`SELECT ${MAILS.columns('m')} FROM mails m WHERE m.token_hash = ${tokenHash}`);
}

/** Uses up the link of a mail: true for one of those who do so at once, and for nobody after its end. */
export async function use(executor: Executor, id: string, now: string): Promise<boolean> {
  const used = await executor.run(
    sql`UPDATE mails SET used_at = ${now} WHERE id = ${id} AND used_at IS NULL AND expires_at > ${now}`,
  );
  return used === 1;
}

/** Makes all links of these kinds worthless that the account has been sent. */
export async function voidLinks(
  executor: Executor,
  userId: string,
  kinds: readonly MailKind[],
  now: string,
): Promise<void> {
  await executor.run(sql`
    UPDATE mails SET used_at = ${now}
    WHERE user_id = ${userId} AND kind = ANY(${kinds}) AND used_at IS NULL AND token_hash IS NOT NULL`);
}

export async function markSent(executor: Executor, id: string, now: string): Promise<void> {
  await executor.run(sql`UPDATE mails SET sent_at = ${now} WHERE id = ${id}`);
}

/** Removes the mails of an account, those that wait too. */
export async function forgetMails(executor: Executor, userId: string): Promise<void> {
  await executor.run(sql`DELETE FROM mails WHERE user_id = ${userId}`);
}

/** Removes the mails whose time was over before `before`. */
export async function purge(executor: Executor, before: string): Promise<void> {
  await executor.run(sql`DELETE FROM mails WHERE expires_at < ${before}`);
}
