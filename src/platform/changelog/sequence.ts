import type { Executor } from '../postgres/database';
import type { Statement } from '../postgres/sql';
import { sql } from '../postgres/sql';

/** The row that hands out numbers: one per stream, e.g. one comment thread. */
export interface SequenceRow {
  readonly table: Statement;
  /** The primary-key column that names the stream. */
  readonly key: Statement;
  /** The integer column that holds the last number given. */
  readonly last: Statement;
}

/**
 * Takes the next number of a stream, making the stream's row when there is none. The row stays locked until the
 * transaction ends, so numbers are gapless and become visible in order: whoever has read up to n misses nothing by
 * asking for what is above n. Take it as late in the transaction as possible; writers of one stream queue behind it.
 */
export async function takeSeq(tx: Executor, row: SequenceRow, streamId: string): Promise<number> {
  const taken = await tx.row<{ seq: number }>(sql`
    INSERT INTO ${row.table} AS stream (${row.key}, ${row.last}) VALUES (${streamId}, 1)
    ON CONFLICT (${row.key}) DO UPDATE SET ${row.last} = stream.${row.last} + 1
    RETURNING ${row.last} AS seq`);
  if (!taken) throw new Error('the sequence row did not answer');
  return taken.seq;
}
