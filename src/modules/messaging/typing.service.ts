import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock';
import type { Viewer } from '../../kernel/viewer';
import type { Doorbell } from '../../platform/redis/doorbell';
import { typingTopic } from './messaging.changes';

/** How long somebody counts as typing after they said so. */
const TYPING_MS = 6_000;
/** Signals of one person in one conversation that come faster than this are folded into the last. */
const SIGNAL_INTERVAL_MS = 1_000;
/** Pairs of person and conversation whose last signal one process remembers. */
const REMEMBERED_MAX = 10_000;

/** Who is typing where. It is worth nothing a moment later, so it is stored nowhere: the doorbell carries it. */
export class TypingService {
  private readonly sentAt = new LRUCache<string, number>({ max: REMEMBERED_MAX });

  constructor(
    private readonly clock: Clock,
    private readonly doorbell: Doorbell,
  ) {}

  /** Tells those who follow the conversation. Whether the viewer is in it is found out by whoever would show it. */
  signal({ userId }: Viewer, conversationId: string): void {
    const key = `${userId}:${conversationId}`;
    const now = this.clock.ms();
    if (now - (this.sentAt.get(key) ?? Number.NEGATIVE_INFINITY) < SIGNAL_INTERVAL_MS) return;
    this.sentAt.set(key, now);
    const until = new Date(now + TYPING_MS).toISOString();
    this.doorbell.signal(typingTopic(conversationId), JSON.stringify({ userId, until }));
  }
}
