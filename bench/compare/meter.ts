/** What processes have used: from /proc where there is one, else from ps, whose hundredths of a second are coarser. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
  /** Of children that have ended, where the system tells. */
  readonly endedCpuMs: number;
  readonly memoryBytes: number;
}

const HAS_PROC = existsSync('/proc/self/stat');
/** USER_HZ and the size of a page, which Linux has had so on all its platforms of today's servers. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;

export interface Usage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Of a process and all below it: processor time since its start, and memory now. */
export function usageOf(root: number): Usage {
  const rows = HAS_PROC ? fromProc() : fromPs();
  const children = new Map<number, Row[]>();
  for (const row of rows) children.set(row.parent, [...(children.get(row.parent) ?? []), row]);
  let cpuMs = 0;
  let memoryBytes = 0;
  const add = (row: Row): void => {
    cpuMs += row.cpuMs + row.endedCpuMs;
    memoryBytes += row.memoryBytes;
    for (const child of children.get(row.pid) ?? []) add(child);
  };
  for (const row of rows) if (row.pid === root) add(row);
  return { cpuMs, memoryBytes };
}

function fromProc(): Row[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The second field, the name of the program, may hold anything; behind it the third begins.
      const fields = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
      return {
        pid: Number(name),
        parent: fields[1] ?? 0,
        cpuMs: (user + system) * TICK_MS,
        endedCpuMs: (childUser + childSystem) * TICK_MS,
        memoryBytes: (fields[21] ?? 0) * PAGE_BYTES,
      };
    } catch {
      // It has ended since.
      return [];
    }
  });
}

function fromPs(): Row[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,time='], { encoding: 'utf8' });
  return text.split('\n').flatMap((line) => {
    const [pid, parent, kib, time] = line.trim().split(/\s+/);
    if (time === undefined) return [];
    const seconds = time.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0);
    const row = { pid: Number(pid), parent: Number(parent), cpuMs: seconds * 1_000, endedCpuMs: 0 };
    return { ...row, memoryBytes: Number(kib) * 1_024 };
  });
}
