import { encodeId, newId } from '../../src/kernel/ids';
import { removeExportsOf } from '../../src/modules/privacy';
import { PostgresDatabase } from '../../src/platform/postgres/database';
import { startTestApp, type TestApp } from '../support/app';
import {
  fetchCopy,
  here,
  make,
  newOwner,
  type Owner,
  type Row,
  read,
  request,
  statusOf,
} from '../support/data-exports';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { DATABASE_LOCK_TIMEOUT_MS: '60000', DATABASE_STATEMENT_TIMEOUT_MS: '60000' } });
});
afterAll(() => app.close());

const runTask = async (task: string, payload: object = {}) => {
  await app.sql.query('SELECT graphile_worker.add_job($1, $2::json)', [task, JSON.stringify(payload)]);
  await app.jobsDone();
};

describe('a copy in the making', () => {
  it('is of one moment, however long it takes', async () => {
    const [owner, next] = [await newOwner(app, 'tim'), await newOwner(app, 'next')];
    const id = await lockedDuring('likes', async () => {
      const { dataExport } = await request(owner);
      await waitForExport('likes');
      // A process makes one at a time.
      const waiting = (await request(next)).dataExport.id;
      await waitFor(
        `SELECT FROM graphile_worker.jobs WHERE task_identifier = 'exports.make' AND run_at > now() + interval '1 second'`,
      );
      expect(await read(next, waiting)).toMatchObject({ state: 'QUEUED', url: null, expiresAt: null, sizeBytes: null });
      await app.sql.query(`UPDATE users SET name = 'Later' WHERE id = $1`, [owner.uuid]);
      await app.sql.query(`INSERT INTO mutes (muter_id, muted_id, created_at) VALUES ($1, $2, now())`, [
        owner.uuid,
        (await app.person('muted')).uuid,
      ]);
      return dataExport.id;
    });
    await app.sql.query('UPDATE graphile_worker._private_jobs SET run_at = now()');
    await app.jobsDone();
    const { nodes } = (await next.ask('{ viewer { dataExports { nodes { state } } } }')).viewer.dataExports;
    expect(nodes).toEqual([{ state: 'DONE' }]);
    const copy = await fetchCopy(app, await read(owner, id));
    expect(copy.rows('profile')).toMatchObject([{ name: 'tim' }]);
    expect(copy.rows('mutes')).toEqual([]);
  });

  it('is made anew when the process that made it ends half-way, and leaves nothing of the first attempt', async () => {
    const owner = await newOwner(app, 'kim');
    const { id } = await lockedDuring('likes', async () => {
      const { dataExport } = await request(owner);
      const pid = await waitForExport('likes');
      expect(await read(owner, dataExport.id)).toMatchObject({ state: 'RUNNING', url: null });
      await app.sql.query('SELECT pg_terminate_backend($1)', [pid]);
      return dataExport;
    });
    // As if it had ended between its last part and the word that it is done.
    await app.sql.query(
      `INSERT INTO data_export_parts (user_id, export_id, seq, bytes)
       SELECT user_id, id, seq, 'leftover' FROM data_exports, generate_series(0, 9) seq WHERE user_id = $1`,
      [owner.uuid],
    );
    await app.jobsDone();
    const made = await read(owner, id);
    expect(made?.state).toBe('DONE');
    expect((await fetchCopy(app, made)).rows('profile')).toMatchObject([{ handle: 'kim' }]);
    const { rows } = await app.sql.query(
      `SELECT e.attempts, sum(length(p.bytes))::int = e.size_bytes AS whole FROM data_exports e
       JOIN data_export_parts p ON p.export_id = e.id WHERE e.user_id = $1 GROUP BY e.attempts, e.size_bytes`,
      [owner.uuid],
    );
    expect(rows).toEqual([{ attempts: 2, whole: true }]);
  });
});

describe('a copy that comes to no end', () => {
  const unfinished = async (owner: Owner, state: string, attempts: number, hoursAgo: number) => {
    const id = newId();
    await app.sql.query(
      `INSERT INTO data_exports (user_id, id, session_id, state, attempts, created_at)
       VALUES ($1, $2, $1, $3, $4, now() - make_interval(hours => $5))`,
      [owner.uuid, id, state, attempts, hoursAgo],
    );
    return id;
  };
  const stateOf = async (owner: Owner, id: string) => (await read(owner, encodeId('export', id)))?.state;

  it('is given up after some attempts', async () => {
    const nora = await newOwner(app, 'nora');
    const id = await unfinished(nora, 'RUNNING', 5, 0);
    await runTask('exports.make', { userId: nora.uuid, exportId: id });
    expect(await stateOf(nora, id)).toBe('FAILED');
  });

  it('is given up when its job is gone, so that another one may be asked for', async () => {
    const olga = await newOwner(app, 'olga');
    const id = await unfinished(olga, 'QUEUED', 0, 5);
    await runTask('exports.purge');
    expect(await stateOf(olga, id)).toBe('QUEUED');
    await app.sql.query(`UPDATE data_exports SET created_at = now() - interval '7 hours' WHERE id = $1`, [id]);
    await runTask('exports.purge');
    expect(await stateOf(olga, id)).toBe('FAILED');
    expect((await request(olga)).userErrors).toEqual([]);
    await app.jobsDone();
  });

  it('is not made for an account that is gone, whose copies are removed with it', async () => {
    const paul = await newOwner(app, 'paul');
    const made = await make(app, paul);
    const id = await unfinished(paul, 'QUEUED', 0, 0);
    await app.sql.query('UPDATE users SET deleted_at = now() WHERE id = $1', [paul.uuid]);
    await runTask('exports.make', { userId: paul.uuid, exportId: id });
    expect(await statusOf(here(app, made.url))).toBe(404);
    const { rows } = await app.sql.query('SELECT state FROM data_exports WHERE user_id = $1 ORDER BY id', [paul.uuid]);
    expect(rows).toEqual([{ state: 'DONE' }, { state: 'QUEUED' }]);
    await new PostgresDatabase(app.sql).transaction((tx) => removeExportsOf(tx, paul.uuid));
    for (const table of ['data_exports', 'data_export_parts']) {
      expect((await app.sql.query(`SELECT FROM ${table} WHERE user_id = $1`, [paul.uuid])).rowCount).toBe(0);
    }
  });
});

/** Does something while nobody can read that table. */
async function lockedDuring<Result>(table: string, work: () => Promise<Result>): Promise<Result> {
  const client = await app.sql.connect();
  try {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return await work();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

/** The process of the database that makes an export and waits for that table. */
async function waitForExport(table: string): Promise<number> {
  const row = await waitFor(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
       AND query LIKE '%FROM ${table}%'`,
  );
  return Number(row['pid']);
}

/** The first row that there is. */
async function waitFor(statement: string): Promise<Row> {
  for (;;) {
    const { rows } = await app.sql.query(statement);
    if (rows[0]) return rows[0];
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
