import type { ConversationKind } from './conversation.entity';
import type { PartedPair, PresentMember } from './room.repository';

/** Who is in a conversation, as it was when it was read: what a process needs to decide who hears whom. */
export class Room {
  private readonly active = new Set<string>();
  private readonly present = new Set<string>();
  private readonly parted = new Set<string>();
  private readonly kind: ConversationKind | null;

  constructor(members: readonly PresentMember[], pairs: readonly PartedPair[]) {
    this.kind = members[0]?.kind ?? null;
    for (const { userId, state } of members) {
      this.present.add(userId);
      if (state === 'active') this.active.add(userId);
    }
    for (const { one, other } of pairs) this.parted.add(pairOf(one, other)).add(pairOf(other, one));
  }

  /** Whether the conversation is there for this viewer. */
  isOpenTo(viewerId: string): boolean {
    return this.present.has(viewerId) && (this.kind !== 'direct' || this.parted.size === 0);
  }

  /** Whether the viewer may learn that somebody is typing. Who has not answered a request yet stays unnoticed. */
  hears(viewerId: string, typistId: string): boolean {
    if (typistId === viewerId || !this.isOpenTo(viewerId)) return false;
    return this.active.has(typistId) && !this.parted.has(pairOf(viewerId, typistId));
  }
}

function pairOf(one: string, other: string): string {
  return `${one}:${other}`;
}
