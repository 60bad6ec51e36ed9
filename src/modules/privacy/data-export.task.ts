import type { Clock } from '../../kernel/clock';
import type { ExportSource } from '../../platform/export/export-source';
import { ZipTooLarge } from '../../platform/export/zip-writer';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import type { DataExportRow } from './data-export.entity';
import type { ExportKey } from './data-export.repository';
import * as dataExports from './data-export.repository';
import { type DataExportService, MAKE_EXPORT } from './data-export.service';
import { ExportTooLarge, writeArchive } from './export-archive';

export interface ExportMakerDeps {
  readonly clock: Clock;
  readonly database: Database;
  readonly enqueue: Enqueue;
  readonly log: Log;
  readonly service: DataExportService;
  readonly sources: readonly ExportSource[];
  readonly hours: number;
  readonly maxBytes: number;
}

/** After so many it is given up: each may have ended with the process that made it. */
const ATTEMPTS_MAX = 5;
const PUT_OFF_MS = 10_000;
const HOUR_MS = 3_600_000;

/**
 * Makes exports. A process makes one at a time, on one connection: other jobs and requests have their turn. All of the
 * copy is read and written in one REPEATABLE READ transaction, so that it is of one moment, and nothing is left of an
 * attempt that ended half-way. The row that says how far it has come, and the change log, are written in short
 * transactions around it, since what others write meanwhile would make the long one fail.
 */
export class ExportMaker {
  private busy = false;

  constructor(private readonly deps: ExportMakerDeps) {}

  readonly task: Task = async (payload) => {
    const { userId, exportId: id } = payload as { userId: string; exportId: string };
    if (this.busy) return this.putOff({ userId, id });
    this.busy = true;
    try {
      await this.make({ userId, id });
    } finally {
      this.busy = false;
    }
  };

  private async make(key: ExportKey): Promise<void> {
    const { database, service, log } = this.deps;
    const begun = await database.transaction(async (tx) => {
      if (!(await dataExports.holdAlone(tx, key))) return 'elsewhere';
      const row = await dataExports.begin(tx, key);
      if (row) service.tell(tx, key);
      return row;
    });
    if (begun === 'elsewhere') return this.putOff(key);
    if (!begun) return;
    const giveUp = () => database.transaction((tx) => service.fail(tx, key));
    if (begun.attempts > ATTEMPTS_MAX) return giveUp();
    try {
      await this.write(begun);
    } catch (err) {
      const tooLarge = err instanceof ExportTooLarge || err instanceof ZipTooLarge;
      log.warn({ err, exportId: key.id, attempt: begun.attempts }, 'export failed');
      if (!tooLarge && begun.attempts < ATTEMPTS_MAX) throw err;
      await giveUp();
    }
  }

  private async write(row: DataExportRow): Promise<void> {
    const { clock, database, sources, hours, maxBytes, service } = this.deps;
    const sizeBytes = await database.transaction(async (tx) => {
      await dataExports.holdStill(tx);
      if (!(await dataExports.holdAlone(tx, row))) throw new Error('the export is being made elsewhere');
      await dataExports.removeParts(tx, row);
      const size = await writeArchive(tx, row, sources, { now: clock.ms(), maxBytes });
      return (await dataExports.keep(tx, row)) ? size : null;
    });
    if (sizeBytes === null) return;
    const expiresAt = new Date(clock.ms() + hours * HOUR_MS).toISOString();
    await database.transaction(async (tx) => {
      if (await dataExports.markDone(tx, { ...row, sizeBytes, expiresAt })) service.tell(tx, row);
    });
  }

  private async putOff({ userId, id }: ExportKey): Promise<void> {
    const { database, enqueue } = this.deps;
    await database.transaction((tx) => enqueue(tx, MAKE_EXPORT, { userId, exportId: id }, { afterMs: PUT_OFF_MS }));
  }
}
