import type { Executor, Transaction } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { AccountPurgeEntity, type AccountPurgeRow } from './account-purge.entity';

const PURGES = mapTable<AccountPurgeRow>(AccountPurgeEntity);

export async function insert(executor: Executor, row: AccountPurgeRow): Promise<void> {
  await executor.run(PURGES.insert(row));
}

/** Locks it until the transaction ends, so that a job that runs twice takes turns with itself. Null when it is done. */
export function lock(tx: Transaction, userId: string): Promise<AccountPurgeRow | null> {
  return tx.row(sql`SELECT ${PURGES.columns('p')} FROM account_purges p WHERE p.user_id = ${userId} FOR UPDATE`);
}

export async function passConversation(tx: Transaction, userId: string, conversationId: string): Promise<void> {
  await tx.run(sql`UPDATE account_purges SET conversation_id = ${conversationId} WHERE user_id = ${userId}`);
}

export async function remove(tx: Transaction, userId: string): Promise<void> {
  await tx.run(sql`DELETE FROM account_purges WHERE user_id = ${userId}`);
}
