import type { Executor } from '../postgres/database';
import { sql } from '../postgres/sql';
import type { Log } from '../telemetry/log';

/** Signs of life in the time after which a worker counts as dead: some may be lost. */
const SIGNS_PER_LEASE = 6;
const SWEEPS_PER_LEASE = 2;

/** What one worker pool of the queue is called in `locked_by`, and the jobs it is on by its own account. */
interface Pool {
  readonly id: string;
  readonly jobs: Set<string>;
}

/**
 * Frees the jobs of workers that are gone. The queue itself takes a lock back after four hours only; here a worker
 * gives signs of life, and the locks of one that has given none for `leaseMs` are taken by whoever sees that first. A
 * worker that lives but could not reach PostgreSQL for so long loses its jobs as well, and a job that it still does is
 * then done twice, which tasks have to bear.
 */
export class JobLease {
  private pool: Pool | null = null;
  /** Pools of this process that have ended: nobody needs to wait for their locks. */
  private readonly ended = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private beats = 0;
  private beating: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly executor: Executor,
    private readonly leaseMs: number,
    private readonly log: Log,
  ) {}

  /** A pool of this process begins to take jobs. */
  begin(poolId: string): void {
    this.end();
    this.pool = { id: poolId, jobs: new Set() };
    this.beat();
  }

  /** The pool of this process has ended, in order or not. */
  end(): void {
    if (this.pool) this.ended.add(this.pool.id);
    this.pool = null;
  }

  jobBegan(jobId: string): void {
    this.pool?.jobs.add(jobId);
  }

  jobEnded(jobId: string): void {
    this.pool?.jobs.delete(jobId);
  }

  /** Gives up the jobs of this process that are not done, and no further sign of life. Never throws. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.beating;
    this.end();
    await this.attempt(() => this.freeEnded());
  }

  private beat(): void {
    clearTimeout(this.timer);
    this.beating = this.beating.then(async () => {
      if (this.closed) return;
      await this.attempt(() => this.giveSign());
      if (this.closed) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.beat(), this.leaseMs / SIGNS_PER_LEASE);
    });
  }

  private async giveSign(): Promise<void> {
    await this.freeEnded();
    if (this.pool) {
      await this.executor.run(sql`
        INSERT INTO job_workers (id, seen_at) VALUES (${this.pool.id}, now())
        ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at`);
    }
    this.beats += 1;
    if (this.beats % (SIGNS_PER_LEASE / SWEEPS_PER_LEASE) !== 0) return;
    if (this.pool) await this.freeStray(this.pool);
    await this.freeDead();
  }

  private async freeEnded(): Promise<void> {
    for (const id of [...this.ended]) {
      await this.free([id]);
      this.ended.delete(id);
    }
  }

  /**
   * Frees jobs that are locked by this process and that nobody here is on: the connection was lost between the lock
   * and its answer. The queue's own function frees all jobs of a pool, and so also those that are being done.
   */
  private async freeStray({ id, jobs }: Pool): Promise<void> {
    const freed = await this.executor.rows<{ id: string }>(sql`
      UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL
      WHERE locked_by = ${id} AND locked_at < now() - ${this.leaseMs} * interval '1 ms' AND id <> ALL(${[...jobs]}::bigint[])
      RETURNING id`);
    if (freed.length > 0) this.log.warn({ jobs: freed.length }, 'freed jobs that were taken and never arrived');
  }

  private async freeDead(): Promise<void> {
    const dead = await this.executor.rows<{ id: string; jobs: number }>(sql`
      SELECT j.locked_by AS id, count(*)::integer AS jobs FROM graphile_worker.jobs j
      WHERE j.locked_at < now() - ${this.leaseMs} * interval '1 ms' AND NOT EXISTS (
        SELECT FROM job_workers w
        WHERE w.id = j.locked_by AND w.seen_at > now() - ${this.leaseMs} * interval '1 ms')
      GROUP BY j.locked_by`);
    if (dead.length > 0) {
      await this.free(dead.map(({ id }) => id));
      this.log.warn(
        { workers: dead.length, jobs: dead.reduce((sum, { jobs }) => sum + jobs, 0) },
        'freed jobs of dead workers',
      );
    }
    await this.executor.run(sql`
      DELETE FROM job_workers WHERE seen_at < now() - 2 * ${this.leaseMs} * interval '1 ms'`);
  }

  private async free(poolIds: readonly string[]): Promise<void> {
    await this.executor.run(sql`SELECT graphile_worker.force_unlock_workers(${poolIds}::text[])`);
    await this.executor.run(sql`DELETE FROM job_workers WHERE id = ANY(${poolIds}::text[])`);
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      this.log.warn({ err: (err as Error).message }, 'keeping the lease of jobs failed, trying again');
    }
  }
}
