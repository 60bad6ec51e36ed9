import type { CommitWatch, Executor } from '../postgres/database';
import type { Doorbell } from '../redis/doorbell';
import { decodeCopy, type Entity, type EntityKey, encodeCopy, keyOf, partsOf } from './entity';
import type { EntityCopies, ReadRows, Stamp } from './entity-copies';
import { announce } from './invalidation-log';
import type { InvalidationWatch, InvalidationWays } from './invalidation-watch';
import type { LocalCopies } from './local-copies';
import type { Filling, SharedCopies, Taken } from './shared-copies';

export interface EntityCacheOptions {
  readonly local: LocalCopies;
  /** Null for one process alone. */
  readonly shared: SharedCopies | null;
  readonly doorbell: Doorbell;
  /** Follows the log of changes for this cache. */
  readonly watch: (ways: InvalidationWays) => InvalidationWatch;
  readonly lifeMs: number;
}

/** A read under way: requests that want the same rows wait for it. */
interface Flight {
  readonly rows: Promise<ReadonlyMap<string, object | null>>;
}

/** What processes tell each other after a commit. */
interface Notice {
  /** The database that it is about. */
  readonly space: string;
  /** Null when shared copies could not be dropped: whoever hears of it does that by the log. */
  readonly xid: string | null;
  readonly keys: readonly EntityKey[];
}

const TOPIC = 'entity-cache';
/** Longer lists are left to the log. */
const NOTICE_KEYS_MAX = 500;
/** That there is no row is remembered for as long at most. */
const ABSENT_MS = 5_000;

/**
 * Copies of whole rows that are the same for everybody, in this process and in front of PostgreSQL in Redis. What differs
 * by viewer never comes here, and whether a viewer may see a row is asked of PostgreSQL each time.
 *
 * How old a copy can be. The truth about changes stands in PostgreSQL: each transaction writes the keys of the rows it
 * changes into a log, with them and no less durable. Every process reads that log twice a second, and uses copies only
 * while its last read is less than 1.5 s old. So no copy outlives by two seconds the commit that changed its row, with
 * whatever doorbell lost, process killed between its commit and its notice, or Redis flushed, frozen or cut off; and
 * where the log cannot be read, copies are not used.
 *
 * What makes it quicker: after the commit, and before whoever wrote is answered, the keys are dropped in Redis, then in
 * this process, and then the others are told. So the writer finds the new row here at once, and others nearly so.
 *
 * A reader that read before a commit must not leave behind what it read. Here, dropping a key ends the read that is under
 * way for it: its result is no longer kept, and nobody else joins it. In Redis it ends the reader's lease
 * (`SharedCopies`). A drop that Redis did not confirm is owed; this process takes nothing from Redis until it is done.
 *
 * A copy is used in the very version that was found visible (`getVersions`): were it older or newer, it could show
 * somebody a text that was never meant for them.
 *
 * Redis holds copies for a limited time and is not trusted to do anything else. Nothing here throws because of it.
 */
export class EntityCache implements EntityCopies, CommitWatch {
  private readonly flights = new Map<EntityKey, Flight>();
  private readonly watch: InvalidationWatch;
  private readonly unlisten: () => void;
  /** Which database it is; unknown until the log has been read. */
  private space = '';

  constructor(private readonly options: EntityCacheOptions) {
    this.watch = options.watch({
      drop: async (keys) => {
        await options.shared?.settle(this.space);
        if (keys.length > 0) await this.drop(keys);
      },
      reset: (epoch) => this.reset(epoch),
    });
    this.unlisten = options.doorbell.listen(TOPIC, (notice) => this.hear(notice));
    void this.start();
  }

  private async start(): Promise<void> {
    await this.options.shared?.connected();
    this.watch.start();
  }

  close(): void {
    this.unlisten();
    this.watch.close();
    this.options.shared?.close();
  }

  peek<Row extends object>(entity: Entity<Row>, id: string): Row | null | undefined {
    const now = performance.now();
    if (!this.watch.isFresh(now)) return undefined;
    return this.options.local.get(entity.name, id, now) as Row | null | undefined;
  }

  async getMany<Row extends object>(
    entity: Entity<Row>,
    ids: readonly string[],
    read: ReadRows<Row>,
    isWanted: (row: Row | null, id: string) => boolean = () => true,
  ): Promise<(Row | null)[]> {
    const found = new Map<string, Row | null>();
    const missing: string[] = [];
    const joined = new Map<Flight, string[]>();
    for (const id of new Set(ids)) {
      const copy = this.peek(entity, id);
      if (copy !== undefined && isWanted(copy, id)) {
        found.set(id, copy);
        continue;
      }
      const flight = this.flights.get(keyOf(entity.name, id));
      if (flight) joined.set(flight, [...(joined.get(flight) ?? []), id]);
      else missing.push(id);
    }
    if (missing.length === 0 && joined.size === 0) return ids.map((id) => found.get(id) ?? null);
    const failed: string[] = [];
    const join = async (flight: Flight, some: readonly string[]) => {
      try {
        const rows = await flight.rows;
        for (const id of some) found.set(id, (rows.get(id) ?? null) as Row | null);
      } catch {
        // Whoever began that read may have hung up.
        failed.push(...some);
      }
    };
    const own = async () => {
      const rows = missing.length > 0 ? await this.fly(entity, missing, read) : [];
      for (const [id, row] of rows) found.set(id, row);
    };
    await Promise.all([own(), ...[...joined].map(([flight, some]) => join(flight, some))]);
    if (failed.length > 0) {
      const rows = await this.getMany(entity, failed, read, isWanted);
      for (const [index, id] of failed.entries()) found.set(id, rows[index] ?? null);
    }
    return ids.map((id) => found.get(id) ?? null);
  }

  async getVersions<Row extends Stamp>(
    entity: Entity<Row>,
    stamps: readonly Stamp[],
    read: ReadRows<Row>,
    visible: ReadRows<Row>,
  ): Promise<readonly Row[]> {
    const versions = new Map(stamps.map(({ id, version }) => [id, version]));
    const isRight = (row: Row | null, id: string): row is Row => row?.version === versions.get(id);
    const ids = [...versions.keys()];
    const rows = await this.getMany(entity, ids, read, isRight);
    const right = rows.filter((row, index) => isRight(row, ids[index] as string)) as Row[];
    if (right.length === ids.length) return right;
    const known = new Set(right.map(({ id }) => id));
    return [...right, ...(await visible(ids.filter((id) => !known.has(id))))];
  }

  async beforeCommit(tx: Executor, keys: readonly EntityKey[]): Promise<() => Promise<void>> {
    const xid = await announce(tx, keys);
    return async () => {
      const dropped = await this.drop(keys);
      if (dropped) this.watch.hear(xid);
      tell(this.options.doorbell, { space: this.space, xid: dropped ? xid : null, keys });
    };
  }

  /** False when it is not known whether shared copies are gone. */
  private async drop(keys: readonly EntityKey[]): Promise<boolean> {
    const { space } = this;
    // In this order: what is taken from Redis after its copies are gone may be kept here.
    const dropped = (await this.options.shared?.drop(space, keys)) ?? true;
    this.forget(keys);
    return dropped && space !== '';
  }

  private forget(keys: readonly EntityKey[]): void {
    for (const key of keys) {
      this.flights.delete(key);
      this.options.local.delete(...partsOf(key));
    }
  }

  private reset(epoch: string): void {
    this.space = epoch;
    this.options.shared?.forgetOwed();
    this.flights.clear();
    this.options.local.clear();
  }

  private hear(text?: string): void {
    const notice = text === undefined ? null : readNotice(text);
    // Something may have been missed, or was too much for a notice.
    if (!notice) return void this.watch.look();
    this.forget(notice.keys);
    if (notice.xid !== null && notice.space === this.space) this.watch.hear(notice.xid);
  }

  private async fly<Row extends object>(
    entity: Entity<Row>,
    ids: readonly string[],
    read: ReadRows<Row>,
  ): Promise<ReadonlyMap<string, Row | null>> {
    const keys = new Map(ids.map((id) => [id, keyOf(entity.name, id)]));
    const rows = this.load(entity, keys, read, (key) => this.flights.get(key) === flight);
    const flight: Flight = { rows };
    for (const key of keys.values()) this.flights.set(key, flight);
    try {
      return await rows;
    } finally {
      for (const key of keys.values()) if (this.flights.get(key) === flight) this.flights.delete(key);
    }
  }

  /** Takes what is there from Redis, reads the rest, and keeps what has not been dropped meanwhile. */
  private async load<Row extends object>(
    entity: Entity<Row>,
    keys: ReadonlyMap<string, EntityKey>,
    read: ReadRows<Row>,
    isCurrent: (key: EntityKey) => boolean,
  ): Promise<ReadonlyMap<string, Row | null>> {
    const { local, shared, lifeMs } = this.options;
    const { space } = this;
    const ids = [...keys.keys()];
    const taken = this.watch.isFresh() ? ((await shared?.take(space, [...keys.values()])) ?? null) : null;
    const found = decodeAll(entity, ids, taken);
    const missing = ids.filter((id) => !found.has(id));
    const fresh = new Map<string, Row>();
    if (missing.length > 0) for (const row of await read(missing)) fresh.set(row[entity.id] as string, row);
    const fillings: Filling[] = [];
    for (const [index, [id, key]] of [...keys].entries()) {
      const known = found.get(id);
      const row = known === undefined ? (fresh.get(id) ?? null) : known;
      found.set(id, row);
      if (!isCurrent(key)) continue;
      const life = row === null ? Math.min(ABSENT_MS, lifeMs) : lifeMs;
      local.set(entity.name, id, row, life);
      const lease = known === undefined ? taken?.leases[index] : null;
      if (lease) fillings.push({ key, lease, text: encodeCopy(entity, id, row), lifeMs: life });
    }
    // Nobody waits for it; it does not throw.
    void shared?.fill(space, fillings);
    return found;
  }
}

/** Tells other processes of changes where this one keeps no copies itself. */
export function createAnnouncer(doorbell: Doorbell): CommitWatch {
  return {
    async beforeCommit(tx, keys) {
      await announce(tx, keys);
      return async () => tell(doorbell, { space: '', xid: null, keys });
    },
  };
}

function tell(doorbell: Doorbell, notice: Notice): void {
  if (notice.keys.length > NOTICE_KEYS_MAX) doorbell.ring(TOPIC);
  else doorbell.signal(TOPIC, JSON.stringify(notice));
}

function readNotice(text: string): Notice | null {
  try {
    const { space, xid, keys } = JSON.parse(text) as Partial<Notice>;
    const isNotice = typeof space === 'string' && (xid === null || /^\d+$/.test(xid ?? '')) && Array.isArray(keys);
    return isNotice ? { space, xid: xid as string | null, keys } : null;
  } catch {
    return null;
  }
}

function decodeAll<Row extends object>(entity: Entity<Row>, ids: readonly string[], taken: Taken | null) {
  const found = new Map<string, Row | null>();
  for (const [index, id] of ids.entries()) {
    const text = taken?.texts[index];
    const copy = text == null ? undefined : decodeCopy(entity, id, text);
    if (copy !== undefined) found.set(id, copy);
  }
  return found;
}
