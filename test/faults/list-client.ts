import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../fuzz/random';
import { jittered } from './api';
import type { ListHistory, ListItem, ListRecord } from './history';
import { connectLive, type Ending, type LiveConnection, type Transport } from './live-transport';
import type { Person } from './person';

/** A kind of list that goes on as a subscription. */
export interface FollowedKind {
  readonly field: 'commentAdded' | 'messageAdded';
  readonly query: string;
}

export const COMMENTS: FollowedKind = {
  field: 'commentAdded',
  query: `subscription Added($list: ID!, $after: String) {
    commentAdded(postId: $list, after: $after) { cursor node { id text } }
  }`,
};

export const MESSAGES: FollowedKind = {
  field: 'messageAdded',
  query: `subscription Added($list: ID!, $after: String) {
    messageAdded(conversationId: $list, after: $after) { cursor node { id text seq } }
  }`,
};

/** One list that a client follows, and where it got to. */
export interface Followed {
  readonly kind: FollowedKind;
  readonly list: string;
  cursor: string | null;
  /** Where it began: an EventSource asks for the same again, and adds the id of the last event. */
  readonly origin: string | null;
  readonly records: ListRecord[];
  lastEventId: string | null;
  /** The connection says that it is subscribed, as far as a client can tell. */
  openSince: number | null;
}

export interface LiveOptions {
  readonly ports: readonly number[];
  readonly dice: Dice;
  readonly now: () => number;
}

/** Told of each arrival, to measure. */
export type OnItem = (item: ListItem, followed: Followed) => void;

/** Codes with which a subscription is refused or ended while something is away; a client tries again. */
const TRANSIENT = new Set(['SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'DEADLINE_EXCEEDED', 'UNAUTHENTICATED']);
const CODE = /^[A-Z_ ]+$/;

/** An app that shows some lists live, over one transport, and goes on where it was after whatever happens. */
export class ListClient {
  /** What the server said that no fault around it excuses. */
  readonly complaints: string[] = [];
  /** How its connections ended. */
  readonly endings = new Map<string, number>();
  readonly followed: readonly Followed[];
  private connection: LiveConnection | null = null;
  private stopped = false;
  private awayUntil = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly reader: Person,
    readonly transport: Transport,
    lists: readonly { kind: FollowedKind; list: string; after: string | null }[],
    private readonly options: LiveOptions,
    private readonly onItem: OnItem,
  ) {
    this.followed = lists.map(({ kind, list, after }) => {
      return { kind, list, cursor: after, origin: after, records: [], lastEventId: null, openSince: null };
    });
  }

  start(): void {
    this.running = this.run();
  }

  /** Goes without a word and comes back after so many milliseconds. */
  leave(ms: number): void {
    this.awayUntil = this.options.now() + ms;
    this.connection?.drop();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.connection?.drop();
    await this.running;
  }

  /** @param left the client went for good before the end */
  histories(left = false): ListHistory[] {
    const who = { client: this.name, reader: this.reader.id, left };
    return this.followed.map(({ list, origin, records }) => ({ ...who, list, start: origin, records }));
  }

  private async run(): Promise<void> {
    for (let attempt = 0; !this.stopped; attempt += 1) {
      const before = this.received();
      const connection = await connectLive(this.transport, this.options.dice.of(this.options.ports), this.reader);
      this.connection = connection;
      await Promise.all(this.followed.map((each) => this.followOn(connection, each)));
      connection.drop();
      if (this.received() > before) attempt = 0;
      await this.pause(Math.max(jittered(attempt, this.options.dice), this.awayUntil - this.options.now()));
    }
  }

  /** Keeps one subscription open while its connection lives. */
  private async followOn(connection: LiveConnection, followed: Followed): Promise<void> {
    for (let attempt = 0; !this.stopped && !connection.over; attempt += 1) {
      const { cursor, records, lastEventId, kind, list } = followed;
      const { now } = this.options;
      records.push({ kind: 'opened', at: now(), after: cursor });
      followed.openSince = now();
      const length = records.length;
      const variables = { list, after: lastEventId === null ? cursor : followed.origin };
      const ending = await connection.follow({ query: kind.query, variables, lastEventId }, (data, id) =>
        this.take(followed, data, id),
      );
      followed.openSince = null;
      this.note(ending, followed);
      if (records.length > length) attempt = 0;
      records.push({ kind: 'closed', at: now(), why: ending.why });
      // A stream of its own may go on with another process; a socket that is over takes all its subscriptions along.
      if (this.transport === 'sse' && !CODE.test(ending.why)) return connection.drop();
      if (!connection.over) await this.pause(jittered(attempt, this.options.dice));
    }
  }

  private take(followed: Followed, data: Record<string, unknown>, eventId: string | null): void {
    // biome-ignore lint/suspicious/noExplicitAny: of the shape that the subscription asks for
    const edge = data[followed.kind.field] as any;
    const { id, text, seq = null } = edge.node;
    const item: ListItem = { kind: 'item', at: this.options.now(), cursor: edge.cursor, id, text, seq };
    if (eventId !== null && eventId !== '' && eventId !== edge.cursor) {
      this.complaints.push(`the event id ${eventId} is not the cursor ${edge.cursor}`);
    }
    followed.records.push(item);
    followed.cursor = edge.cursor;
    followed.lastEventId = eventId || null;
    this.onItem(item, followed);
  }

  private note({ why, text }: Ending, { list }: Followed): void {
    this.endings.set(why, (this.endings.get(why) ?? 0) + 1);
    if (CODE.test(why) && !TRANSIENT.has(why)) this.complaints.push(`${list} ended with ${why}: ${text}`);
  }

  private received(): number {
    return this.followed.reduce((sum, { records }) => sum + records.length, 0);
  }

  private async pause(ms: number): Promise<void> {
    // In short steps, so that a client that is asked to stop does.
    for (const until = this.options.now() + ms; !this.stopped && this.options.now() < until; ) {
      await sleep(Math.min(50, Math.max(1, until - this.options.now())));
    }
  }
}
