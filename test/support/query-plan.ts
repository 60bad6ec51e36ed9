import type { Pool, PoolClient } from 'pg';
import { type SentStatement, sentStatements, watchStatements } from './sent-statements';

/** One step of a plan, with what it really did. */
export interface PlanStep {
  readonly kind: string;
  readonly table: string | null;
  readonly index: string | null;
  /** Rows that it looked at, over all its rounds: those that it passed on and those that it threw away. */
  readonly rows: number;
  /** Rows that the steps below it passed on. */
  readonly input: number;
}

interface RawStep {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly Plans?: readonly RawStep[];
}

/** Everything sent to PostgreSQL while `work` runs, by whatever connection of this process. */
export async function statementsDuring(work: () => Promise<unknown>): Promise<SentStatement[]> {
  const watch = watchStatements();
  try {
    await work();
    return sentStatements(watch).filter(
      ({ text }) => /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/.test(text) && !/graphile_worker/.test(text),
    );
  } finally {
    watch.mockRestore();
  }
}

/** Runs `work` in a transaction that is rolled back. */
export async function undone<Result>(sql: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await sql.connect();
  try {
    await client.query('BEGIN');
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

/**
 * The steps of the plan that PostgreSQL chooses. What only reads is carried out; of what writes the plan is all there
 * is, because it has been carried out before, and its steps count no rows.
 */
export async function planOf(client: PoolClient, { text, values }: SentStatement): Promise<PlanStep[]> {
  const { rows } = await client.query(`EXPLAIN (${howToExplain(text)}) ${text}`, [...values]);
  return steps(rows[0]['QUERY PLAN'][0].Plan);
}

/** PostgreSQL plans a prepared statement so often for its values before it decides whether one plan is as good for all. */
const CUSTOM_PLANS = 5;

/** As `planOf`, of the plan that PostgreSQL settles on once a connection has prepared the statement and used it a few times. */
export async function settledPlanOf(client: PoolClient, { text, values }: SentStatement): Promise<PlanStep[]> {
  await client.query(`PREPARE settled AS ${text}`);
  try {
    const literals = values.map((value) => (value === null ? 'NULL' : client.escapeLiteral(String(asSent(value)))));
    const execute = literals.length > 0 ? `EXECUTE settled(${literals.join(', ')})` : 'EXECUTE settled';
    for (let n = 0; n < CUSTOM_PLANS; n += 1) await client.query(`EXPLAIN ${execute}`);
    const { rows } = await client.query(`EXPLAIN (${howToExplain(text)}) ${execute}`);
    return steps(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await client.query('DEALLOCATE settled');
  }
}

function howToExplain(text: string): string {
  return /^\s*(SELECT|WITH hidden_people)\b/.test(text) ? 'ANALYZE, TIMING OFF, FORMAT JSON' : 'FORMAT JSON';
}

/** A value in the text that node-postgres makes of it; arrays as PostgreSQL writes them. */
function asSent(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const elements = value.map((each) => (each === null ? 'NULL' : `"${String(each).replace(/[\\"]/g, '\\$&')}"`));
  return `{${elements.join(',')}}`;
}

function steps(step: RawStep): PlanStep[] {
  const loops = step['Actual Loops'] ?? 0;
  const removed =
    (step['Rows Removed by Filter'] ?? 0) +
    (step['Rows Removed by Index Recheck'] ?? 0) +
    (step['Rows Removed by Join Filter'] ?? 0);
  const passed = (each: RawStep) => (each['Actual Rows'] ?? 0) * (each['Actual Loops'] ?? 0);
  const inner = step.Plans ?? [];
  return [
    {
      kind: step['Node Type'],
      table: step['Relation Name'] ?? null,
      index: step['Index Name'] ?? null,
      rows: Math.round(passed(step) + removed * loops),
      input: Math.round(inner.reduce((sum, each) => sum + passed(each), 0)),
    },
    ...inner.flatMap(steps),
  ];
}
