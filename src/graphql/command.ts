import { refuse, type UserError, UserErrors } from '../kernel/errors';
import type { Viewer } from '../kernel/viewer';
import type { ChangeLog } from '../platform/changelog/change-log';
import type { Transaction } from '../platform/postgres/database';
import { claimIdempotencyKey, storeIdempotentResult, type WriteResult } from '../platform/postgres/idempotency';
import { type RequestContext, requireViewer } from './context';
import { type StreamCursors, streamPosition } from './stream-cursor';

export interface CommandInput {
  readonly clientMutationId?: string | null;
}

export interface Command<Result extends WriteResult, Answer extends object> {
  /** The mutation's name; an idempotency key belongs to one. */
  readonly name: string;
  /** It may also be sent in a session that has ended, e.g. since it ended it. */
  readonly endedSession?: boolean;
  /** It has to be signed word for word, by somebody who has just shown who they are. */
  readonly critical?: boolean;
  /** Runs before the transaction, for replays too. Ends the command by throwing UserErrors. */
  readonly before?: (viewer: Viewer) => Promise<void>;
  /** Decides and writes. Ends the command by throwing UserErrors; everything it wrote is then rolled back. */
  readonly execute: (tx: Transaction, viewer: Viewer) => Promise<Result>;
  /** Reads what the payload shows, after the commit and under the viewer's rights; runs for replays too. */
  readonly answer: (result: Result) => Answer | Promise<Answer>;
}

export interface Payload {
  readonly clientMutationId: string | null;
  readonly userErrors: readonly UserError[];
  readonly replayed: boolean;
  /** The place of the write in the viewer's change log. */
  readonly cursor?: () => Promise<string | null>;
}

/** Where a stored result says how far its write took the viewer's change log. */
const SEQ = 'changeSeq';

function seqOf(result: WriteResult): number | null {
  const seq = result[SEQ];
  return typeof seq === 'number' ? seq : null;
}

const KEY_MAX = 64;
const KEY = /^[\x21-\x7e]+$/;

/** Refuses the writes of a viewer whose session has ended, inside the write's transaction. */
export type SessionGuard = (tx: Transaction, viewer: Viewer) => Promise<void>;

/**
 * Refuses critical operations that are not signed, or not by somebody who has just shown who they are.
 * `endedSession`: their session may have ended since.
 */
export type CriticalGuard = (context: RequestContext, viewer: Viewer, endedSession: boolean) => Promise<void>;

/**
 * Runs the commands of mutations: session check, idempotency key, effect and stored result in one transaction, the
 * answer read after it. Expected failures become `userErrors`.
 */
export class Commands {
  constructor(
    private readonly guardSession: SessionGuard,
    private readonly now: () => string,
    private readonly changes: ChangeLog,
    private readonly cursors: StreamCursors,
    private readonly guardCritical: CriticalGuard,
  ) {}

  async run<Result extends WriteResult, Answer extends object>(
    context: RequestContext,
    input: CommandInput,
    command: Command<Result, Answer>,
  ): Promise<Payload> {
    const viewer = requireViewer(context);
    return answering(input, async () => {
      const key = readKey(input);
      // Before it is looked for an earlier answer: that, too, is for whoever can sign only.
      if (command.critical) await this.guardCritical(context, viewer, command.endedSession ?? false);
      await command.before?.(viewer);
      const outcome = await context.db.transaction(async (tx) => {
        if (key === null) {
          const result = await this.guarded(tx, viewer, command, () => command.execute(tx, viewer));
          return { result, seq: () => this.changes.lastSeq(tx, viewer.userId), replayed: false };
        }
        const { clientMutationId: _, ...rest } = input;
        const claim = { viewerId: viewer.userId, key, operation: command.name, input: rest, now: this.now() };
        const earlier = await this.guarded(tx, viewer, command, () => claimIdempotencyKey(tx, claim));
        if (earlier) return { result: earlier as Result, seq: () => seqOf(earlier), replayed: true };
        const result = await command.execute(tx, viewer);
        const seq = await this.changes.write(tx, viewer.userId);
        storeIdempotentResult(tx, claim, { ...result, [SEQ]: seq });
        return { result, seq: () => seq, replayed: false };
      });
      await context.renew();
      const { replayed, seq, result } = outcome;
      return { replayed, cursor: () => this.cursorOf(context, viewer, seq()), ...(await command.answer(result)) };
    });
  }

  /**
   * What `work` answers, if the viewer's session may write: asked at once, the session is looked at along with the first
   * that `work` reads. What it says of the session comes before all that `work` says.
   */
  private async guarded<Result>(
    tx: Transaction,
    viewer: Viewer,
    { endedSession }: { readonly endedSession?: boolean },
    work: () => Promise<Result>,
  ): Promise<Result> {
    if (endedSession) return work();
    const guarding = this.guardSession(tx, viewer);
    const [guarded, done] = await Promise.allSettled([guarding, (async () => work())()]);
    if (guarded.status === 'rejected') throw guarded.reason;
    if (done.status === 'rejected') throw done.reason;
    return done.value;
  }

  /** Read only where it is asked for. */
  private async cursorOf({ loaders }: RequestContext, { userId }: Viewer, seq: number | null): Promise<string | null> {
    if (seq === null) return null;
    const { epoch } = await loaders.load(streamPosition, userId);
    return this.cursors.encode(userId, { epoch, seq });
  }
}

/** The payload around what `work` answers, or around the expected failures that it throws. */
export async function answering(
  input: CommandInput,
  work: () => Promise<{ readonly replayed: boolean }>,
): Promise<Payload> {
  const clientMutationId = input.clientMutationId ?? null;
  try {
    return { clientMutationId, userErrors: [], ...(await work()) };
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    return { clientMutationId, userErrors: error.errors, replayed: false };
  }
}

/** The idempotency key of an input, or null. @throws UserErrors INVALID when it is not one. */
export function readKey({ clientMutationId: key }: CommandInput): string | null {
  if (key == null) return null;
  if (key.length > KEY_MAX || !KEY.test(key)) {
    refuse('INVALID', `Use 1 to ${KEY_MAX} printable ASCII characters without spaces, such as a UUID.`, [
      'input',
      'clientMutationId',
    ]);
  }
  return key;
}
