import type { Executor } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { sql } from '../../platform/postgres/sql';
import { ChallengeEntity, type ChallengeRow } from './challenge.entity';

const CHALLENGES = mapTable<ChallengeRow>(ChallengeEntity);

export async function insert(executor: Executor, row: ChallengeRow): Promise<void> {
  await executor.run(CHALLENGES.insert(row));
}

/** Removes a challenge and answers it: of any number of takers at once, one gets it. */
export function take(executor: Executor, challengeHash: string): Promise<ChallengeRow | null> {
  return executor.row(sql`
    DELETE FROM passkey_challenges AS c WHERE c.challenge_hash = ${challengeHash} RETURNING ${CHALLENGES.columns('c')}`);
}

export async function purge(executor: Executor, before: string): Promise<void> {
  await executor.run(sql`DELETE FROM passkey_challenges WHERE expires_at < ${before}`);
}
