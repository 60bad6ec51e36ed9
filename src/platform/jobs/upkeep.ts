import type { Clock } from '../../kernel/clock';
import { purgeChanges } from '../changelog/change-log';
import type { Database } from '../postgres/database';
import { purgeIdempotencyKeys } from '../postgres/idempotency';
import type { Schedule, Task } from './jobs';

export interface UpkeepOptions {
  /** How long a clientMutationId is remembered. */
  readonly idempotencyHours: number;
  /** How long the change logs reach back. */
  readonly changesDays: number;
}

const PURGE_KEYS_TASK = 'idempotency.purge';
const PURGE_CHANGES_TASK = 'changes.purge';
const HOUR_MS = 3_600_000;

/** The tasks that remove what the service itself has kept long enough. */
export function createUpkeep(database: Database, clock: Clock, options: UpkeepOptions) {
  const before = (ageMs: number) => new Date(clock.ms() - ageMs).toISOString();
  const purgeKeys: Task = async () => {
    await purgeIdempotencyKeys(database, before(options.idempotencyHours * HOUR_MS));
  };
  const purgeOldChanges: Task = () => purgeChanges(database, before(options.changesDays * 24 * HOUR_MS));
  const schedules: readonly Schedule[] = [
    { task: PURGE_KEYS_TASK, cron: '*/20 * * * *' },
    { task: PURGE_CHANGES_TASK, cron: '50 * * * *' },
  ];
  return {
    tasks: new Map([
      [PURGE_KEYS_TASK, purgeKeys],
      [PURGE_CHANGES_TASK, purgeOldChanges],
    ]),
    schedules,
  };
}
