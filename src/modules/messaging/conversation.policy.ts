import { isSelf, type MaybeViewer } from '../../kernel/viewer';
import type { ConversationKind, MemberState } from './conversation.entity';
import type { Candidate } from './member.repository';
import type { MessageRow } from './message.entity';

interface Standing {
  readonly kind: ConversationKind;
  readonly state: MemberState;
}

/** Whoever takes part in a group may name it and bring people in; who has not answered a request yet may not. */
export function canManage({ kind, state }: Standing): boolean {
  return kind === 'group' && state === 'active';
}

/** Its sender, as long as it is not deleted. */
export function canChange(viewer: MaybeViewer, message: Pick<MessageRow, 'senderId'>): boolean {
  return isSelf(viewer, message.senderId);
}

/** In which state somebody comes into a conversation: people whom they do not follow have to ask them. */
export function stateOfNewcomer(person: Pick<Candidate, 'followsViewer'>): MemberState {
  return person.followsViewer ? 'active' : 'requested';
}

/**
 * What becomes of somebody whom a member adds; null when nothing does. Who declined stays out of reach of strangers,
 * and the one who adds them does not learn it.
 */
export function stateOfAdded(present: MemberState | undefined, person: Pick<Candidate, 'followsViewer'>) {
  if (present === undefined || present === 'left') return stateOfNewcomer(person);
  return present === 'declined' && person.followsViewer ? 'active' : null;
}
