import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { UsedProofEntity, type UsedProofRow } from './proof.entity';

const USED = mapTable<UsedProofRow>(UsedProofEntity);

/** False when it was used before, by whichever process. */
export async function markUsed(executor: Executor, row: UsedProofRow): Promise<boolean> {
  return (await executor.run(sql`${USED.insert(row)} ON CONFLICT (id) DO NOTHING`)) === 1;
}

/** Forgets those that are refused for their age since `before`. */
export async function purgeUsed(executor: Executor, before: string): Promise<void> {
  await executor.run(sql`DELETE FROM used_proofs WHERE ends_at < ${before}`);
}
