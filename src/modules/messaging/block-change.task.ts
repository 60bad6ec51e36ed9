import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { PairChanged } from '../relationships';
import { findSentTo, findShared } from './block-change.repository';
import { conversationChanges, membersTopic, messageChanges } from './messaging.changes';

const CONVERSATIONS_AT_ONCE = 100;
/** Beyond this many messages of one person in one group, an app is told of the group alone and reads its list again. */
const MESSAGES_TOLD_MAX = 500;

/**
 * Task: tells both people that the conversations they share look different now, and what the other wrote in groups, and
 * has every process look again at who meets whom there. Each change stands in a log once per event, so it may run again.
 */
export function tellOfBlocks(database: Database, changes: ChangeLog, doorbell: Doorbell): Task {
  return async (payload) => {
    const { viewerId, otherId, eventId } = payload as PairChanged;
    await tellReader({ readerId: viewerId, otherId }, eventId);
    await tellReader({ readerId: otherId, otherId: viewerId }, eventId);
  };

  async function tellReader(pair: { readerId: string; otherId: string }, eventId: string): Promise<void> {
    let after: string | null = null;
    for (;;) {
      const shared = await findShared(database, pair, after, CONVERSATIONS_AT_ONCE);
      for (const conversation of shared) {
        const told = conversationChanges(conversation, [pair.readerId]);
        if (conversation.kind === 'group') {
          const sent = await findSentTo(database, pair, conversation.id, MESSAGES_TOLD_MAX + 1);
          if (sent.length <= MESSAGES_TOLD_MAX) {
            told.push(...sent.flatMap((message) => messageChanges(message, [pair.readerId])));
          }
        }
        await changes.appendOnce(database, eventId, told);
      }
      doorbell.ring(...shared.map(({ id }) => membersTopic(id)));
      if (shared.length < CONVERSATIONS_AT_ONCE) return;
      after = shared.at(-1)?.id ?? null;
    }
  }
}
