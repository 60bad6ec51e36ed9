import type { HubOptions } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import { membersTopic } from './messaging.changes';
import { Room } from './room';
import { findPartedPairs, findPresentMembers } from './room.repository';

/** Conversations in one read. */
const ROOMS_AT_ONCE = 500;

/** Somebody's view of who is in a conversation, kept up to date while it is open. */
export interface RoomWatch {
  /** Resolves when it is known who is in it. @throws what the first read throws. */
  ready(): Promise<Room>;
  /** As last read; null while that is not known, which nobody may be shown anything on. */
  current(): Room | null;
  /** Pending while a ring says that it may be otherwise by now; null when there is nothing to wait for. */
  settling(): Promise<void> | null;
  close(): void;
}

interface Watched {
  room: Room | null;
  readonly changed: Set<() => void>;
  settling: Promise<void> | null;
  unlisten: () => void;
}

/**
 * Who is in the conversations that somebody in this process follows: read when the first one begins, whenever it rings
 * that members have come or gone, and every `pollMs`, for blocks and lost rings; all that are due by one pair of
 * statements. A room that could not be read is not known until it can be.
 */
export class Rooms {
  private readonly watched = new Map<string, Watched>();
  private readonly due = new Map<string, { resolve: (room: Room) => void; reject: (error: unknown) => void }[]>();
  private reading = false;
  private poll: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly options: HubOptions,
  ) {}

  /** Follows a conversation; `onChange` is called after each later read, and must not throw. */
  watch(conversationId: string, onChange: () => void): RoomWatch {
    let watched = this.watched.get(conversationId);
    if (!watched) {
      const opened: Watched = { room: null, changed: new Set(), settling: null, unlisten: () => {} };
      opened.unlisten = this.options.doorbell.listen(membersTopic(conversationId), () =>
        this.refresh(conversationId, opened),
      );
      this.watched.set(conversationId, opened);
      watched = opened;
    }
    const room = watched;
    room.changed.add(onChange);
    this.schedulePoll();
    return {
      ready: () => this.readNow(conversationId),
      current: () => room.room,
      settling: () => room.settling,
      close: () => this.leave(conversationId, room, onChange),
    };
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.poll);
  }

  private leave(conversationId: string, room: Watched, onChange: () => void): void {
    if (!room.changed.delete(onChange) || room.changed.size > 0) return;
    room.unlisten();
    if (this.watched.get(conversationId) === room) this.watched.delete(conversationId);
    if (this.watched.size > 0) return;
    clearTimeout(this.poll);
    this.poll = undefined;
  }

  private refresh(conversationId: string, watched: Watched): void {
    const settling = this.readNow(conversationId)
      .catch((err: Error) => {
        this.options.log.warn({ err, conversationId }, 'reading who is in a conversation failed, trying again');
      })
      .then(() => {
        // A later ring waits for a later read.
        if (watched.settling === settling) watched.settling = null;
      });
    watched.settling = settling;
  }

  /** Reads it together with whatever else is asked for in this turn of the event loop. */
  private readNow(conversationId: string): Promise<Room> {
    return new Promise((resolve, reject) => {
      const waiting = this.due.get(conversationId) ?? [];
      waiting.push({ resolve, reject });
      this.due.set(conversationId, waiting);
      if (this.reading) return;
      this.reading = true;
      setImmediate(() => void this.readDue());
    });
  }

  /** One read after the other: of two at once, the older could come last and be taken for how things are now. */
  private async readDue(): Promise<void> {
    while (this.due.size > 0) {
      const some = [...this.due].slice(0, ROOMS_AT_ONCE);
      for (const [id] of some) this.due.delete(id);
      try {
        const rooms = await this.read(some.map(([id]) => id));
        for (const [id, waiting] of some) {
          const room = rooms(id);
          this.learn(id, room);
          for (const { resolve } of waiting) resolve(room);
        }
      } catch (error) {
        for (const [id, waiting] of some) {
          this.learn(id, null);
          for (const { reject } of waiting) reject(error);
        }
      }
    }
    this.reading = false;
  }

  private async read(ids: readonly string[]): Promise<(id: string) => Room> {
    const [members, pairs] = await Promise.all([
      findPresentMembers(this.database, ids),
      findPartedPairs(this.database, ids),
    ]);
    const of = <Row extends { conversationId: string }>(rows: readonly Row[]) => {
      const byId = new Map<string, Row[]>(ids.map((id) => [id, []]));
      for (const row of rows) byId.get(row.conversationId)?.push(row);
      return (id: string) => byId.get(id) ?? [];
    };
    const [membersOf, pairsOf] = [of(members), of(pairs)];
    return (id) => new Room(membersOf(id), pairsOf(id));
  }

  private learn(conversationId: string, room: Room | null): void {
    const watched = this.watched.get(conversationId);
    if (!watched) return;
    watched.room = room;
    for (const changed of watched.changed) changed();
  }

  private schedulePoll(): void {
    if (this.poll || this.closed) return;
    this.poll = setTimeout(() => {
      this.poll = undefined;
      for (const [id, watched] of this.watched) this.refresh(id, watched);
      if (this.watched.size > 0) this.schedulePoll();
    }, this.options.pollMs);
  }
}
