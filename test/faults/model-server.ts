import { Dice } from '../fuzz/random';
import type { Answer } from './api';
import type { RawNode } from './copy-shape';
import type { Ledger } from './ledger';
import type { LiveConnection } from './live-transport';

/** One entry of the model's log: a node changed, or went. */
interface Entry {
  readonly cursor: string;
  readonly id: string;
}

const AUTHOR = 'author';
const CLOSED = { why: '1006', text: '' };

/**
 * A change log as the contract describes it, in memory, with connections that end at every chance: to try a client and
 * the checker together without a service. What the client is told is current state, as by the service.
 */
export class ModelServer {
  readonly entries: Entry[] = [];
  readonly ledger: Ledger = { writes: [], standings: [] };
  private readonly posts = new Map<string, RawNode>();
  private readonly dice: Dice;
  private deliver: (() => void)[] = [];
  private counter = 0;

  /** @param skips how likely an entry is left out of a stream without a word: a fault to be found */
  constructor(
    seed: number,
    private readonly now: () => number,
    public skips = 0,
  ) {
    this.dice = new Dice(seed);
  }

  /** Somebody writes, edits or deletes a post in the viewer's feed. */
  write(): void {
    this.counter += 1;
    const ids = [...this.posts.keys()];
    const id = ids.length > 0 && this.dice.chance(0.5) ? this.dice.of(ids) : `post_${this.counter}`;
    const held = this.posts.get(id);
    const gone = held !== undefined && this.dice.chance(0.3);
    const text = gone ? null : `text ${this.counter}`;
    const verb = gone ? 'delete' : held ? 'edit' : 'create';
    const at = this.now();
    const write = { verb, node: id, author: AUTHOR, list: null, text, sent: at, answered: at, refused: null } as const;
    (this.ledger.writes as unknown[]).push(write);
    if (gone) this.posts.delete(id);
    else this.posts.set(id, post(id, (held?.version ?? 0) + 1, text));
    this.entries.push({ cursor: `cursor ${this.counter}`, id });
    for (const each of this.deliver) each();
  }

  /** What `Api.insist` answers for the documents of a copy. */
  answer(query: string, variables: { after?: string | null; first?: number }): Answer['data'] {
    if (query.includes('sync(')) return { viewer: { sync: this.sync(variables.after ?? null, variables.first ?? 20) } };
    const empty = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
    if (query.includes('list: feed')) return { owner: { list: { ...empty, nodes: [...this.posts.values()] } } };
    if (query.includes('owner: user')) return { viewer: { owner: { list: empty } } };
    if (query.includes('owner: viewer')) return { owner: { list: empty } };
    return { viewer: { user: { __typename: 'User', id: 'user_me', name: 'Me', bio: null } } };
  }

  /** A connection on which `Subscription.stream` goes on behind a cursor until it ends by chance, or by `drop`. */
  connect(): LiveConnection {
    let over = false;
    let end = () => {};
    const connection: LiveConnection = {
      get over() {
        return over;
      },
      drop: () => {
        over = true;
        end();
      },
      follow: ({ variables, lastEventId }, onEvent) =>
        new Promise((resolve) => {
          let position = this.placeOf(lastEventId ?? (variables['after'] as string | null));
          const say = (item: RawNode) => onEvent({ stream: item }, item.cursor);
          const feed = () => {
            while (!over && position < this.entries.length) {
              const entry = this.entries[position] as Entry;
              position += 1;
              if (!this.dice.chance(this.skips)) say(this.change(entry));
              if (this.dice.chance(0.05)) connection.drop();
            }
          };
          end = () => {
            this.deliver = this.deliver.filter((each) => each !== feed);
            resolve(CLOSED);
          };
          if (this.dice.chance(0.2)) {
            position = this.entries.length;
            say({ __typename: 'StreamReset', cursor: this.cursorAt(position), reset: 'CURSOR_EXPIRED' });
          } else say({ __typename: 'StreamReady', cursor: this.cursorAt(position), recovered: true });
          this.deliver.push(feed);
          feed();
        }),
    };
    return connection;
  }

  private sync(after: string | null, first: number) {
    if (after === null) return { changes: [], cursor: this.cursorAt(this.entries.length), hasMore: false };
    const page = this.entries.slice(this.placeOf(after), this.placeOf(after) + first);
    const cursor = page.at(-1)?.cursor ?? after;
    const changes = page.map((entry) => this.change(entry));
    return { changes, cursor, hasMore: this.placeOf(cursor) < this.entries.length, resetRequired: false };
  }

  private change({ cursor, id }: Entry): RawNode {
    const node = this.posts.get(id);
    if (!node) return { __typename: 'NodeRemoved', cursor, scope: 'FEED', nodeId: id };
    return { __typename: 'NodeUpserted', cursor, scope: 'FEED', node };
  }

  private placeOf(cursor: string | null): number {
    return this.entries.findIndex((entry) => entry.cursor === cursor) + 1;
  }

  private cursorAt(place: number): string {
    return this.entries[place - 1]?.cursor ?? 'cursor 0';
  }
}

function post(id: string, version: number, text: string | null): RawNode {
  return { __typename: 'Post', id, version, text, audience: 'PUBLIC', author: { id: AUTHOR } };
}
