import type { Clock } from '../../kernel/clock';
import { conflict, refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Transaction } from '../../platform/postgres/database';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { ConversationKind } from './conversation.entity';
import { canManage, stateOfAdded, stateOfNewcomer } from './conversation.policy';
import type { SeenConversation } from './conversation.repository';
import * as conversations from './conversation.repository';
import type { Candidate } from './member.repository';
import * as members from './member.repository';
import * as messages from './message.repository';
import { CONVERSATION_PREFIX, conversationChanges, membersTopic } from './messaging.changes';

const TITLE: TextRule = { min: 1, max: 100 };

export interface NewConversation {
  /** Made by the app; a fresh one when left out. */
  readonly id: string | null;
  readonly participantIds: readonly string[];
  readonly title: string | null;
}

export interface ConversationDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly doorbell: Doorbell;
  readonly changes: ChangeLog;
  /** People in one conversation, the one who starts it among them. */
  readonly membersMax: number;
}

type Result = { readonly conversationId: string };

/** Who talks to whom. */
export class ConversationService {
  constructor(private readonly deps: ConversationDeps) {}

  /**
   * Starts a conversation: with one person that of the pair, which is answered when there is one, with more a group.
   * @throws UserErrors INVALID, NOT_FOUND or BLOCKED (somebody in it), CONFLICT (the id is taken).
   */
  async start(tx: Transaction, viewer: Viewer, wanted: NewConversation): Promise<Result> {
    const others = [...new Set(wanted.participantIds)].filter((id) => id !== viewer.userId);
    const title = this.checkedStart(others.length, wanted.title);
    const people = await this.candidates(tx, viewer, others, 'participantIds');
    const id = wanted.id ?? this.deps.newId();
    if (people.length === 1) {
      const pairKey = [viewer.userId, ...others].sort().join(':');
      if (!(await conversations.claimPair(tx, pairKey, id))) {
        return this.reopen(tx, viewer, (await conversations.findOfPair(tx, pairKey)) as string);
      }
    }
    await this.create(tx, viewer, { id, kind: people.length === 1 ? 'direct' : 'group', title, people });
    return { conversationId: id };
  }

  /** Names a conversation, for everybody, or mutes it, for the viewer. @throws UserErrors NOT_FOUND, INVALID, FORBIDDEN, CONFLICT. */
  async update(
    tx: Transaction,
    viewer: Viewer,
    id: string,
    change: { title?: string | null; muted?: boolean | null; ifVersion?: number | null },
  ): Promise<Result> {
    const conversation = await this.lock(tx, viewer, id);
    if (change.ifVersion != null && change.ifVersion !== conversation.version) {
      throw conflict('conversation', CONVERSATION_PREFIX, conversation);
    }
    if (change.title !== undefined) await this.rename(tx, conversation, change.title);
    if (change.muted != null && change.muted !== conversation.muted) {
      await members.setMuted(tx, id, viewer.userId, change.muted);
      this.deps.changes.add(tx, ...conversationChanges(conversation, [viewer.userId]));
    }
    return { conversationId: id };
  }

  /** Brings people into a group. Those who are in it stay. @throws UserErrors NOT_FOUND, FORBIDDEN, INVALID, BLOCKED. */
  async addParticipants(tx: Transaction, viewer: Viewer, id: string, userIds: readonly string[]): Promise<Result> {
    const conversation = await this.lock(tx, viewer, id);
    this.demandGroup(conversation, 'conversationId');
    const wanted = [...new Set(userIds)].filter((userId) => userId !== viewer.userId);
    if (wanted.length === 0) refuse('INVALID', 'Name somebody to add.', ['input', 'userIds']);
    // Before anybody is looked up: nobody makes the database read a list of any length.
    if (wanted.length >= this.deps.membersMax) this.refuseCrowd('userIds');
    const people = await this.candidates(tx, viewer, wanted, 'userIds');
    const states = await members.findStates(tx, id, wanted);
    const joining = people.flatMap((person) => {
      const state = stateOfAdded(states.get(person.id), person);
      return state ? [{ userId: person.id, state }] : [];
    });
    if (joining.length === 0) return { conversationId: id };
    // Who declined never stopped being a member, so nothing new begins for them.
    const [returning, newcomers] = partition(joining, ({ userId }) => states.get(userId) === 'declined');
    if ((await members.countMembers(tx, id)) + newcomers.length > this.deps.membersMax) this.refuseCrowd('userIds');
    for (const { userId, state } of returning) await members.setState(tx, id, userId, state);
    if (newcomers.length > 0) await members.join(tx, { ...this.joinedNow(conversation), members: newcomers });
    await this.membersChanged(tx, conversation, []);
    return { conversationId: id };
  }

  /** @throws UserErrors NOT_FOUND. */
  async leave(tx: Transaction, viewer: Viewer, id: string): Promise<Result> {
    const conversation = await this.lock(tx, viewer, id);
    await members.leave(tx, id, viewer.userId, conversation.lastSeq);
    await this.membersChanged(tx, conversation, [viewer.userId]);
    return { conversationId: id };
  }

  /** Takes part in what the viewer was asked into, or hides it from them. @throws UserErrors NOT_FOUND without a request. */
  async answerRequest(tx: Transaction, viewer: Viewer, id: string, accept: boolean): Promise<Result> {
    const conversation = await conversations.lockVisible(tx, viewer, id);
    if (conversation?.state !== 'requested') {
      refuse('NOT_FOUND', 'There is no such request any more.', ['input', 'conversationId']);
    }
    await members.setState(tx, id, viewer.userId, accept ? 'active' : 'declined');
    this.deps.changes.add(tx, ...conversationChanges(conversation, [viewer.userId]));
    tx.afterCommit(() => this.deps.doorbell.ring(membersTopic(id)));
    return { conversationId: id };
  }

  /** Marks everything up to a message as read; never moves back. @throws UserErrors NOT_FOUND. */
  async markRead(tx: Transaction, viewer: Viewer, id: string, upToMessageId: string): Promise<Result> {
    const [conversation] = await conversations.findVisible(tx, viewer, [id]);
    if (!conversation) return this.absent('conversationId');
    const [message] = await messages.findVisible(tx, [upToMessageId], viewer);
    if (message?.conversationId !== id) {
      return refuse('NOT_FOUND', 'There is no such message here.', ['input', 'upToMessageId']);
    }
    if (await members.markRead(tx, id, viewer.userId, message.seq)) {
      this.deps.changes.add(tx, ...conversationChanges(conversation, [viewer.userId]));
    }
    return { conversationId: id };
  }

  private checkedStart(others: number, title: string | null): string | null {
    const check = new InputCheck();
    const path = ['input', 'participantIds'];
    if (others === 0) check.add(path, 'Name somebody else to talk to.');
    if (others >= this.deps.membersMax) check.add(path, this.crowded());
    if (title !== null && others === 1) check.add(['input', 'title'], 'A conversation of two has no title.');
    const checked = title === null ? null : check.text(['input', 'title'], title, TITLE);
    check.done();
    return checked;
  }

  private async candidates(tx: Transaction, viewer: Viewer, ids: readonly string[], field: string) {
    const found = await members.findCandidates(tx, viewer, ids);
    if (found.length < ids.length) refuse('NOT_FOUND', 'There is no such person.', ['input', field]);
    if (found.some(({ blocking }) => blocking)) {
      refuse('BLOCKED', 'Lift your block before you talk to this person.', ['input', field]);
    }
    return found;
  }

  private async create(
    tx: Transaction,
    viewer: Viewer,
    made: { id: string; kind: ConversationKind; title: string | null; people: readonly Candidate[] },
  ): Promise<void> {
    const { id, kind, title, people } = made;
    const now = this.deps.clock.now();
    const row = { id, kind, title, lastSeq: 0, version: 1, createdBy: viewer.userId, createdAt: now, updatedAt: now };
    if (!(await conversations.insert(tx, row))) {
      refuse('CONFLICT', 'This id is taken. Make a new one.', ['input', 'id']);
    }
    const others = people.map((person) => ({ userId: person.id, state: stateOfNewcomer(person) }));
    const everybody = [{ userId: viewer.userId, state: 'active' as const }, ...others];
    await members.join(tx, { conversationId: id, fromSeq: 0, now, members: everybody });
    this.deps.changes.add(
      tx,
      ...conversationChanges(
        row,
        everybody.map(({ userId }) => userId),
      ),
    );
  }

  /** Shows the pair's conversation again to a viewer who has left it or declined it. */
  private async reopen(tx: Transaction, viewer: Viewer, id: string): Promise<Result> {
    const conversation = await conversations.lockAny(tx, id);
    const state = (await members.findStates(tx, id, [viewer.userId])).get(viewer.userId);
    if (!conversation || (state !== 'left' && state !== 'declined')) return { conversationId: id };
    if (state === 'declined') await members.setState(tx, id, viewer.userId, 'requested');
    else {
      const self = { userId: viewer.userId, state: 'active' as const };
      await members.join(tx, { ...this.joinedNow(conversation), members: [self] });
    }
    this.deps.changes.add(tx, ...conversationChanges(conversation, [viewer.userId]));
    tx.afterCommit(() => this.deps.doorbell.ring(membersTopic(id)));
    return { conversationId: id };
  }

  private async rename(tx: Transaction, conversation: SeenConversation, wanted: string | null): Promise<void> {
    this.demandGroup(conversation, 'title');
    const check = new InputCheck();
    const title = wanted === null ? null : check.text(['input', 'title'], wanted, TITLE);
    check.done();
    if (title === conversation.title) return;
    const version = await conversations.touch(tx, conversation.id, title, this.deps.clock.now());
    const present = await members.findPresent(tx, conversation.id);
    this.deps.changes.add(tx, ...conversationChanges({ id: conversation.id, version }, present));
  }

  /** Somebody has come, or these have gone. */
  private async membersChanged(tx: Transaction, conversation: SeenConversation, gone: readonly string[]) {
    const { id, title } = conversation;
    const version = await conversations.touch(tx, id, title, this.deps.clock.now());
    const present = await members.findPresent(tx, id);
    this.deps.changes.add(tx, ...conversationChanges({ id, version }, [...gone, ...present]));
    tx.afterCommit(() => this.deps.doorbell.ring(membersTopic(id)));
  }

  private joinedNow({ id, lastSeq }: { id: string; lastSeq: number }) {
    return { conversationId: id, fromSeq: lastSeq, now: this.deps.clock.now() };
  }

  private demandGroup(conversation: SeenConversation, field: string): void {
    if (canManage(conversation)) return;
    if (conversation.kind === 'direct') {
      refuse('INVALID', 'A conversation of two stays as it is. Start a group.', ['input', field]);
    }
    refuse('FORBIDDEN', 'Accept the request first.', ['input', 'conversationId']);
  }

  private async lock(tx: Transaction, viewer: Viewer, id: string): Promise<SeenConversation> {
    return (await conversations.lockVisible(tx, viewer, id)) ?? this.absent('conversationId');
  }

  private absent(field: string): never {
    return refuse('NOT_FOUND', 'There is no such conversation.', ['input', field]);
  }

  private crowded(): string {
    return `A conversation has room for ${this.deps.membersMax} people.`;
  }

  private refuseCrowd(field: string): never {
    return refuse('INVALID', this.crowded(), ['input', field]);
  }
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
