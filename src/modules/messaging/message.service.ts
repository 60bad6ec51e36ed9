import type { Clock } from '../../kernel/clock';
import { conflict, refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Transaction } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import { canChange, stateOfNewcomer } from './conversation.policy';
import type { SeenConversation } from './conversation.repository';
import * as conversations from './conversation.repository';
import * as members from './member.repository';
import type { MessageRow } from './message.entity';
import * as messages from './message.repository';
import { conversationChanges, MESSAGE_PREFIX, membersTopic, messageChanges, messagesTopic } from './messaging.changes';

const MESSAGE_TEXT: TextRule = { min: 1, max: 5_000, multiline: true };

export interface NewMessage {
  /** Made by the app; a fresh one when left out. */
  readonly id: string | null;
  readonly conversationId: string;
  readonly text: string;
}

export interface MessageDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly doorbell: Doorbell;
  readonly changes: ChangeLog;
}

/** What people say in conversations. */
export class MessageService {
  constructor(private readonly deps: MessageDeps) {}

  /** @throws UserErrors INVALID, NOT_FOUND (the conversation), CONFLICT (the id is taken, by whatever and whomever). */
  async send(
    tx: Transaction,
    viewer: Viewer,
    sent: NewMessage,
  ): Promise<{ messageId: string; conversationId: string }> {
    const { conversationId } = sent;
    const text = checkedText(sent.text);
    const [conversation] = await conversations.findVisible(tx, viewer, [conversationId]);
    if (!conversation) return absent();
    if (sent.id !== null && !(await messages.reserveId(tx, sent.id))) {
      refuse('CONFLICT', 'This id is taken. Make a new one.', ['input', 'id']);
    }
    const id = sent.id ?? this.deps.newId();
    const seq = await conversations.nextSeq(tx, conversationId);
    const now = this.deps.clock.now();
    const message = { id, conversationId, seq, senderId: viewer.userId, text, version: 1, sentAt: now, updatedAt: now };
    if (conversation.kind === 'direct') await this.bringBack(tx, viewer, conversation, seq);
    await messages.insert(tx, { ...message, deletedAt: null });
    const receivers = await members.receive(tx, message);
    // The sender may have left while this waited for its turn.
    if (!receivers.some(({ userId, state }) => userId === viewer.userId && state === 'active')) return absent();
    const readers = receivers.filter(({ reads }) => reads).map(({ userId }) => userId);
    const accepts = conversation.state === 'requested';
    if (accepts) this.deps.changes.add(tx, ...conversationChanges(conversation, [viewer.userId]));
    this.deps.changes.add(tx, ...messageChanges(message, readers));
    tx.afterCommit(() => this.deps.doorbell.ring(messagesTopic(conversationId)));
    if (accepts) tx.afterCommit(() => this.deps.doorbell.ring(membersTopic(conversationId)));
    return { messageId: id, conversationId };
  }

  /** @throws UserErrors NOT_FOUND, FORBIDDEN, INVALID, CONFLICT. */
  async edit(tx: Transaction, viewer: Viewer, id: string, change: { text: string; ifVersion?: number | null }) {
    const message = await this.lock(tx, viewer, id, 'Only its sender can edit a message.');
    if (change.ifVersion != null && change.ifVersion !== message.version) {
      throw conflict('message', MESSAGE_PREFIX, message);
    }
    await messages.updateText(tx, message, checkedText(change.text), this.deps.clock.now());
    await this.tellReaders(tx, message);
    return { messageId: id };
  }

  /** Deletes it for everybody. @throws UserErrors NOT_FOUND, FORBIDDEN. */
  async delete(tx: Transaction, viewer: Viewer, id: string): Promise<void> {
    const message = await this.lock(tx, viewer, id, 'Only its sender can delete a message.');
    await messages.markDeleted(tx, message, this.deps.clock.now());
    await this.tellReaders(tx, message);
  }

  private async tellReaders(tx: Transaction, message: MessageRow): Promise<void> {
    const readers = await messages.findReaders(tx, message);
    this.deps.changes.add(tx, ...messageChanges({ id: message.id, version: message.version + 1 }, readers));
  }

  /** Who has left a conversation of two is in it again with the next message, from that one on. */
  private async bringBack(tx: Transaction, viewer: Viewer, conversation: SeenConversation, seq: number) {
    const left = (await members.findLeft(tx, conversation.id, viewer.userId)).filter(
      ({ userId }) => userId !== viewer.userId,
    );
    if (left.length === 0) return;
    const returning = left.map(({ userId, follows }) => ({
      userId,
      state: stateOfNewcomer({ followsViewer: follows }),
    }));
    const now = this.deps.clock.now();
    await members.join(tx, { conversationId: conversation.id, fromSeq: seq - 1, now, members: returning });
    const ids = returning.map(({ userId }) => userId);
    this.deps.changes.add(tx, ...conversationChanges(conversation, ids));
    tx.afterCommit(() => this.deps.doorbell.ring(membersTopic(conversation.id)));
  }

  private async lock(tx: Transaction, viewer: Viewer, id: string, forbidden: string): Promise<MessageRow> {
    const message = await messages.lockVisible(tx, id, viewer);
    if (!message || message.deletedAt !== null) {
      return refuse('NOT_FOUND', 'There is no such message.', ['input', 'id']);
    }
    if (!canChange(viewer, message)) refuse('FORBIDDEN', forbidden, ['input', 'id']);
    return message;
  }
}

function absent(): never {
  return refuse('NOT_FOUND', 'There is no such conversation.', ['input', 'conversationId']);
}

function checkedText(value: string): string {
  const check = new InputCheck();
  const text = check.text(['input', 'text'], value, MESSAGE_TEXT);
  check.done();
  return text;
}
