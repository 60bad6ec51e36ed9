import { canonicalJson } from '../../kernel/canonical-json';
import { sha256 } from '../../kernel/digest';
import { refuse } from '../../kernel/errors';
import type { Executor, Transaction } from './database';
import { sql } from './sql';

/** What names one write for good: who asks, the key that the app chose, and what is asked. */
export interface IdempotencyClaim {
  readonly viewerId: string;
  readonly key: string;
  readonly operation: string;
  readonly input: object;
  /** RFC 3339. */
  readonly now: string;
}

/** References to what a write made, enough to answer it again. Never a rendered answer: rights may have changed. */
export type WriteResult = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Claims a key inside the write's own transaction, so that key and effect stand or fall together. A second claim of
 * the same key waits for the first transaction: if that commits, its result comes back and the write must not run
 * again; if it rolls back, the second becomes the first.
 * @throws UserErrors DUPLICATE_KEY_MISMATCH when the key was used for another input.
 */
export async function claimIdempotencyKey(tx: Transaction, claim: IdempotencyClaim): Promise<WriteResult | null> {
  const hash = hashInput(claim.input);
  const claimed = await tx.run(sql`
    INSERT INTO idempotency_keys (viewer_id, key, operation, input_hash, created_at)
    VALUES (${claim.viewerId}, ${claim.key}, ${claim.operation}, ${hash}, ${claim.now})
    ON CONFLICT (viewer_id, key) DO NOTHING`);
  return claimed === 1 ? null : findIdempotentResult(tx, claim);
}

/** The result stored under a key, or null when the key is unused. @throws UserErrors as `claimIdempotencyKey`. */
export async function findIdempotentResult(
  executor: Executor,
  claim: Pick<IdempotencyClaim, 'viewerId' | 'key' | 'operation' | 'input'>,
): Promise<WriteResult | null> {
  const earlier = await executor.row<{ operation: string; inputHash: string; result: WriteResult }>(sql`
    SELECT operation, input_hash AS "inputHash", result FROM idempotency_keys
    WHERE viewer_id = ${claim.viewerId} AND key = ${claim.key}`);
  if (!earlier) return null;
  if (earlier.operation !== claim.operation || earlier.inputHash !== hashInput(claim.input)) {
    refuse('DUPLICATE_KEY_MISMATCH', 'This clientMutationId was used for another write. Make a new one for this one.', [
      'input',
      'clientMutationId',
    ]);
  }
  return earlier.result;
}

/** Keeps what the claimed write made, along with the commit; same transaction as the claim. */
export function storeIdempotentResult(
  tx: Transaction,
  claim: Pick<IdempotencyClaim, 'viewerId' | 'key'>,
  result: WriteResult,
): void {
  tx.send(sql`
    UPDATE idempotency_keys SET result = ${JSON.stringify(result)}
    WHERE viewer_id = ${claim.viewerId} AND key = ${claim.key}`);
}

/** Forgets keys older than `before` (RFC 3339); returns how many. */
export async function purgeIdempotencyKeys(executor: Executor, before: string): Promise<number> {
  return executor.run(sql`DELETE FROM idempotency_keys WHERE created_at < ${before}`);
}

/** SHA-256 over the input with its keys in order; absent and undefined fields are the same. */
function hashInput(input: object): string {
  return sha256(canonicalJson(input));
}
