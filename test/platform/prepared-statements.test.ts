import { Pool } from 'pg';
import { Channel } from '../../src/platform/postgres/channel';
import type { Postgres } from '../../src/platform/postgres/connect';
import { PostgresDatabase } from '../../src/platform/postgres/database';
import { RowClient } from '../../src/platform/postgres/row-client';
import { compileReader } from '../../src/platform/postgres/row-reader';
import { planEachTime, raw, sql } from '../../src/platform/postgres/sql';

import { adminUrl } from '../support/database';
import { connectTestPostgres } from '../support/postgres';

const KEPT = sql`SELECT statement FROM pg_prepared_statements ORDER BY prepare_time`;

function connect(preparedStatements: boolean): Promise<Postgres> {
  return connectTestPostgres({ preparedStatements });
}

describe('statements', () => {
  let postgres: Postgres;
  afterEach(() => postgres.close());

  it('are kept prepared from their second use on, in transactions as well', async () => {
    postgres = await connect(true);
    const { database } = postgres;
    const add = (one: number) => database.row(sql`SELECT ${one}::integer + 1 AS sum`);
    expect(await add(1)).toEqual({ sum: 2 });
    expect(await database.rows(KEPT)).toEqual([]);
    expect(await add(2)).toEqual({ sum: 3 });
    expect(await database.transaction((tx) => tx.row(sql`SELECT ${3}::integer + 1 AS sum`))).toEqual({ sum: 4 });
    const kept = await database.rows(KEPT);
    expect(kept).toContainEqual({ statement: 'SELECT $1::integer + 1 AS sum' });
    expect(kept).toHaveLength(2);
  });

  it('are not kept where the pooler does not allow it', async () => {
    postgres = await connect(false);
    for (let n = 0; n < 3; n += 1) await postgres.database.row(sql`SELECT ${n}::integer AS n`);
    expect(await postgres.database.rows(KEPT)).toEqual([]);
  });

  it('are not kept where each is to be planned for its values', async () => {
    postgres = await connect(true);
    for (let n = 0; n < 3; n += 1) await postgres.database.row(planEachTime(sql`SELECT ${n}::integer AS n`));
    expect(await postgres.database.rows(KEPT)).toEqual([]);
  });

  it('are described once: what they answer is read the same ever after', async () => {
    postgres = await connect(true);
    const { database } = postgres;
    const ask = (text: string | null) =>
      database.rows(sql`SELECT n AS "a.n", ${text}::text AS "a.text", now() > 'epoch' AS yes,
        '2026-01-02 03:04:05.6+00'::timestamptz AS at, 7::bigint AS big, '{"b": [1]}'::jsonb AS json, '{x,y}'::text[] AS list,
        NULL::timestamptz AS never
        FROM generate_series(1, 2) AS n`);
    const rest = { yes: true, at: '2026-01-02T03:04:05.600Z', big: 7, json: { b: [1] }, list: ['x', 'y'], never: null };
    for (const text of ['one', 'two', null, 'four']) {
      expect(await ask(text)).toEqual([
        { a: { n: 1, text }, ...rest },
        { a: { n: 2, text }, ...rest },
      ]);
    }
    const nothing = () => database.rows(sql`SELECT 1 AS one WHERE ${false}::boolean`);
    for (let n = 0; n < 4; n += 1) expect(await nothing()).toEqual([]);
  });

  it('say how many rows they touched, also where they answer none', async () => {
    postgres = await connect(true);
    const { database } = postgres;
    await database.transaction(async (tx) => {
      await tx.run(sql`CREATE TEMPORARY TABLE touched (n integer) ON COMMIT DROP`);
      for (let n = 1; n < 5; n += 1) expect(await tx.run(sql`INSERT INTO touched VALUES (${n})`)).toBe(1);
      for (let n = 1; n < 4; n += 1) expect(await tx.run(sql`UPDATE touched SET n = n + ${0}`)).toBe(4);
    });
  });

  it('are prepared anew when a migration has changed what they answer, in transactions as well', async () => {
    postgres = await connect(true);
    const { database } = postgres;
    await database.run(sql`CREATE TEMPORARY TABLE migrated (n integer)`);
    await database.run(sql`INSERT INTO migrated VALUES (1)`);
    const read = () => database.row(sql`SELECT * FROM migrated`);
    const readInside = () => database.transaction((tx) => tx.row(sql`SELECT * FROM migrated AS m`));
    for (let n = 0; n < 3; n += 1) expect([await read(), await readInside()]).toEqual([{ n: 1 }, { n: 1 }]);
    await database.run(sql`ALTER TABLE migrated ALTER n TYPE text, ADD o integer DEFAULT 2`);
    for (let n = 0; n < 3; n += 1) expect(await read()).toEqual({ n: '1', o: 2 });
    await database.run(sql`ALTER TABLE migrated ALTER n TYPE integer USING n::integer`);
    for (let n = 0; n < 3; n += 1) expect(await read()).toEqual({ n: 1, o: 2 });
    await database.run(sql`ALTER TABLE migrated ALTER n TYPE text`);
    for (let n = 0; n < 3; n += 1) expect(await readInside()).toEqual({ n: '1', o: 2 });
  });

  it('fail in the place that sent them', async () => {
    postgres = await connect(true);
    const failing = () => postgres.database.row(sql`SELECT nothing`);
    await expect(failing()).rejects.toMatchObject({ code: '42703', stack: expect.stringContaining('database.ts') });
  });

  it('can be sent again after one failed', async () => {
    postgres = await connect(true);
    const { database } = postgres;
    const divide = (by: number) => database.row(sql`SELECT 6 / ${by}::integer AS part`);
    expect(await divide(3)).toEqual({ part: 2 });
    await expect(divide(0)).rejects.toThrow('division by zero');
    await expect(divide(0)).rejects.toThrow('division by zero');
    expect(await divide(2)).toEqual({ part: 3 });
  });
});

it('a connection that keeps too many statements is closed, and another one goes on', async () => {
  const pool = new Pool({ connectionString: adminUrl(), max: 1, Client: RowClient });
  const database = new PostgresDatabase(pool, new Channel(true, 5));
  const seen = new Set<number>();
  for (let n = 0; n < 20; n += 1) {
    for (let use = 0; use < 2; use += 1) await database.row(sql`SELECT ${raw(String(n))} AS n`);
    const row = await database.row<{ pid: number; kept: number }>(
      sql`SELECT pg_backend_pid() AS pid, (SELECT count(*) FROM pg_prepared_statements)::integer AS kept`,
    );
    seen.add(row?.pid ?? 0);
    expect(row?.kept).toBeLessThanOrEqual(5);
  }
  expect(seen.size).toBeGreaterThan(2);
  await pool.end();
});

it('a column with dots in its name is a property of an object in its row', () => {
  const read = compileReader(['id', 'author.id', 'author.place.name', 'odd "name"']);
  expect(read([1, 2, 'here', null])).toEqual({
    id: 1,
    author: { id: 2, place: { name: 'here' } },
    'odd "name"': null,
  });
});
