import type { PageRow } from '../../graphql/page-loader';
import type { Position } from '../../kernel/cursor';
import type { MaybeViewer, Viewer } from '../../kernel/viewer';
import type { StreamPlace } from '../../platform/changelog/change-log';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { mapTable } from '../../platform/postgres/mapping';
import { empty, identifier, raw, sql } from '../../platform/postgres/sql';
import { conversationIsVisible, messageIsVisible } from '../visibility';
import { MessageEntity, type MessageRow } from './message.entity';

const MESSAGES = mapTable<MessageRow>(MessageEntity);

/** The first of an advisory lock's two numbers: the ids of messages. */
const MESSAGE_ID_LOCK = 3;

/** A stretch of a conversation, asked from its beginning or its end; the positions are seqs. */
export interface MessageWindow {
  readonly limit: number;
  readonly after: Position | null;
  readonly before: Position | null;
  readonly fromEnd: boolean;
}

export type ListedMessage = MessageRow & PageRow;

export function findVisible(executor: Executor, ids: readonly string[], viewer: MaybeViewer): Promise<MessageRow[]> {
  return executor.rows(sql`
    SELECT ${MESSAGES.columns('m')} FROM messages m JOIN users s ON s.id = m.sender_id
      JOIN conversations c ON c.id = m.conversation_id
    WHERE m.id = ANY(${ids}::uuid[]) AND ${messageIsVisible('m', 's', viewer)} AND ${conversationIsVisible('c', viewer)}`);
}

/** The message if the viewer may see it, locked until the transaction ends. */
export function lockVisible(tx: Transaction, id: string, viewer: Viewer): Promise<MessageRow | null> {
  return tx.row(sql`
    SELECT ${MESSAGES.columns('m')} FROM messages m JOIN users s ON s.id = m.sender_id
      JOIN conversations c ON c.id = m.conversation_id
    WHERE m.id = ${id} AND ${messageIsVisible('m', 's', viewer)} AND ${conversationIsVisible('c', viewer)}
    FOR NO KEY UPDATE OF m`);
}

/**
 * The same stretch of many conversations that the viewer has been found to see, in list order, or from its end
 * backwards. One index range per time that the viewer was a member: read through what was sent before they came,
 * the rule would be asked for every message of a long past.
 */
export async function pageByConversations(
  executor: Executor,
  viewer: MaybeViewer,
  conversationIds: readonly string[],
  { limit, after, before, fromEnd }: MessageWindow,
): Promise<ListedMessage[]> {
  if (!viewer) return [];
  const order = fromEnd ? raw('DESC') : raw('ASC');
  const seek = sql`${after ? sql`AND m.seq > ${after[0]}` : empty} ${before ? sql`AND m.seq < ${before[0]}` : empty}`;
  return executor.rows(sql`
    SELECT m.* FROM unnest(${conversationIds}::uuid[]) AS p(id)
    CROSS JOIN LATERAL (
      SELECT m.* FROM membership_intervals i CROSS JOIN LATERAL (
        SELECT ${MESSAGES.columns('m')}, p.id AS "parentId" FROM messages m JOIN users s ON s.id = m.sender_id
        WHERE m.conversation_id = p.id AND m.seq > i.from_seq AND (i.until_seq IS NULL OR m.seq <= i.until_seq)
          AND ${messageIsVisible('m', 's', viewer)} ${seek}
        ORDER BY m.seq ${order} LIMIT ${limit + 1}
      ) m
      WHERE i.conversation_id = p.id AND i.user_id = ${viewer.userId}
      ORDER BY m.seq ${order} LIMIT ${limit + 1}
    ) m`);
}

/** The newest message that the viewer has read in each conversation, of those that they may see. */
export async function findLastRead(
  executor: Executor,
  viewer: MaybeViewer,
  conversationIds: readonly string[],
): Promise<MessageRow[]> {
  if (!viewer) return [];
  return executor.rows(sql`
    SELECT m.* FROM conversation_members v CROSS JOIN LATERAL (
      SELECT m.* FROM membership_intervals i CROSS JOIN LATERAL (
        SELECT ${MESSAGES.columns('m')} FROM messages m JOIN users s ON s.id = m.sender_id
        WHERE m.conversation_id = v.conversation_id AND m.seq > i.from_seq
          AND m.seq <= LEAST(v.last_read_seq, COALESCE(i.until_seq, v.last_read_seq)) AND ${messageIsVisible('m', 's', viewer)}
        ORDER BY m.seq DESC LIMIT 1
      ) m
      WHERE i.conversation_id = v.conversation_id AND i.user_id = v.user_id
      ORDER BY m.seq DESC LIMIT 1
    ) m
    WHERE v.conversation_id = ANY(${conversationIds}::uuid[]) AND v.user_id = ${viewer.userId}`);
}

/** Everybody who may read a message: present members who were one when it was sent, and from whom nothing hides it. */
export async function findReaders(executor: Executor, message: MessageRow): Promise<string[]> {
  const rows = await executor.rows<{ userId: string }>(sql`
    SELECT v.user_id AS "userId" FROM messages m JOIN users s ON s.id = m.sender_id
      JOIN conversation_members v ON v.conversation_id = m.conversation_id AND v.state IN ('active', 'requested')
    WHERE m.conversation_id = ${message.conversationId} AND m.id = ${message.id}
      AND ${messageIsVisible('m', 's', { userId: identifier('v.user_id') })}`);
  return rows.map((row) => row.userId);
}

/** What was sent behind each place, deleted and hidden messages included: for following, never for showing. */
export function readConversations(
  executor: Executor,
  places: readonly StreamPlace[],
  limit: number,
): Promise<MessageRow[]> {
  return executor.rows(sql`
    SELECT m.* FROM unnest(
      ${places.map((each) => each.streamId)}::uuid[], ${places.map((each) => each.after)}::integer[]) AS p(id, after)
    CROSS JOIN LATERAL (
      SELECT ${MESSAGES.columns('m')} FROM messages m
      WHERE m.conversation_id = p.id AND m.seq > p.after ORDER BY m.seq LIMIT ${limit}
    ) m`);
}

/** May this viewer be shown this message? */
export interface AdmissionQuestion {
  readonly viewerId: string;
  readonly messageId: string;
}

export interface Admission {
  readonly conversationIsOpen: boolean;
  readonly isShown: boolean;
}

/** Answers many such questions at once, in their order. */
export async function findAdmissions(
  executor: Executor,
  questions: readonly AdmissionQuestion[],
): Promise<Admission[]> {
  const viewer = { userId: identifier('asked.viewer_id') };
  const rows = await executor.rows<Admission & { place: number }>(sql`
    SELECT asked.place, ${conversationIsVisible('c', viewer)} AS "conversationIsOpen",
      ${messageIsVisible('m', 's', viewer)} AS "isShown"
    FROM unnest(${questions.map((each) => each.viewerId)}::uuid[], ${questions.map((each) => each.messageId)}::uuid[])
      WITH ORDINALITY AS asked(viewer_id, message_id, place)
    JOIN messages m ON m.id = asked.message_id JOIN users s ON s.id = m.sender_id
    JOIN conversations c ON c.id = m.conversation_id`);
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return questions.map((_, index) => byPlace.get(index + 1) ?? { conversationIsOpen: false, isShown: false });
}

/** Where the viewer's first membership began: nothing up to this number is theirs to read. */
export async function findFloor(executor: Executor, viewer: Viewer, conversationId: string): Promise<number> {
  const row = await executor.row<{ floor: number }>(sql`
    SELECT min(from_seq) AS floor FROM membership_intervals
    WHERE conversation_id = ${conversationId} AND user_id = ${viewer.userId}`);
  return row?.floor ?? 0;
}

/**
 * Makes sure that an id that an app made is nobody's yet, and stays so until the transaction ends. The primary key
 * cannot, because it begins with the conversation.
 */
export async function reserveId(tx: Transaction, id: string): Promise<boolean> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(${MESSAGE_ID_LOCK}::integer, hashtext(${id}))`);
  return (await tx.row(sql`SELECT 1 FROM messages WHERE id = ${id}`)) === null;
}

export async function insert(tx: Transaction, row: MessageRow): Promise<void> {
  await tx.run(MESSAGES.insert(row));
}

export async function updateText(tx: Transaction, row: MessageRow, text: string, now: string): Promise<void> {
  await tx.run(sql`
    UPDATE messages SET text = ${text}, updated_at = ${now}, version = version + 1
    WHERE conversation_id = ${row.conversationId} AND id = ${row.id}`);
}

/** Leaves a tombstone without the text, which stays in its place. */
export async function markDeleted(tx: Transaction, row: MessageRow, now: string): Promise<void> {
  await tx.run(sql`
    UPDATE messages SET text = '', deleted_at = ${now}, updated_at = ${now}, version = version + 1
    WHERE conversation_id = ${row.conversationId} AND id = ${row.id}`);
}
