import type { Config } from '../config';
import { systemClock } from '../kernel/clock';
import { beginEpoch, ensureEpoch } from '../platform/changelog/epoch';
import type { Log } from '../platform/telemetry/log';
import { requireMigrated, withDatabase } from './migrate';

/** Ends the history of the change logs: apps that saw what a restored backup does not hold load everything anew. */
export async function beginHistory(url: string, config: Config, log: Log): Promise<void> {
  await requireMigrated(url, config, log);
  await withDatabase(url, config, log, ({ database }) => beginEpoch(database, systemClock.now()));
}

/** Begins a history where there is none, as after the tables were emptied. */
export async function ensureHistory(url: string, config: Config, log: Log): Promise<void> {
  await withDatabase(url, config, log, ({ database }) => ensureEpoch(database, systemClock.now()));
}
