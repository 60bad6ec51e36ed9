import type { Database, Executor } from '../../platform/postgres/database';
import type { AuditRow } from './audit.entity';
import type { ChainEnd } from './audit.repository';
import * as trail from './audit.repository';
import type { AuditTrail } from './audit-trail';

/** Rows in memory at once; also how far a row is looked for that is not in its place. */
const PAGE = 1_000;

/** Ends of chains by their number, as of one moment. */
export type ChainEnds = ReadonlyMap<number, ChainEnd>;

/** How a row, or the want of it, shows that somebody has been at the trail. */
export type FaultKind = 'changed' | 'removed' | 'inserted' | 'reordered' | 'cut' | 'end-altered' | 'rewritten';

export interface ChainFault {
  /** Of the first row that is not right. */
  readonly seq: number;
  readonly kind: FaultKind;
  readonly explanation: string;
}

export interface ChainReport {
  readonly chain: number;
  /** Rows that hold, counted from the beginning of the chain, those put away before included. */
  readonly end: ChainEnd;
  readonly fault: ChainFault | null;
}

export interface AuditCheckOptions {
  /** Ends that were seen earlier: the chains must still go through them. */
  readonly seen?: ChainEnds;
  /** Ends up to which rows have been moved to an archive: the check begins behind them. */
  readonly archived?: ChainEnds;
}

/** The least number that the column holds; a chain begins with 1. */
const SEQ_MIN = -(2 ** 31);
const START: ChainEnd = { seq: 0, hash: '' };

/**
 * Checks every chain of the trail as of one moment, a page in memory at a time; others may write meanwhile. Who has no
 * key cannot change, remove, insert or move a row unseen; who also sets `audit_chains` back can cut rows off the end,
 * and is found by ends seen earlier alone.
 */
export function checkTrail(
  database: Database,
  audit: AuditTrail,
  { seen = new Map(), archived = new Map() }: AuditCheckOptions = {},
): Promise<ChainReport[]> {
  return database.transaction(async (tx) => {
    await trail.holdStill(tx);
    const found = new Map((await trail.findChains(tx)).map(({ chain, end }) => [chain, end]));
    for (const chain of [...seen.keys(), ...archived.keys()]) if (!found.has(chain)) found.set(chain, null);
    const reports: ChainReport[] = [];
    for (const [chain, end] of [...found].sort(([one], [other]) => one - other)) {
      const checker = new ChainChecker(tx, audit, chain, seen.get(chain) ?? null);
      reports.push(await checker.check(archived.get(chain) ?? START, end));
    }
    return reports;
  });
}

class ChainChecker {
  constructor(
    private readonly executor: Executor,
    private readonly audit: AuditTrail,
    private readonly chain: number,
    private readonly seen: ChainEnd | null,
  ) {}

  async check(start: ChainEnd, end: ChainEnd | null): Promise<ChainReport> {
    let last = start;
    // Numbers below the first are no one's; behind an archive the rows before it may still be there.
    let from = start.seq === 0 ? SEQ_MIN : start.seq + 1;
    for (;;) {
      const rows = await this.page(from);
      for (const row of rows) {
        const fault = this.fits(last, row) ? this.comparedWithSeen(row) : await this.explain(last, row);
        if (fault) return this.report(last, fault);
        last = { seq: row.seq, hash: row.hash };
      }
      if (rows.length < PAGE) return this.report(last, this.compareEnd(last, end));
      from = last.seq + 1;
    }
  }

  private page(from: number): Promise<AuditRow[]> {
    return trail.page(this.executor, this.chain, from, PAGE);
  }

  private report(end: ChainEnd, fault: ChainFault | null): ChainReport {
    return { chain: this.chain, end, fault };
  }

  private fits(before: ChainEnd, row: AuditRow, seq = row.seq): boolean {
    return seq === before.seq + 1 && this.audit.hashOf(before.hash, { ...row, seq }) === row.hash;
  }

  /** What is wrong with the first row that does not follow the one before it. */
  private async explain(last: ChainEnd, row: AuditRow): Promise<ChainFault> {
    const seq = last.seq + 1;
    if (row.seq > seq) {
      const through = row.seq === seq + 1 ? `Row ${seq} is` : `Rows ${seq} to ${row.seq - 1} are`;
      return { seq, kind: 'removed', explanation: `${through} missing` };
    }
    if (row.seq < seq) return this.insertedAt(row.seq, 'It stands before the first row');
    const following = await this.page(row.seq + 1);
    const [next] = following;
    const place = following.findIndex((each) => this.fits(last, each, seq));
    const rightful = following[place];
    if (rightful) {
      const before = following[place - 1] ?? { ...rightful, seq };
      const swapped = this.audit.hashOf(before.hash, { ...row, seq: rightful.seq }) === row.hash;
      if (swapped) return { seq, kind: 'reordered', explanation: `Row ${rightful.seq} belongs in its place` };
      return this.insertedAt(seq, `The row that belongs here is ${rightful.seq} now`);
    }
    // Where rows were taken out and the others moved up, the next ones still fit each other under their old numbers.
    if (next && !this.fits(row, next)) {
      for (let gap = 1; gap <= PAGE; gap += 1) {
        if (this.fits({ ...row, seq: row.seq + gap }, next, next.seq + gap)) {
          const explanation = `${gap} taken out from here on, and those behind moved up`;
          return { seq, kind: 'removed', explanation };
        }
      }
    }
    return { seq, kind: 'changed', explanation: 'What it says, or its hash, is not what was written' };
  }

  private insertedAt(seq: number, explanation: string): ChainFault {
    return { seq, kind: 'inserted', explanation };
  }

  private comparedWithSeen({ seq, hash }: AuditRow): ChainFault | null {
    if (seq !== this.seen?.seq || hash === this.seen.hash) return null;
    return {
      seq,
      kind: 'rewritten',
      explanation: 'It holds, but is not the row that stood here when its end was noted',
    };
  }

  private compareEnd(last: ChainEnd, end: ChainEnd | null): ChainFault | null {
    const seq = last.seq + 1;
    const noted = this.seen?.seq ?? 0;
    if (end === null && last.seq > 0) return { seq, kind: 'end-altered', explanation: 'audit_chains lacks the end' };
    const most = Math.max(end?.seq ?? 0, noted);
    if (most > last.seq) {
      const by = noted > last.seq ? 'the ends noted earlier' : 'audit_chains';
      return { seq, kind: 'cut', explanation: `The rows from here to ${most} are missing, by ${by}` };
    }
    if (end && end.seq < last.seq) {
      return { seq: end.seq + 1, kind: 'end-altered', explanation: `audit_chains ends at ${end.seq}` };
    }
    if (end && end.hash !== last.hash && last.seq > 0) {
      return { seq: last.seq, kind: 'end-altered', explanation: 'audit_chains has another hash for the last row' };
    }
    return null;
  }
}
