import { type RequestContext, requireViewer } from '../../graphql/context';
import type { LiveSource } from '../../graphql/live';
import { liveLog } from '../../graphql/live-log';
import { readId } from '../../graphql/nodes';
import { BadInput, Fault } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import { type HubOptions, LogHub } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import * as conversations from './conversation.repository';
import type { MessageAdmissions } from './message.admission';
import type { MessageRow } from './message.entity';
import type { MessageLists } from './message.reader';
import * as messages from './message.repository';
import { CONVERSATION_PREFIX, messagesTopic } from './messaging.changes';
import type { Rooms, RoomWatch } from './rooms';

export interface MessageStreamDeps {
  readonly hub: LogHub<MessageRow>;
  readonly rooms: Rooms;
  readonly lists: MessageLists;
  readonly admissions: MessageAdmissions;
}

export interface MessageAddedArgs {
  readonly conversationId: string;
  readonly after?: string | null;
}

/** The columns of a message beside its text, as objects in memory. */
const ROW_BYTES = 600;

/** Follows the messages of every conversation that somebody in this process watches. */
export function createMessageHub(database: Database, options: HubOptions): LogHub<MessageRow> {
  return new LogHub<MessageRow>(
    {
      topic: messagesTopic,
      heads: (ids) => conversations.findLastSeqs(database, ids),
      read: (places, limit) => messages.readConversations(database, places, limit),
      streamOf: ({ conversationId }) => conversationId,
      sizeOf: ({ text }) => ROW_BYTES + 2 * text.length,
    },
    options,
  );
}

/**
 * The messages of one conversation behind a cursor, then each new one, in `seq` order: the cursors are those of
 * `Conversation.messages`. Ends when the conversation is not there for the viewer any more.
 * @throws Fault NOT_FOUND when the viewer may not see the conversation, BadInput for a cursor of another list.
 */
export async function openMessageStream(
  { hub, rooms, lists, admissions }: MessageStreamDeps,
  args: MessageAddedArgs,
  context: RequestContext,
): Promise<LiveSource<MessageRow>> {
  const viewer = requireViewer(context);
  const conversationId = readId(CONVERSATION_PREFIX, args.conversationId);
  let end = () => {};
  const watch = await openRoom(rooms, conversationId, viewer, () => end());
  try {
    const newest = (await conversations.findLastSeqs(context.db, [conversationId])).get(conversationId) ?? 0;
    const asked = args.after == null ? newest : lists.seqOf(conversationId, args.after);
    if (asked > newest) throw new BadInput('No message of this conversation has this cursor any more. Leave it out.');
    // What was sent before the viewer came need not be read to be left out.
    const after = Math.max(asked, await messages.findFloor(context.db, viewer, conversationId));
    const source = liveLog(hub.follow(conversationId, after), {
      admit: (_viewer, added) => admissions.admit(viewer.userId, added),
      cursorOf: (message) => lists.edge(message).cursor,
    });
    const close = () => {
      watch.close();
      source.close();
    };
    end = close;
    // It may have happened while the rest was read.
    if (hasLost(watch, viewer)) close();
    return { ...source, close };
  } catch (error) {
    watch.close();
    throw error;
  }
}

/**
 * Watches who is in a conversation on behalf of a viewer who is in it.
 * @param onLost called when the conversation is not there for the viewer any more.
 * @throws Fault NOT_FOUND when it is not there to begin with.
 */
export async function openRoom(
  rooms: Rooms,
  conversationId: string,
  viewer: Viewer,
  onLost: () => void,
): Promise<RoomWatch> {
  let opened = false;
  const watch = rooms.watch(conversationId, () => {
    if (opened && hasLost(watch, viewer)) onLost();
  });
  try {
    const room = await watch.ready();
    if (!room.isOpenTo(viewer.userId)) throw new Fault('NOT_FOUND', 'There is no such conversation.');
    opened = true;
    return watch;
  } catch (error) {
    watch.close();
    throw error;
  }
}

function hasLost(watch: RoomWatch, { userId }: Viewer): boolean {
  return watch.current()?.isOpenTo(userId) === false;
}
