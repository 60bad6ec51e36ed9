import type { Enqueue, Task } from '../jobs/jobs';
import type { Database, Transaction } from '../postgres/database';
import type { Audience, Audiences } from './audience';
import { type Change, type ChangeLog, newEventId } from './change-log';

/** Job: writes one change to the logs of an audience. */
export const SPREAD_TASK = 'changes.spread';

/** What everybody of the audience learns. */
export type SharedChange = Omit<Change, 'viewerId'>;

interface SpreadJob {
  readonly eventId: string;
  readonly audience: Audience;
  readonly change: SharedChange;
}

export interface SpreadDeps {
  readonly database: Database;
  readonly enqueue: Enqueue;
  readonly changes: ChangeLog;
  readonly audiences: Audiences;
  /** Logs written in one transaction. */
  readonly atOnce?: number;
}

const LOGS_AT_ONCE = 1_000;

/** Tells large audiences of changes, by a job. */
export class Spread {
  constructor(private readonly deps: SpreadDeps) {}

  /**
   * Adds the job to the transaction of the change. Changes of one node that follow each other quickly are folded into
   * the last: an entry is a reference, so it stands for all of them.
   */
  async add(tx: Transaction, audience: Audience, change: SharedChange): Promise<void> {
    const job: SpreadJob = { eventId: newEventId(), audience, change };
    const key = [SPREAD_TASK, audience.name, audience.id, change.scope, change.kind, change.nodeId].join(':');
    await this.deps.enqueue(tx, SPREAD_TASK, job, { key });
  }

  /** The task. Begun again after an interruption, it passes over the logs that have the event already. */
  readonly task: Task = async (payload) => {
    const { eventId, audience, change } = payload as SpreadJob;
    const { database, changes, audiences, atOnce = LOGS_AT_ONCE } = this.deps;
    let after: string | null = null;
    do {
      const { viewerIds, next } = await audiences.page(database, audience, after, atOnce);
      await changes.appendOnce(
        database,
        eventId,
        viewerIds.map((viewerId) => ({ ...change, viewerId })),
      );
      after = next;
    } while (after !== null);
  };
}
