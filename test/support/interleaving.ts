import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Runs `work` for 0 … `times` - 1, so many at a time. */
export async function together(workers: number, times: number, work: (index: number) => Promise<unknown>) {
  let next = 0;
  const run = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: workers }, run));
}

const DEADLINE_MS = 15_000;
const CHECK_MS = 5;

/** Waits until `condition` answers something other than false, null and undefined, and answers that. */
export async function eventually<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
): Promise<Exclude<Value, false | null | undefined>> {
  for (const deadline = Date.now() + DEADLINE_MS; ; await sleep(CHECK_MS)) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<Value, false | null | undefined>;
    }
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
  }
}

/** Holds transactions that insert a row with a marked text, so that a test decides in which order they commit. */
export interface Gate {
  /** Rows whose text begins with this wait. */
  readonly mark: string;
  shut(): Promise<void>;
  open(): Promise<void>;
  /** Resolves when so many transactions wait, at this gate or for each other. */
  waiting(count: number): Promise<void>;
}

const GATE_LOCK = 4_711;

/** Puts a gate in front of inserts into a table. Held shut for longer than the lock timeout, it makes them fail. */
export async function gateInserts(sql: Pool, table: 'posts' | 'comments'): Promise<Gate> {
  await sql.query(`
    CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.text LIKE 'gated%' THEN PERFORM pg_advisory_xact_lock_shared(${GATE_LOCK}); END IF;
      RETURN NEW;
    END $$`);
  await sql.query(`CREATE TRIGGER gate BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION wait_at_gate()`);
  let keeper: PoolClient | undefined;
  return {
    mark: 'gated',
    async shut() {
      keeper = await sql.connect();
      await keeper.query('SELECT pg_advisory_lock($1)', [GATE_LOCK]);
    },
    async open() {
      await keeper?.query('SELECT pg_advisory_unlock($1)', [GATE_LOCK]);
      keeper?.release();
      keeper = undefined;
    },
    async waiting(count) {
      await eventually(`${count} transactions wait`, async () => {
        const { rows } = await sql.query(`
          SELECT count(*)::int AS waiting FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`);
        return rows[0].waiting >= count;
      });
    },
  };
}
