import type { Statements } from './agreement';
import type { Read } from './reads';
import { type Result, type Results, ratio } from './rounds';
import { LIMIT, RIVAL } from './servers';

export interface Known {
  readonly statements: ReadonlyMap<string, Statements>;
  readonly memoryBytes: ReadonlyMap<string, number>;
}

const HEADS = ['', 'req/s', 'of limit', 'x rival', 'p50 ms', 'p99 ms', 'server', 'database', 'SQL', 'bytes', 'MiB'];
const MIB = 1_048_576;

/** One table for each read; the rival is PostGraphile with its best settings. */
export function printTable(results: Results, reads: readonly Read[], { statements, memoryBytes }: Known): string {
  const lines: string[] = [];
  for (const read of reads) {
    const limit = results.get(LIMIT)?.get(read);
    const rival = results.get(RIVAL)?.get(read);
    const against = (result: Result, other?: Result) => (other ? ratio(result, other).toFixed(2) : '-');
    const rows = [...results].flatMap(([name, byRead]) => {
      const result = byRead.get(read);
      if (!result) return [];
      const row = [
        name,
        result.rate.toFixed(0),
        against(result, limit),
        against(result, rival),
        result.p50.toFixed(1),
        result.p99.toFixed(1),
        result.serverCpuMs.toFixed(0),
        result.databaseCpuMs.toFixed(0),
        String(statements.get(name)?.[read] ?? '-'),
        result.bytes.toFixed(0),
        ((memoryBytes.get(name) ?? 0) / MIB).toFixed(0),
      ];
      return [row];
    });
    lines.push(`${read}`, ...align([HEADS, ...rows]), '');
  }
  lines.push(
    'of limit, x rival: requests/s relative to the hand-written statement and to PostGraphile with its best settings',
  );
  lines.push(
    'entity cache and anonymous GET are measured warm: all their requests are sent three times right before each measurement',
  );
  lines.push('server, database: processor time for 1,000 requests in ms; MiB: memory of the server at the end');
  return lines.join('\n');
}

export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}
