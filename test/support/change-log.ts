import { decodeId } from '../../src/kernel/ids';
import type { Person, TestApp } from './app';

/** An entry of somebody's change log, as stored. */
export interface LogRow {
  readonly viewerId: string;
  readonly seq: number;
  readonly scope: string;
  readonly kind: string;
  readonly nodeId: string;
  readonly version: number | null;
  readonly deleted: boolean;
  readonly eventId: string | null;
}

/** The entries of one person's log, or of all, in order. */
export async function readLog(app: TestApp, person?: Person): Promise<LogRow[]> {
  const { rows } = await app.sql.query(
    `SELECT viewer_id AS "viewerId", seq, scope, kind, node_id AS "nodeId", version, deleted, event_id AS "eventId"
     FROM change_entries WHERE $1::uuid IS NULL OR viewer_id = $1 ORDER BY viewer_id, seq`,
    [person?.uuid ?? null],
  );
  return rows;
}

/** What people and nodes are called in a test, by their ids. */
export function namesOf(things: Readonly<Record<string, Person | string>>): Map<string, string> {
  return new Map(
    Object.entries(things).map(([name, thing]) => [
      typeof thing === 'string' ? (decodeId(thing)?.uuid ?? thing) : thing.uuid,
      name,
    ]),
  );
}

/** Entries as sentences, such as "ada FEED post hello deleted", in the order of the alphabet. */
export function sentences(rows: readonly LogRow[], names: ReadonlyMap<string, string>): string[] {
  const called = (id: string) => names.get(id) ?? id;
  return rows
    .map(({ viewerId, scope, kind, nodeId, deleted }) =>
      [called(viewerId), scope, kind, called(nodeId), ...(deleted ? ['deleted'] : [])].join(' '),
    )
    .sort();
}

/** The entries that are there after `work` and all jobs, and were not before. */
export async function appendedBy(app: TestApp, work: () => Promise<unknown>): Promise<LogRow[]> {
  const place = ({ viewerId, seq }: LogRow) => `${viewerId}:${seq}`;
  await app.jobsDone();
  const before = new Set((await readLog(app)).map(place));
  await work();
  await app.jobsDone();
  return (await readLog(app)).filter((row) => !before.has(place(row)));
}

/** For each feed that has a post, whether one transaction wrote it there and into the log of whose feed it is. */
export async function writtenTogether(app: TestApp, postId: string): Promise<boolean[]> {
  const { rows } = await app.sql.query(
    `SELECT EXISTS (SELECT FROM change_entries e
       WHERE e.viewer_id = f.viewer_id AND e.node_id = f.post_id AND e.xmin = f.xmin) AS together
     FROM feed_entries f WHERE f.post_id = $1`,
    [decodeId(postId)?.uuid],
  );
  return rows.map(({ together }) => together);
}

/** The payloads of the waiting jobs of one task, for apps that run none themselves. */
export async function waitingJobs(app: TestApp, task: string): Promise<object[]> {
  const { rows } = await app.sql.query(
    `SELECT payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
     WHERE t.identifier = $1 ORDER BY j.id`,
    [task],
  );
  return rows.map(({ payload }) => payload);
}
