import type { Statement } from '../postgres/sql';
import { sql } from '../postgres/sql';

/** The row that hands out numbers: one per stream, e.g. one comment thread. */
export interface SequenceRow {
  readonly table: Statement;
  /** The primary-key column that names the stream. */
  readonly key: Statement;
  /** The integer column that holds the last number given. */
  readonly last: Statement;
  /** The integer column that counts what stands in the stream. */
  readonly count: Statement;
}

/**
 * The statement that takes the next number of a stream, as its only column `seq`, and counts one more; it makes the
 * stream's row when there is none. The row stays locked until the transaction ends, so numbers are gapless and become
 * visible in order: whoever has read up to n misses nothing by asking for what is above n. Take it as late in the
 * transaction as possible; writers of one stream queue behind it.
 */
export function takeSeq({ table, key, last, count }: SequenceRow, streamId: string): Statement {
  return sql`
    INSERT INTO ${table} AS stream (${key}, ${last}, ${count}) VALUES (${streamId}, 1, 1)
    ON CONFLICT (${key}) DO UPDATE SET ${last} = stream.${last} + 1, ${count} = stream.${count} + 1
    RETURNING ${last} AS seq`;
}
