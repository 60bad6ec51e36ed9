import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import type { Database, Executor, Transaction } from '../postgres/database';
import { type Statement, sql } from '../postgres/sql';
import type { Doorbell, Topic } from '../redis/doorbell';

/** That something changed for somebody: a reference. What is delivered is the node as it is then. */
export interface Change {
  /** Whose log it stands in. */
  readonly viewerId: string;
  /** Which part of the viewer's copy it touches. */
  readonly scope: string;
  /** The TypeID prefix of the node. */
  readonly kind: string;
  readonly nodeId: string;
  /** The node's version when it changed; null for nodes that count none. */
  readonly version?: number | null;
  /** The node exists no longer, for anybody. */
  readonly deleted?: boolean;
}

/** What rings when a viewer's log has grown. */
export function streamTopic(viewerId: string): Topic {
  return `stream:${viewerId}`;
}

/**
 * Writes to the viewers' change logs. Entries of one transaction are gathered and written just before its commit, the
 * streams' rows locked in the order of their ids: so numbers are gapless, become visible in order, and writers who
 * share readers never deadlock. After the commit the doorbell rings.
 */
export class ChangeLog {
  private readonly gathered = new WeakMap<Transaction, Gathered>();

  constructor(
    private readonly doorbell: Doorbell,
    private readonly clock: Clock,
  ) {}

  /** Adds to what this transaction will have changed. A later change of the same node takes the place of an earlier. */
  add(tx: Transaction, ...changes: readonly Change[]): void {
    const gathered = this.of(tx);
    for (const change of changes) {
      const key = `${change.viewerId}:${change.scope}:${change.kind}:${change.nodeId}`;
      gathered.changes.delete(key);
      gathered.changes.set(key, change);
    }
  }

  /** How far this viewer's log goes by what has been written of it so far, all of it after the commit; null when it was not touched. */
  lastSeq(tx: Transaction, viewerId: string): number | null {
    return this.gathered.get(tx)?.written.get(viewerId) ?? null;
  }

  /** Writes what has been added so far and answers how far this viewer's log goes then; null when it was not touched. */
  async write(tx: Transaction, viewerId: string): Promise<number | null> {
    const gathered = this.of(tx);
    await this.flush(tx, gathered);
    return this.lastSeq(tx, viewerId);
  }

  /**
   * Adds changes that are part of an event with many readers. Repeating it, as a job may that was interrupted, adds
   * nothing twice: readers who have the event's entry keep that one.
   * @param eventId the UUID of the event, the same at each repetition.
   */
  async appendOnce(database: Database, eventId: string, changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await database.transaction((tx) => this.appendOnceIn(tx, eventId, changes));
  }

  /** As `appendOnce`, in the transaction of rows that the changes are about. Comes last in it, so that logs are locked briefly. */
  async appendOnceIn(tx: Transaction, eventId: string, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    // A second run of the same job must look for the event's entries after the first has committed them.
    await tx.run(sql`SELECT pg_advisory_xact_lock(${EVENT_LOCK}::integer, hashtext(${eventId}))`);
    const rows = await tx.rows<Grown>(append(changes, this.clock.now(), eventId));
    tx.afterCommit(() => this.doorbell.ring(...new Set(rows.map((row) => streamTopic(row.viewerId)))));
  }

  private of(tx: Transaction): Gathered {
    let gathered = this.gathered.get(tx);
    if (!gathered) {
      const fresh: Gathered = { changes: new Map(), written: new Map() };
      this.gathered.set(tx, fresh);
      tx.atEnd(async () => this.flushAtEnd(tx, fresh));
      tx.afterCommit(() => this.doorbell.ring(...[...fresh.written.keys()].map(streamTopic)));
      gathered = fresh;
    }
    return gathered;
  }

  private async flush(tx: Transaction, gathered: Gathered): Promise<void> {
    const statements = this.takeStatements(gathered);
    for (const rows of await Promise.all(statements.map((statement) => tx.rows<Grown>(statement))))
      note(gathered, rows);
  }

  private flushAtEnd(tx: Transaction, gathered: Gathered): void {
    for (const statement of this.takeStatements(gathered)) {
      tx.send<Grown>(statement, (rows) => note(gathered, rows));
    }
  }

  /** What writes the changes gathered so far, which are gathered no more. */
  private takeStatements({ changes }: Gathered): Statement[] {
    if (changes.size === 0) return [];
    const statements = statementsOf([...changes.values()], this.clock.now());
    changes.clear();
    return statements;
  }
}

function note({ written }: Gathered, rows: readonly Grown[]): void {
  for (const { viewerId, lastSeq } of rows) written.set(viewerId, lastSeq);
}

/** The first of an advisory lock's two numbers: events with many readers. */
const EVENT_LOCK = 2;

interface Gathered {
  /** By viewer, scope and node, in the order of the last change of each. */
  readonly changes: Map<string, Change>;
  /** The last number given, by viewer. */
  readonly written: Map<string, number>;
}

/** A stream that grew, with its last number. */
interface Grown {
  readonly viewerId: string;
  readonly lastSeq: number;
}

/** Readers whose entries are written one by one. */
const ONE_BY_ONE_MAX = 2;

/**
 * What most transactions write is one entry each for one or two readers: as statements for one entry that takes less than
 * half as long. They lock the streams in the same order.
 */
function statementsOf(changes: readonly Change[], now: string): Statement[] {
  const readers = new Set(changes.map(({ viewerId }) => viewerId));
  if (readers.size < changes.length || changes.length > ONE_BY_ONE_MAX) return [append(changes, now, null)];
  return [...changes].sort((a, b) => (a.viewerId < b.viewerId ? -1 : 1)).map((change) => appendOne(change, now));
}

function appendOne({ viewerId, scope, kind, nodeId, version, deleted }: Change, now: string): Statement {
  return sql`
    WITH stream AS (
      INSERT INTO change_streams AS s (viewer_id, last_seq) VALUES (${viewerId}, 1)
      ON CONFLICT (viewer_id) DO UPDATE SET last_seq = s.last_seq + 1
      RETURNING viewer_id, last_seq
    )
    INSERT INTO change_entries (viewer_id, seq, scope, kind, node_id, version, deleted, created_at)
    SELECT viewer_id, last_seq, ${scope}::text, ${kind}::text, ${nodeId}::uuid, ${version ?? null}::integer,
      ${deleted ?? false}::boolean, ${now}::timestamptz FROM stream
    RETURNING viewer_id AS "viewerId", seq AS "lastSeq"`;
}

function append(changes: readonly Change[], now: string, eventId: string | null): Statement {
  return sql`
    WITH sent AS (
      SELECT * FROM unnest(
        ${changes.map((each) => each.viewerId)}::uuid[], ${changes.map((each) => each.scope)}::text[],
        ${changes.map((each) => each.kind)}::text[], ${changes.map((each) => each.nodeId)}::uuid[],
        ${changes.map((each) => each.version ?? null)}::integer[], ${changes.map((each) => each.deleted ?? false)}::boolean[]
      ) WITH ORDINALITY AS c(viewer_id, scope, kind, node_id, version, deleted, place)
    ), change AS (
      SELECT * FROM sent c WHERE ${eventId}::uuid IS NULL OR NOT EXISTS (
        SELECT FROM change_entries e
        WHERE e.viewer_id = c.viewer_id AND e.event_id = ${eventId}::uuid AND e.scope = c.scope AND e.kind = c.kind AND e.node_id = c.node_id)
    ), stream AS (
      INSERT INTO change_streams AS s (viewer_id, last_seq)
      SELECT viewer_id, count(*)::integer FROM change GROUP BY viewer_id ORDER BY viewer_id
      ON CONFLICT (viewer_id) DO UPDATE SET last_seq = s.last_seq + EXCLUDED.last_seq
      RETURNING viewer_id, last_seq
    ), entry AS (
      INSERT INTO change_entries (viewer_id, seq, scope, kind, node_id, version, deleted, event_id, created_at)
      SELECT c.viewer_id, s.last_seq + 1 - row_number() OVER (PARTITION BY c.viewer_id ORDER BY c.place DESC),
        c.scope, c.kind, c.node_id, c.version, c.deleted, ${eventId}::uuid, ${now}::timestamptz
      FROM change c JOIN stream s USING (viewer_id)
    )
    SELECT viewer_id AS "viewerId", last_seq AS "lastSeq" FROM stream`;
}

/** An entry of a viewer's log. */
export interface ChangeEntry {
  readonly viewerId: string;
  readonly seq: number;
  readonly scope: string;
  readonly kind: string;
  readonly nodeId: string;
  readonly deleted: boolean;
}

/** A place in one viewer's log. */
export interface StreamPlace {
  readonly streamId: string;
  readonly after: number;
}

/** The entries behind each place, at most `limit` of each, ascending. */
export function readChanges(executor: Executor, places: readonly StreamPlace[], limit: number): Promise<ChangeEntry[]> {
  return executor.rows(sql`
    SELECT e.viewer_id AS "viewerId", e.seq, e.scope, e.kind, e.node_id AS "nodeId", e.deleted
    FROM unnest(${places.map((each) => each.streamId)}::uuid[], ${places.map((each) => each.after)}::integer[]) AS p(viewer_id, after)
    CROSS JOIN LATERAL (
      SELECT * FROM change_entries WHERE viewer_id = p.viewer_id AND seq > p.after ORDER BY seq LIMIT ${limit}
    ) e`);
}

/** How far each log goes; logs that were never written to are left out. */
export async function readHeads(executor: Executor, viewerIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await executor.rows<{ viewerId: string; lastSeq: number }>(sql`
    SELECT viewer_id AS "viewerId", last_seq AS "lastSeq" FROM change_streams WHERE viewer_id = ANY(${viewerIds}::uuid[])`);
  return new Map(rows.map((row) => [row.viewerId, row.lastSeq]));
}

const PURGE_AT_ONCE = 10_000;

/** Removes entries older than `before` (RFC 3339); readers who were still before them are told to start over. */
export async function purgeChanges(executor: Executor, before: string): Promise<void> {
  let removed: number;
  do {
    removed = await executor.run(sql`
      DELETE FROM change_entries WHERE (viewer_id, seq) IN (
        SELECT viewer_id, seq FROM change_entries WHERE created_at < ${before} ORDER BY created_at LIMIT ${PURGE_AT_ONCE})`);
  } while (removed === PURGE_AT_ONCE);
}

/** Removes the oldest entries of one viewer's log, and with the last of them the log; false when there is none. */
export async function forgetLog(executor: Executor, viewerId: string, limit: number): Promise<boolean> {
  const removed = await executor.run(sql`
    DELETE FROM change_entries WHERE viewer_id = ${viewerId} AND seq IN (
      SELECT seq FROM change_entries WHERE viewer_id = ${viewerId} ORDER BY seq LIMIT ${limit})`);
  if (removed === limit) return true;
  const ended = await executor.run(sql`DELETE FROM change_streams WHERE viewer_id = ${viewerId}`);
  return removed + ended > 0;
}

/** An id for an event with many readers. */
export function newEventId(): string {
  return randomUUID();
}
