import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import type { CursorCodec } from '../kernel/cursor';
import { EPOCH } from '../platform/changelog/epoch';
import type { Executor } from '../platform/postgres/database';
import { sql } from '../platform/postgres/sql';
import { defineLoader } from './loader-scope';

/** A place in a viewer's change log, and the history that its number belongs to. */
export interface StreamPosition {
  readonly epoch: string;
  readonly seq: number;
}

/** Writes and reads the cursors of viewers' change logs. One cursor serves `sync`, `stream` and `Last-Event-ID`. */
export class StreamCursors {
  constructor(private readonly codec: CursorCodec) {}

  encode(viewerId: string, { epoch, seq }: StreamPosition): string {
    return this.codec.encode(logOf(viewerId), [epoch, seq]);
  }

  /** Null when this is no cursor of this viewer's log. */
  decode(viewerId: string, cursor: string): StreamPosition | null {
    try {
      const [epoch, seq] = this.codec.decode(logOf(viewerId), cursor);
      return { epoch: String(epoch), seq: Number(seq) };
    } catch {
      return null;
    }
  }
}

/**
 * How far the log of a viewer goes. Read in an operation before anything else, it is a place from which nothing is
 * missed: what changed before it is in the answer, what changes after it is behind it.
 */
export const streamPosition = defineLoader<string, StreamPosition>({
  batch: ({ db }, viewerIds) => Promise.all(viewerIds.map((viewerId) => readPosition(db, viewerId))),
});

/** How far a viewer's log goes, and in which history. */
export async function readPosition(executor: Executor, viewerId: string): Promise<StreamPosition> {
  const row = await executor.row<StreamPosition>(sql`
    SELECT ${EPOCH} AS epoch,
      COALESCE((SELECT last_seq FROM change_streams WHERE viewer_id = ${viewerId}), 0) AS seq`);
  if (!row) throw new Error('a position did not come');
  return row;
}

function logOf(viewerId: string): string {
  return `stream:${viewerId}`;
}

/** Longer than any cursor of ours. */
const LENGTH_MAX = 512;

export const CursorScalar = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description:
    'A place in your change log, opaque. The same value works for Viewer.sync(after:), Subscription.stream(after:) and, over an event stream, Last-Event-ID.',
  serialize: readCursor,
  parseValue: readCursor,
  parseLiteral: (node) => readCursor(node.kind === Kind.STRING ? node.value : undefined),
});

function readCursor(value: unknown): string {
  if (typeof value === 'string' && value.length <= LENGTH_MAX) return value;
  throw new GraphQLError('A Cursor is a string that this service has answered.');
}
