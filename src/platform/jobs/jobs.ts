import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger, parseCronItems, type Runner, run, runMigrations, type WorkerEvents } from 'graphile-worker';
import { Pool } from 'pg';
import { type Executor, PostgresDatabase } from '../postgres/database';
import { isUnavailable } from '../postgres/failures';
import { RowClient } from '../postgres/row-client';
import { sql } from '../postgres/sql';
import type { Log } from '../telemetry/log';
import { JobLease } from './lease';

/** Does one job. It may run more than once (at-least-once), so it must be idempotent. Throwing retries it later. */
export type Task = (payload: unknown) => Promise<void>;

export interface EnqueueOptions {
  /** Jobs of one key that wait are folded into the newest. */
  readonly key?: string;
  /** Not before so long; at once when left out. */
  readonly afterMs?: number;
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
  /** How long a worker that gives no sign of life keeps its jobs. */
  readonly leaseMs?: number;
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
const CONNECT_TIMEOUT_MS = 15_000;
/** All statements of the queue are short. */
const QUERY_TIMEOUT_MS = 10_000;
const LEASE_MS = 30_000;
const SETTLE_TIMEOUT_MS = 5_000;
const SETTLE_CHECK_MS = 5;

export const enqueue: Enqueue = async (tx, task, payload, options = {}) => {
  await tx.run(sql`
    SELECT graphile_worker.add_job(
      ${task}::text, payload := ${JSON.stringify(payload)}::json, max_attempts := ${MAX_ATTEMPTS}::integer,
      job_key := ${options.key ?? null}::text, run_at := now() + ${options.afterMs ?? 0} * interval '1 ms')`);
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
    // One connection listens, the others take and finish jobs; the schedule, the upkeep and the lease take turns.
    max: options.concurrency + 3,
    Client: RowClient,
    query_timeout: QUERY_TIMEOUT_MS,
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
  const lease = new JobLease(new PostgresDatabase(pool), options.leaseMs ?? LEASE_MS, log);
  let restart: NodeJS.Timeout | undefined;
  let runner = await begin();

  async function begin(): Promise<Runner> {
    const begun = await run({
      pgPool: pool,
      concurrency: options.concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: toWorkerLogger(log),
      events: watchJobs(lease, log),
      // With a delay, even of nothing, a job that cannot be marked as done ends the worker, which is then begun anew and
      // its locks freed. Without one the failure is a rejection that nobody handles, and the job stays locked.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      taskList: Object.fromEntries([...options.tasks].map(([name, task]) => [name, (payload) => task(payload)])),
      parsedCronItems: parseCronItems(options.schedules.map(({ task, cron }) => ({ task, match: cron }))),
    });
    begun.promise
      .catch((err: Error) => log.warn({ err: err.message }, 'job worker ended'))
      .then(() => {
        lease.end();
        resume();
      });
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
    await lease.close();
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

/** Tells the lease what this process is on, and the log which jobs failed. Payloads hold ids only, and are never logged. */
function watchJobs(lease: JobLease, log: Log): WorkerEvents {
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => lease.begin(workerPool.id));
  events.on('job:start', ({ job }) => lease.jobBegan(job.id));
  events.on('job:complete', ({ job }) => lease.jobEnded(job.id));
  events.on('job:error', ({ job, error }) => {
    const failed = { err: error, task: job.task_identifier, attempt: job.attempts, of: job.max_attempts };
    // What a store that is away makes fail will be done when it is back; anything else is a fault of the task.
    if (isUnavailable(error) && job.attempts < job.max_attempts) log.warn(failed, 'job failed, trying again');
    else log.error(failed, 'job failed');
  });
  return events;
}

/** What the queue calls an error is a lost connection, which it or `startWorker` mends; jobs that fail are told above. */
function toWorkerLogger(log: Log): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level !== 'error' && level !== 'warning') log.debug({ detail: message }, 'job worker');
    else if (meta?.['failure'] !== true) log.warn({ detail: message }, 'job worker');
  });
}
