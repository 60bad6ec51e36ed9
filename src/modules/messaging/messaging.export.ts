import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { type ExportSource, inPages, type Stretch, shownAs } from '../../platform/export/export-source';
import type { Executor } from '../../platform/postgres/database';
import { namedPerson, USER_PREFIX } from '../accounts';
import * as own from './export.repository';
import { type Participant, pageParticipants } from './member.repository';
import { type ListedMessage, pageByConversations } from './message.repository';
import { CONVERSATION_PREFIX, MESSAGE_PREFIX } from './messaging.changes';

/**
 * Conversations as their member sees them now: what was said while they were in it, by people who are not hidden from
 * them. Of conversations that are over for them there is what they said themselves, and nothing of anybody else.
 */
export const exportsOfMessaging: readonly ExportSource[] = [
  {
    name: 'conversations',
    about: 'The conversations that you are in.',
    pages: (executor, viewer) => shownAs(conversationsOf(executor, viewer), showConversation),
  },
  {
    name: 'conversation-participants',
    about: 'Who is in them; `conversation` is the id of the conversation.',
    pages: (executor, viewer) =>
      shownAs(
        inEachConversation(executor, viewer, participantsOf(executor, viewer), ({ joinedAt, id }) => [joinedAt, id]),
        showParticipant,
      ),
  },
  {
    name: 'messages',
    about: 'What you and others said in them while you were there, and what has not been deleted.',
    pages: (executor, viewer) => shownAs(undeletedMessages(executor, viewer), showMessage),
  },
  {
    name: 'messages-sent-elsewhere',
    about: 'What you said in conversations that you have left or that are closed to you, and have not deleted.',
    pages: (executor, viewer) =>
      shownAs(
        inPages(
          (stretch) => own.pageSentElsewhere(executor, viewer, stretch),
          ({ conversationId, seq }) => [conversationId, seq],
        ),
        showOwn,
      ),
  },
];

function conversationsOf(executor: Executor, viewer: Viewer): AsyncGenerator<readonly own.OwnConversation[]> {
  return inPages(
    (stretch) => own.pageConversations(executor, viewer, stretch),
    ({ id }) => [id],
  );
}

/** Reads a part of the list that belongs to a conversation. */
type ReadBelow<Row> = (conversationId: string, stretch: Stretch) => Promise<readonly Row[]>;

async function* inEachConversation<Row>(
  executor: Executor,
  viewer: Viewer,
  read: ReadBelow<Row>,
  place: (row: Row) => readonly (string | number)[],
): AsyncGenerator<readonly Row[]> {
  for await (const conversations of conversationsOf(executor, viewer)) {
    for (const { id } of conversations) yield* inPages((stretch) => read(id, stretch), place);
  }
}

function participantsOf(executor: Executor, viewer: Viewer): ReadBelow<Participant> {
  return (conversationId, stretch) => pageParticipants(executor, viewer, [conversationId], stretch);
}

function messagesOf(executor: Executor, viewer: Viewer): ReadBelow<ListedMessage> {
  return (conversationId, stretch) =>
    pageByConversations(executor, viewer, [conversationId], { ...stretch, before: null, fromEnd: false });
}

async function* undeletedMessages(executor: Executor, viewer: Viewer): AsyncGenerator<readonly ListedMessage[]> {
  const pages = inEachConversation(executor, viewer, messagesOf(executor, viewer), ({ seq }) => [seq]);
  for await (const page of pages) yield page.filter(({ deletedAt }) => deletedAt === null);
}

function showConversation({ id, kind, title, createdAt, state, muted, joinedAt }: own.OwnConversation): object {
  return {
    id: encodeId(CONVERSATION_PREFIX, id),
    kind,
    title,
    createdAt,
    joinedAt,
    muted,
    answered: state === 'active',
  };
}

function showParticipant({ parentId, ...person }: Participant): object {
  return { conversation: encodeId(CONVERSATION_PREFIX, parentId), ...namedPerson(person), joinedAt: person.joinedAt };
}

function showMessage(message: ListedMessage): object {
  return { ...showOwn(message), sender: encodeId(USER_PREFIX, message.senderId) };
}

function showOwn({ id, conversationId, seq, text, sentAt, updatedAt }: own.OwnMessage): object {
  const ids = { id: encodeId(MESSAGE_PREFIX, id), conversation: encodeId(CONVERSATION_PREFIX, conversationId) };
  return { ...ids, seq, text, sentAt, updatedAt };
}
