import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, jittered } from './api';
import { COPIED, HELD, loadCopy, type RawNode, toCopyNode } from './copy-shape';
import { type CopyHistory, type CopyNode, type CopyRecord, copyKey, type Scope } from './history';
import type { LiveOptions } from './list-client';
import { connectLive, type Ending, type LiveConnection, type Transport } from './live-transport';
import type { Person } from './person';

const CHANGE = `
  ... on NodeUpserted { cursor scope node { ...Held } }
  ... on NodeRemoved { cursor scope nodeId typename reason }`;
const STREAM = `subscription ($after: Cursor, $scopes: [SyncScope!]) { stream(after: $after, scopes: $scopes) {
  __typename ${CHANGE}
  ... on StreamReady { cursor recovered } ... on StreamReset { cursor reset: reason } ... on StreamTick { cursor }
} } ${HELD}`;
export const SYNC = `query ($after: Cursor, $first: Int, $scopes: [SyncScope!]) { viewer {
  sync(after: $after, first: $first, scopes: $scopes) {
    changes { __typename ${CHANGE} } cursor hasMore resetRequired
} } } ${HELD}`;
/** Short, so that catching up takes several. */
export const SYNC_PAGE = 20;

/** How often a client that comes back asks for pages first, before it subscribes. */
const PULLS_FIRST = 0.3;
const TRANSIENT = new Set(['SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'DEADLINE_EXCEEDED', 'UNAUTHENTICATED']);
const CODE = /^[A-Z_ ]+$/;

/** An app that keeps a copy: loads it once, and from then on changes it by what the change log says, pulled or pushed. */
export class CopyClient {
  readonly complaints: string[] = [];
  readonly endings = new Map<string, number>();
  readonly records: CopyRecord[] = [];
  /** Where the log of this client begins. */
  first: string | null = null;
  readonly resets = new Map<string, number>();
  recovered = 0;
  /** Since when its stream is ready. */
  openSince: number | null = null;
  private cursor: string | null = null;
  private lastEventId: string | null = null;
  /** With what the stream was first asked for since: an EventSource asks the same again, and adds the last event's id. */
  private origin: string | null = null;
  private versions = new Map<string, number>();
  /** What came while the copy was being read anew. */
  private waiting: CopyRecord[] | null = null;
  private loading: Promise<void> = Promise.resolve();
  private resetsSeen = 0;
  private connection: LiveConnection | null = null;
  private stopped = false;
  private awayUntil = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly reader: Person,
    readonly transport: Transport,
    private readonly api: Api,
    private readonly options: LiveOptions,
    private readonly onUpsert: (node: CopyNode, at: number, client: CopyClient) => void,
  ) {}

  start(): void {
    this.running = this.run().catch((error: Error) => {
      if (!this.stopped) this.complaints.push(`stopped by ${error.stack}`);
    });
  }

  leave(ms: number): void {
    this.awayUntil = this.options.now() + ms;
    this.connection?.drop();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.connection?.drop();
    await this.running;
  }

  history(): CopyHistory {
    return { client: this.name, reader: this.reader.id, records: this.records };
  }

  /** Whether everything up to a cursor has been received and applied. */
  isAt(cursor: string): boolean {
    return this.cursor === cursor && this.waiting === null;
  }

  private async run(): Promise<void> {
    await this.loadFromNow();
    this.first = this.cursor;
    for (let attempt = 0; !this.stopped; attempt += 1) {
      const before = this.records.length;
      if (this.options.dice.chance(PULLS_FIRST)) await this.pull();
      await this.push();
      await this.loading;
      if (this.records.length > before + 2) attempt = 0;
      await this.pause(Math.max(jittered(attempt, this.options.dice), this.awayUntil - this.options.now()));
    }
  }

  /** The position comes first: what changes while the lists are read is read twice, and not missed. */
  private async loadFromNow(): Promise<void> {
    const { viewer } = await this.api.insist(this.reader, SYNC, { after: null, first: SYNC_PAGE, scopes: COPIED });
    this.moveTo(viewer.sync.cursor);
    this.waiting = [];
    await this.load();
  }

  private async load(): Promise<void> {
    let nodes: CopyNode[] = [];
    // A reset that comes while the lists are read makes what was read too old.
    for (let read = -1; read !== this.resetsSeen; ) {
      read = this.resetsSeen;
      nodes = await loadCopy(this.api, this.reader);
    }
    this.records.push({ kind: 'loaded', at: this.options.now(), nodes });
    this.versions = new Map(nodes.map((node) => [copyKey(node.scope, node.id), node.version ?? 0]));
    const came = this.waiting ?? [];
    this.waiting = null;
    for (const record of came) {
      // The lists were read after this came, and may show more.
      const older = record.kind === 'upsert' && (record.node.version ?? 0) < this.versionOf(record.node);
      if (!older) this.apply(record);
    }
  }

  private async pull(): Promise<void> {
    for (let more = true; more && !this.stopped; ) {
      this.records.push({ kind: 'opened', at: this.options.now(), by: 'sync', after: this.cursor });
      const variables = { after: this.cursor, first: SYNC_PAGE, scopes: COPIED };
      const { sync } = (await this.api.insist(this.reader, SYNC, variables)).viewer;
      if (sync.resetRequired) {
        this.countReset('resetRequired');
        return this.loadFromNow();
      }
      for (const change of sync.changes) this.take(change);
      this.moveTo(sync.cursor);
      more = sync.hasMore;
    }
  }

  private async push(): Promise<void> {
    const { options, records } = this;
    const connection = await connectLive(this.transport, options.dice.of(options.ports), this.reader);
    if (this.stopped) return connection.drop();
    this.connection = connection;
    records.push({ kind: 'opened', at: options.now(), by: 'stream', after: this.cursor });
    if (this.lastEventId === null) this.origin = this.cursor;
    const variables = { after: this.origin, scopes: COPIED };
    const ending = await connection.follow({ query: STREAM, variables, lastEventId: this.lastEventId }, (data, id) => {
      const item = data['stream'] as RawNode;
      if (id !== null && id !== '' && id !== item.cursor) {
        this.complaints.push(`the event id ${id} is not the cursor ${item.cursor}`);
      }
      this.take(item);
      this.moveTo(item.cursor);
      if (this.transport === 'sse') this.lastEventId = id || null;
    });
    this.openSince = null;
    connection.drop();
    this.note(ending);
    records.push({ kind: 'closed', at: options.now(), why: ending.why });
  }

  private take(item: RawNode): void {
    const at = this.options.now();
    const { cursor } = item;
    switch (item.__typename) {
      case 'StreamReady':
        this.openSince = at;
        this.records.push({ kind: 'ready', at, cursor, recovered: item.recovered });
        if (item.recovered) this.recovered += 1;
        else this.reset('not recovered');
        break;
      case 'StreamReset':
        this.openSince = at;
        this.records.push({ kind: 'reset', at, cursor, reason: item.reset });
        this.reset(item.reset);
        break;
      case 'StreamTick':
        this.records.push({ kind: 'tick', at, cursor });
        break;
      case 'NodeRemoved':
        this.apply({ kind: 'removed', at, cursor, scope: item.scope, id: item.nodeId });
        break;
      case 'NodeUpserted':
        this.takeNode(at, cursor, item.scope, item.node);
        break;
      default:
        this.complaints.push(`an item of the kind ${item.__typename}`);
    }
  }

  private takeNode(at: number, cursor: string, scope: Scope, raw: RawNode): void {
    const node = toCopyNode(scope, raw);
    if (node) {
      this.onUpsert(node, at, this);
      this.apply({ kind: 'upsert', at, cursor, node });
    }
    // With whom the viewer has nothing to do any more is in no list, and so in no copy.
    else this.apply({ kind: 'removed', at, cursor, scope, id: raw.id });
  }

  private apply(record: CopyRecord): void {
    if (this.waiting) {
      this.waiting.push(record);
      return;
    }
    this.records.push(record);
    if (record.kind === 'upsert' && record.node.version !== null) {
      this.versions.set(copyKey(record.node.scope, record.node.id), record.node.version);
    }
  }

  /** Drops the copy and reads it anew; what the stream brings meanwhile waits. */
  private reset(reason: string): void {
    this.countReset(reason);
    this.resetsSeen += 1;
    const underWay = this.waiting !== null;
    this.waiting = [];
    if (underWay) return;
    this.loading = this.load();
    this.loading.catch(() => undefined);
  }

  private countReset(reason: string): void {
    this.resets.set(reason, (this.resets.get(reason) ?? 0) + 1);
  }

  private versionOf(node: CopyNode): number {
    return this.versions.get(copyKey(node.scope, node.id)) ?? 0;
  }

  /** A position by other means than an event makes the last event's id old. */
  private moveTo(cursor: string): void {
    this.cursor = cursor;
    this.lastEventId = null;
  }

  private note({ why, text }: Ending): void {
    this.endings.set(why, (this.endings.get(why) ?? 0) + 1);
    if (CODE.test(why) && !TRANSIENT.has(why)) this.complaints.push(`the stream ended with ${why}: ${text}`);
  }

  private async pause(ms: number): Promise<void> {
    for (const until = this.options.now() + ms; !this.stopped && this.options.now() < until; ) {
      await sleep(Math.min(50, Math.max(1, until - this.options.now())));
    }
  }
}
