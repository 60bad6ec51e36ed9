import { type RequestContext, requireViewer } from '../../graphql/context';
import type { LiveSource } from '../../graphql/live';
import { readId } from '../../graphql/nodes';
import type { Clock } from '../../kernel/clock';
import type { Doorbell } from '../../platform/redis/doorbell';
import { openRoom } from './message.live';
import { CONVERSATION_PREFIX, typingTopic } from './messaging.changes';
import type { Rooms } from './rooms';

/** That somebody is typing, and until when unless they say it again. */
export interface TypingSignal {
  readonly userId: string;
  readonly until: string;
}

export interface TypingArgs {
  readonly conversationId: string;
}

export interface TypingStreamDeps {
  readonly rooms: Rooms;
  readonly doorbell: Doorbell;
  readonly clock: Clock;
}

/** People whose signals wait for a slow client at most; each waits once, with what was said last. */
const WAITING_MAX = 250;

/**
 * Who is typing in a conversation, for as long as it is there for the viewer. Signals of people whom the viewer does
 * not meet there are dropped, and so are those that nobody has taken in time.
 * @throws Fault NOT_FOUND when the viewer may not see the conversation.
 */
export async function openTypingStream(
  { rooms, doorbell, clock }: TypingStreamDeps,
  args: TypingArgs,
  context: RequestContext,
): Promise<LiveSource<TypingSignal>> {
  const viewer = requireViewer(context);
  const conversationId = readId(CONVERSATION_PREFIX, args.conversationId);
  const waiting = new Map<string, TypingSignal>();
  let wake = () => {};
  let ended = false;
  const close = () => {
    ended = true;
    unlisten();
    watch.close();
    wake();
  };
  let unlisten = () => {};
  const watch = await openRoom(rooms, conversationId, viewer, () => close());
  const isHeard = ({ userId }: TypingSignal) => watch.current()?.hears(viewer.userId, userId) === true;
  unlisten = doorbell.listen(typingTopic(conversationId), (text) => {
    const signal = readSignal(text);
    if (!signal || (!watch.settling() && !isHeard(signal))) return;
    if (waiting.size >= WAITING_MAX && !waiting.has(signal.userId)) return;
    waiting.set(signal.userId, signal);
    wake();
  });
  return {
    async next() {
      while (waiting.size === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      // Who left before they typed has rung before: the read that this ring asked for decides, not the one before it.
      for (let settling = watch.settling(); settling && !ended; settling = watch.settling()) await settling;
      const signals = [...waiting.values()];
      waiting.clear();
      return ended ? null : signals;
    },
    admit: async (_context, signals) => signals.filter((signal) => signal.until > clock.now() && isHeard(signal)),
    close,
  };
}

/** What came over the doorbell, which is open to whatever is there; null for anything but a signal. */
function readSignal(text: string | undefined): TypingSignal | null {
  if (text === undefined) return null;
  try {
    const { userId, until } = JSON.parse(text) as Partial<TypingSignal>;
    return typeof userId === 'string' && typeof until === 'string' ? { userId, until } : null;
  } catch {
    return null;
  }
}
