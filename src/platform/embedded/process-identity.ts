import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

// Positions behind the command name in /proc/<pid>/stat, see proc(5): fields 3 and 22.
const STAT_STATE = 0;
const STAT_START_TICKS = 19;

const BOOT_ID_CHARS = 8;

/**
 * A name that one process has to itself, also after its pid is given to another: pid, start time and boot.
 * Fit to be a file name and begins with the pid. Null when no such process runs; a zombie does not run.
 */
export function identifyProcess(pid: number): string | null {
  const started = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
  return started === null ? null : `${pid}-${started}`;
}

/** The program and arguments of a running process, joined by spaces; empty when it is gone or hidden from this user. */
export function commandLineOf(pid: number): string {
  if (process.platform === 'linux') return (readIfPresent(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ');
  return ps(pid, 'command=');
}

function startFromProc(pid: number): string | null {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The command name stands in parentheses and may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[STAT_STATE];
  if (state === 'Z' || state === 'X') return null;
  const bootId = readIfPresent('/proc/sys/kernel/random/boot_id') ?? '';
  return `${fields[STAT_START_TICKS]}-${bootId.slice(0, BOOT_ID_CHARS)}`;
}

function startFromPs(pid: number): string | null {
  const [state, ...started] = ps(pid, 'state=,lstart=').trim().split(/\s+/);
  if (!state || state.startsWith('Z')) return null;
  return started.join('-').replaceAll(':', '.');
}

function ps(pid: number, columns: string): string {
  try {
    return execFileSync('ps', ['-ww', '-o', columns, '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    // ps ends with status 1 when there is no such process.
    return '';
  }
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
