import type { Clock } from '../../kernel/clock';
import { refuseForNow } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Enqueue } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { AuditTrail } from '../audit';
import { credentials, type SessionService } from '../auth';
import type { DataExportRow } from './data-export.entity';
import type { ExportKey } from './data-export.repository';
import * as dataExports from './data-export.repository';
import { EXPORT_PREFIX } from './export-links';

export const MAKE_EXPORT = 'exports.make';
const DAY_MS = 86_400_000;
/** About as long as an export takes. */
const UNFINISHED_RETRY_MS = 60_000;
/** What came to no end by then never will: its job is gone. */
const STUCK_MS = DAY_MS / 4;
const AT_ONCE = 100;
/** Of parts, which are large. */
const PARTS_AT_ONCE = 200;

export interface DataExportServiceDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly enqueue: Enqueue;
  readonly changes: ChangeLog;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly perDay: number;
}

/** Asking for exports, giving them out, and removing them. */
export class DataExportService {
  constructor(private readonly deps: DataExportServiceDeps) {}

  /** @throws UserErrors RATE_LIMITED while one is being made, and when there were enough for a day. */
  async request(tx: Transaction, viewer: Viewer, address: string): Promise<{ exportId: string }> {
    const { clock, newId, enqueue, audit, perDay } = this.deps;
    const { userId, sessionId } = viewer;
    await credentials.lockAccount(tx, userId);
    const recent = await dataExports.findRecent(tx, userId, this.ago(DAY_MS));
    if (recent.some(({ state }) => state === 'QUEUED' || state === 'RUNNING')) {
      refuseForNow('A copy of your data is being made already.', UNFINISHED_RETRY_MS);
    }
    const oldest = recent.at(-perDay);
    if (oldest) {
      const waitMs = Date.parse(oldest.createdAt) + DAY_MS - clock.ms();
      refuseForNow(`You can ask for ${perDay} copies of your data in a day.`, Math.max(1, waitMs));
    }
    const id = newId();
    const empty = { attempts: 0, sizeBytes: null, expiresAt: null };
    await dataExports.insert(tx, { userId, id, sessionId, state: 'QUEUED', createdAt: clock.now(), ...empty });
    await enqueue(tx, MAKE_EXPORT, { userId, exportId: id });
    audit.append(tx, { kind: 'export.requested', userId, sessionId, address });
    this.tell(tx, { userId, id });
    return { exportId: id };
  }

  /**
   * The export to give out to whoever brings a link to it; null unless it is there, and the session still lives in which
   * it was asked for.
   */
  async open(tx: Transaction, key: ExportKey, address: string): Promise<DataExportRow | null> {
    const { clock, sessions, audit } = this.deps;
    const [found] = await dataExports.findOfUser(tx, key.userId, [key.id]);
    if (found?.state !== 'DONE' || found.expiresAt === null || found.expiresAt <= clock.now()) return null;
    const { userId, sessionId } = found;
    if (!(await sessions.lives(tx, { userId, sessionId }))) return null;
    audit.append(tx, { kind: 'export.downloaded', userId, sessionId, address });
    return found;
  }

  /** Tells the owner's apps that an export is another now. */
  tell(tx: Transaction, { userId, id }: ExportKey, deleted = false): void {
    this.deps.changes.add(tx, { viewerId: userId, scope: 'PROFILE', kind: EXPORT_PREFIX, nodeId: id, deleted });
  }

  /** Removes what has ended, and gives up what came to no end. */
  async purge(database: Database): Promise<void> {
    const { clock } = this.deps;
    const now = clock.now();
    await this.each(
      database,
      () => dataExports.findStuck(database, this.ago(STUCK_MS), AT_ONCE),
      (tx, key) => this.fail(tx, key),
    );
    while ((await dataExports.removeEndedParts(database, now, PARTS_AT_ONCE)) === PARTS_AT_ONCE);
    // They count for a day.
    await this.each(
      database,
      () => dataExports.findOld(database, now, this.ago(DAY_MS), AT_ONCE),
      async (tx, key) => {
        if (await dataExports.remove(tx, key)) this.tell(tx, key, true);
      },
    );
  }

  /** Gives it up, with whatever there is of it. */
  async fail(tx: Transaction, key: ExportKey): Promise<void> {
    if (!(await dataExports.markFailed(tx, key))) return;
    await dataExports.removeParts(tx, key);
    this.tell(tx, key);
  }

  private async each(
    database: Database,
    find: () => Promise<ExportKey[]>,
    work: (tx: Transaction, key: ExportKey) => Promise<void>,
  ): Promise<void> {
    let found: ExportKey[];
    do {
      found = await find();
      for (const key of found) await database.transaction((tx) => work(tx, key));
    } while (found.length === AT_ONCE);
  }

  private ago(ms: number): string {
    return new Date(this.deps.clock.ms() - ms).toISOString();
  }
}
