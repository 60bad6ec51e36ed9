import type { Postgres } from '../../src/platform/postgres/connect';
import type { Database } from '../../src/platform/postgres/database';
import { sql } from '../../src/platform/postgres/sql';
import { connectTestPostgres } from '../support/postgres';

const SLOWLY = sql`SELECT pg_backend_pid() AS pid, pg_sleep(0.02)`;

let postgres: Postgres;
const operation = (signal?: AbortSignal): Database => postgres.database.during({ statements: 0 }, signal);

async function connect(poolMax: number): Promise<void> {
  postgres = await connectTestPostgres({ poolMax });
}

/** The connections that serve so many statements, sent at the same time. */
async function connectionsOf(database: Database, statements: number): Promise<number[]> {
  const rows = await Promise.all(Array.from({ length: statements }, () => database.row<{ pid: number }>(SLOWLY)));
  return [...new Set(rows.map((row) => row?.pid ?? 0))];
}

describe('the statements of one operation', () => {
  afterEach(() => postgres.close());

  it('take turns on one connection, however many are sent at the same time', async () => {
    await connect(5);
    expect(await connectionsOf(operation(), 6)).toHaveLength(1);
    const both = await Promise.all([connectionsOf(operation(), 3), connectionsOf(operation(), 3)]);
    expect(both.map((each) => each.length)).toEqual([1, 1]);
    expect(new Set(both.flat()).size).toBe(2);
  });

  it('go on by another connection when one of them fails', async () => {
    await connect(5);
    const database = operation();
    const bad = database.row(sql`SELECT 1 / ${0}::integer`);
    const good = connectionsOf(database, 3);
    await expect(bad).rejects.toThrow('division by zero');
    expect(await good).toHaveLength(1);
  });

  it('begin no more once the operation has been given up, and hold nothing up', async () => {
    await connect(1);
    const given = new AbortController();
    const database = operation(given.signal);
    const all = Promise.allSettled([
      database.row(sql`SELECT pg_sleep(60)`),
      database.row(SLOWLY),
      database.row(sql`SELECT pg_sleep(60)`),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    given.abort(new Error('given up'));
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await connectionsOf(operation(), 1)).toHaveLength(1);
  });

  it('all end on a pool of one, beside those of others and their transactions', async () => {
    await connect(1);
    const work = async () => {
      const database = operation();
      const pids = await connectionsOf(database, 3);
      return database.transaction(async (tx) => ((await tx.rows(SLOWLY)).length === 1 ? pids.length : 0));
    };
    expect(await Promise.all([work(), work(), work()])).toEqual([1, 1, 1]);
  });
});
