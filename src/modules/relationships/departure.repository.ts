import type { Transaction } from '../../platform/postgres/database';
import { sql } from '../../platform/postgres/sql';
import type { FollowState } from './relationship.entity';

/** Somebody with whom a person who leaves has something to do; `knows`: they keep a copy of that person. */
export interface Acquaintance {
  readonly id: string;
  readonly knows: boolean;
}

/** The next people whom this one follows, blocks or mutes, or who do so, by whatever the tables begin with. */
export async function findAcquaintances(tx: Transaction, userId: string, limit: number): Promise<Acquaintance[]> {
  return tx.rows(sql`
    SELECT id, bool_or(knows) AS knows FROM (
      (SELECT followee_id AS id, TRUE AS knows FROM follows WHERE follower_id = ${userId} LIMIT ${limit})
      UNION ALL (SELECT follower_id, TRUE FROM follows WHERE followee_id = ${userId} LIMIT ${limit})
      UNION ALL (SELECT blocked_id, FALSE FROM blocks WHERE blocker_id = ${userId} LIMIT ${limit})
      UNION ALL (SELECT blocker_id, TRUE FROM blocks WHERE blocked_id = ${userId} LIMIT ${limit})
      UNION ALL (SELECT muted_id, FALSE FROM mutes WHERE muter_id = ${userId} LIMIT ${limit})
      UNION ALL (SELECT muter_id, TRUE FROM mutes WHERE muted_id = ${userId} LIMIT ${limit})
    ) other GROUP BY id ORDER BY id LIMIT ${limit}`);
}

/** Locks the counters of these people in the order in which pairs are locked. */
export async function lockCounters(tx: Transaction, userIds: readonly string[]): Promise<void> {
  const sorted = [...userIds].sort();
  await tx.run(sql`
    INSERT INTO relationship_counters (user_id) SELECT unnest(${sorted}::uuid[]) ON CONFLICT (user_id) DO NOTHING`);
  await tx.run(sql`
    SELECT FROM relationship_counters WHERE user_id = ANY(${sorted}::uuid[]) ORDER BY user_id FOR UPDATE`);
}

interface Ended {
  readonly otherId: string;
  readonly state: FollowState;
}

/**
 * Ends what stands between a person and these others, either way, and moves the counters of all of them.
 * @returns who of them was an accepted follower.
 */
export async function part(tx: Transaction, userId: string, otherIds: readonly string[]): Promise<string[]> {
  const followed = await tx.rows<Ended>(sql`
    DELETE FROM follows WHERE follower_id = ${userId} AND followee_id = ANY(${otherIds}::uuid[])
    RETURNING followee_id AS "otherId", state`);
  const followers = await tx.rows<Ended>(sql`
    DELETE FROM follows WHERE followee_id = ${userId} AND follower_id = ANY(${otherIds}::uuid[])
    RETURNING follower_id AS "otherId", state`);
  const [unfollowed, lost] = [accepted(followed), accepted(followers)];
  await tx.run(sql`
    UPDATE relationship_counters SET
      followers = followers - CASE WHEN user_id = ${userId} THEN ${lost.length}::integer
        WHEN user_id = ANY(${unfollowed}::uuid[]) THEN 1 ELSE 0 END,
      following = following - CASE WHEN user_id = ${userId} THEN ${unfollowed.length}::integer
        WHEN user_id = ANY(${lost}::uuid[]) THEN 1 ELSE 0 END
    WHERE user_id = ${userId} OR user_id = ANY(${[...unfollowed, ...lost]}::uuid[])`);
  await tx.run(sql`
    DELETE FROM blocks WHERE blocker_id = ${userId} AND blocked_id = ANY(${otherIds}::uuid[])
      OR blocked_id = ${userId} AND blocker_id = ANY(${otherIds}::uuid[])`);
  await tx.run(sql`
    DELETE FROM mutes WHERE muter_id = ${userId} AND muted_id = ANY(${otherIds}::uuid[])
      OR muted_id = ${userId} AND muter_id = ANY(${otherIds}::uuid[])`);
  return lost;
}

function accepted(ended: readonly Ended[]): string[] {
  return ended.filter(({ state }) => state === 'accepted').map(({ otherId }) => otherId);
}

/** Of somebody with whom nobody has anything to do any more. */
export async function dropCounters(tx: Transaction, userId: string): Promise<void> {
  await tx.run(sql`DELETE FROM relationship_counters WHERE user_id = ${userId}`);
}
