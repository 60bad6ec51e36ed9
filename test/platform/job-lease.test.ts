import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { startWorker, type Task, type Worker } from '../../src/platform/jobs/jobs';
import { createLog } from '../../src/platform/telemetry/log';
import { createTestDatabase, type TestDatabase } from '../support/database';

const LEASE_MS = 600;
/** A lease, the sweep behind it, and the worker that looks for jobs every two seconds; twice, for a busy machine. */
const TAKEN_WITHIN_MS = 10_000;
const log = createLog({ level: 'silent', format: 'json' });

describe('jobs of workers that are gone', () => {
  let database: TestDatabase;
  let sql: Pool;
  const workers: Worker[] = [];
  const done: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new Pool({ connectionString: database.url, max: 2 });
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
    done.length = 0;
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  async function work(task: Task, concurrency = 1): Promise<Worker> {
    const tasks = new Map([['note', task]]);
    const worker = await startWorker({
      databaseUrl: database.url,
      tasks,
      schedules: [],
      concurrency,
      leaseMs: LEASE_MS,
      log,
    });
    workers.push(worker);
    return worker;
  }
  const note: Task = async (payload) => {
    done.push((payload as { name: string }).name);
  };
  const add = (name: string) =>
    sql.query(`SELECT graphile_worker.add_job('note', json_build_object('name', $1::text))`, [name]);
  const lock = (by: string) =>
    sql.query('UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now(), attempts = 1', [by]);
  const workerIds = async () => (await sql.query('SELECT id FROM job_workers')).rows.map(({ id }) => id as string);

  async function until(what: () => boolean | Promise<boolean>): Promise<void> {
    for (const giveUpAt = Date.now() + TAKEN_WITHIN_MS; !(await what()); await sleep(20)) {
      if (Date.now() > giveUpAt) throw new Error('it did not happen in time');
    }
  }

  it('are taken by another worker within seconds', async () => {
    await add('left behind');
    await lock('pool-of-a-killed-process');
    await sql.query("INSERT INTO job_workers VALUES ('pool-of-a-killed-process', now())");
    await work(note);
    await until(() => done.length > 0);
    expect(done).toEqual(['left behind']);
    await until(async () => !(await workerIds()).includes('pool-of-a-killed-process'));
  });

  it('stay with a worker that lives, however long it is on them', async () => {
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await work((payload) => note(payload).then(() => held));
    await add('long');
    await until(() => done.length === 1);
    await work(note);
    await sleep(3 * LEASE_MS);
    expect(done).toEqual(['long']);
    finish();
    await until(async () => (await sql.query('SELECT FROM graphile_worker.jobs')).rowCount === 0);
    expect(done).toEqual(['long']);
  });

  it('are those too that a living worker was given and never heard of', async () => {
    await work(note);
    await until(async () => (await workerIds()).length === 1);
    const [own] = await workerIds();
    const client = await sql.connect();
    await client.query('BEGIN');
    await client.query(`SELECT graphile_worker.add_job('note', '{"name":"unheard"}')`);
    await client.query('UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now()', [own]);
    await client.query('COMMIT');
    client.release();
    await until(() => done.length > 0);
    expect(done).toEqual(['unheard']);
  });

  it('come free at once when the worker stops in order', async () => {
    const worker = await work(note);
    await until(async () => (await workerIds()).length === 1);
    await worker.stop();
    expect(await workerIds()).toEqual([]);
  });

  it('are done although the connections are cut while they are marked as done, and nothing is left unhandled', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', onUnhandled);
    try {
      await work(async (payload) => {
        await note(payload);
        // Whatever marks the job as done finds its connection gone.
        if (done.length === 1) await cutAndRefuse();
      });
      await add('cut');
      await until(() => done.length === 1);
      await until(async () => (await sql.query('SELECT FROM graphile_worker.jobs')).rowCount === 0);
      expect(done.length).toBeGreaterThanOrEqual(1);
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
  });

  /** Marking a job as done fails once, as when the connection is lost on the way. */
  async function cutAndRefuse(): Promise<void> {
    await sql.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_terminate_backend(pg_backend_pid()); RETURN OLD; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON graphile_worker._private_jobs FOR EACH ROW EXECUTE FUNCTION refuse()`);
    setTimeout(() => void sql.query('DROP FUNCTION refuse CASCADE'), 500);
  }
});
