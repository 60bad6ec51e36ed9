import { setTimeout as delay } from 'node:timers/promises';
import { Logger, parseCronItems, type Runner, run, runMigrations } from 'graphile-worker';
import { Pool } from 'pg';
import type { Executor } from '../postgres/database';
import { sql } from '../postgres/sql';
import type { Log } from '../telemetry/log';

/** Does one job. It may run more than once (at-least-once), so it must be idempotent. Throwing retries it later. */
export type Task = (payload: unknown) => Promise<void>;

export interface EnqueueOptions {
  /** Jobs of one key that wait are folded into the newest. */
  readonly key?: string;
}

/** Adds a job inside the caller's transaction: it exists exactly when the rows that caused it do. */
export type Enqueue = (tx: Executor, task: string, payload: object, options?: EnqueueOptions) => Promise<void>;

export interface Schedule {
  readonly task: string;
  /** Five fields of crontab(5), in UTC. */
  readonly cron: string;
}

export interface WorkerOptions {
  /** A direct connection: jobs are announced by LISTEN, which transaction poolers break. */
  readonly databaseUrl: string;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly schedules: readonly Schedule[];
  /** Jobs at once in this process. */
  readonly concurrency: number;
  readonly log: Log;
}

export interface Worker {
  /** Takes no more jobs and waits for those begun. The second call waits for the first. */
  stop(): Promise<void>;
}

/** Waiting time for a new job when its announcement was lost. */
const POLL_MS = 2_000;
/** graphile-worker backs off exponentially; 12 tries span about a week. */
const MAX_ATTEMPTS = 12;
const RESTART_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 5_000;
const SETTLE_CHECK_MS = 5;

export const enqueue: Enqueue = async (tx, task, payload, options = {}) => {
  await tx.run(sql`
    SELECT graphile_worker.add_job(
      ${task}::text, payload := ${JSON.stringify(payload)}::json, max_attempts := ${MAX_ATTEMPTS}::integer,
      job_key := ${options.key ?? null}::text)`);
};

/** The queue has one handler for a name: several that wait for the same job run one after the other. */
export function mergeTasks(tasks: Iterable<readonly [name: string, task: Task]>): Map<string, Task> {
  const merged = new Map<string, Task>();
  for (const [name, task] of tasks) {
    const earlier = merged.get(name);
    merged.set(
      name,
      earlier
        ? async (payload) => {
            await earlier(payload);
            await task(payload);
          }
        : task,
    );
  }
  return merged;
}

/** Creates or updates the tables of the job queue. */
export async function migrateJobs(databaseUrl: string, log: Log): Promise<void> {
  await runMigrations({ connectionString: databaseUrl, logger: toWorkerLogger(log) });
}

/** Starts taking jobs. A worker that ends because PostgreSQL went away is started again until `stop`. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { log } = options;
  const pool = new Pool({
    connectionString: options.databaseUrl,
    // One connection listens, the others take and finish jobs; the schedule and the upkeep of the queue take turns.
    max: options.concurrency + 3,
    // Nobody waits for a job as for an answer, and one that was done but cannot be marked so runs again.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'portico-jobs',
    keepAlive: true,
  });
  let stopping = false;
  // Connections outlive `pool.end()` by a few milliseconds, in which the server may be going down as well.
  const onFault = (err: Error) => stopping || log.warn({ err: err.message }, 'job connection fault');
  pool.on('error', onFault);
  pool.on('connect', (client) => client.on('error', onFault));
  let restart: NodeJS.Timeout | undefined;
  let runner = await begin();

  async function begin(): Promise<Runner> {
    const begun = await run({
      pgPool: pool,
      concurrency: options.concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: toWorkerLogger(log),
      taskList: Object.fromEntries([...options.tasks].map(([name, task]) => [name, (payload) => task(payload)])),
      parsedCronItems: parseCronItems(options.schedules.map(({ task, cron }) => ({ task, match: cron }))),
    });
    begun.promise.then(
      () => stopping || resume(),
      (err: Error) => {
        log.error({ err: err.message }, 'job worker ended');
        resume();
      },
    );
    return begun;
  }

  function resume(): void {
    if (stopping) return;
    restart = setTimeout(async () => {
      try {
        runner = await begin();
      } catch (err) {
        log.warn({ err: (err as Error).message }, 'job worker did not start, trying again');
        resume();
      }
    }, RESTART_DELAY_MS);
  }

  async function end(): Promise<void> {
    stopping = true;
    clearTimeout(restart);
    await runner.stop().catch((err: Error) => log.debug({ err: err.message }, 'job worker had stopped'));
    await settled(pool);
    await pool.end();
  }

  let ended: Promise<void> | undefined;
  return {
    stop() {
      ended ??= end();
      return ended;
    },
  };
}

/** Waits until nobody holds or awaits a connection: a pool that is ended serves nobody who still waits. */
async function settled(pool: Pool): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_TIMEOUT_MS;
  while (pool.waitingCount > 0 || pool.idleCount < pool.totalCount) {
    if (performance.now() > giveUpAt) return;
    await delay(SETTLE_CHECK_MS);
  }
}

/** Job payloads may hold ids only, and are still never logged. */
function toWorkerLogger(log: Log): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error') log.error({ detail: message }, 'job worker');
    else if (level === 'warning') log.warn({ detail: message }, 'job worker');
    else log.debug({ detail: message }, 'job worker');
  });
}
