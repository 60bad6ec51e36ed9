import type { Postgres, PostgresOptions } from '../../src/platform/postgres/connect';
import { raw, sql } from '../../src/platform/postgres/sql';
import { FaultProxy } from '../faults/fault-proxy';
import { Dice } from '../fuzz/random';
import { adminUrl } from '../support/database';
import { adminUrlThrough, connectTestPostgres } from '../support/postgres';

const FAILS = sql`SELECT 1 / 0`;

function connect(options: Partial<PostgresOptions> = {}): Promise<Postgres> {
  return connectTestPostgres({ statementTimeoutMs: 3_000, ...options });
}

describe.each([true, false])('statements of a transaction that go together (prepared: %p)', (prepared) => {
  const table = raw(`together_${prepared}`);
  let postgres: Postgres;
  let database: Postgres['database'];
  const add = (n: number) => sql`INSERT INTO ${table} (n) VALUES (${n})`;
  const kept = async () =>
    (await database.rows<{ n: number }>(sql`SELECT n FROM ${table} ORDER BY n`)).map(({ n }) => n);

  beforeEach(async () => {
    postgres = await connect({ poolMax: 2, preparedStatements: prepared });
    ({ database } = postgres);
    await database.run(sql`DROP TABLE IF EXISTS ${table}`);
    await database.run(
      sql`CREATE TABLE ${table} (n integer, CONSTRAINT once UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)`,
    );
  });
  afterEach(async () => {
    await database.run(sql`DROP TABLE ${table}`);
    await postgres.close();
  });

  it('are answered each by itself, whatever is asked for the first or the tenth time', async () => {
    for (let round = 1; round <= 4; round += 1) {
      const answers = await database.transaction((tx) => {
        const first = tx.row(sql`SELECT ${round}::integer AS one`);
        tx.send(add(round));
        const many = tx.rows(sql`SELECT n AS two FROM generate_series(1, ${round}::integer) AS n`);
        return Promise.all([first, many, tx.run(sql`UPDATE ${table} SET n = n`), tx.row(sql`SELECT WHERE FALSE`)]);
      });
      const many = Array.from({ length: round }, (_, n) => ({ two: n + 1 }));
      expect(answers).toEqual([{ one: round }, many, round, null]);
    }
    expect(await kept()).toEqual([1, 2, 3, 4]);
  });

  it('take what goes along before the commit is known', async () => {
    const seen: unknown[] = [];
    await database.transaction(async (tx) => {
      tx.send(sql`INSERT INTO ${table} (n) VALUES (7) RETURNING n`, (rows) => seen.push(...rows));
      tx.afterCommit(() => seen.push('committed'));
    });
    expect(seen).toEqual([{ n: 7 }, 'committed']);
  });

  it('leave nothing written and the client usable when the first fails, which BEGIN went along with', async () => {
    const failing = database.transaction(async (tx) => {
      const failed = tx.row(FAILS);
      const behind = tx.run(add(1));
      await expect(behind).rejects.toThrow('division by zero');
      return failed;
    });
    await expect(failing).rejects.toThrow('division by zero');
    await database.transaction((tx) => tx.run(add(2)));
    expect(await kept()).toEqual([2]);
    expect(await database.rows(sql`SELECT now() = statement_timestamp() AS alone`)).toEqual([{ alone: true }]);
  });

  it('are none of them sent when one holds a value that cannot be', async () => {
    const circle: Record<string, unknown> = {};
    circle['itself'] = circle;
    const twice = (n: number) => sql`INSERT INTO ${table} (n) VALUES (${n}), (${n + 1})`;
    for (let round = 0; round < 3; round += 1) {
      const failing = database.transaction((tx) => {
        tx.send(twice(1));
        return tx.run(sql`INSERT INTO ${table} (n) SELECT 3 WHERE ${circle as never}::text = ''`);
      });
      await expect(failing).rejects.toThrow('circular');
    }
    // What was to be prepared with them is prepared when it comes next.
    await database.transaction((tx) => tx.run(twice(10)));
    expect(await kept()).toEqual([10, 11]);
  });

  it('fail the transaction also where nobody waits for them or listens to them', async () => {
    await expect(database.transaction(async (tx) => tx.send(FAILS))).rejects.toThrow('division by zero');
    const deaf = database.transaction(async (tx) => {
      await tx.run(add(1));
      await tx.run(FAILS).catch(() => {});
    });
    await expect(deaf).rejects.toThrow('division by zero');
    expect(await kept()).toEqual([]);
  });

  it('are answered as far as they came when a later one fails', async () => {
    const failing = database.transaction(async (tx) => {
      const [good, bad] = await Promise.allSettled([tx.row(sql`SELECT 1 AS one`), tx.row(FAILS)]);
      expect(good).toEqual({ status: 'fulfilled', value: { one: 1 } });
      expect(bad.status).toBe('rejected');
    });
    await expect(failing).rejects.toThrow('division by zero');
  });

  it('report a commit that fails, and none of its effects happens', async () => {
    const effect = jest.fn();
    const failing = database.transaction(async (tx) => {
      tx.afterCommit(effect);
      tx.send(add(1));
      tx.send(add(1));
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(effect).not.toHaveBeenCalled();
    expect(await kept()).toEqual([]);
    await database.transaction((tx) => tx.run(add(3)));
    expect(await kept()).toEqual([3]);
  });

  it('are refused once it is over, rather than sent outside of it', async () => {
    let late: (n: number) => Promise<number> = () => Promise.resolve(0);
    const rolledBack = database.transaction(async (tx) => {
      late = (n) => tx.run(add(n));
      tx.send(add(1));
      void Promise.resolve().then(() => late(2).catch(() => {}));
      throw new Error('changed its mind');
    });
    await expect(rolledBack).rejects.toThrow('changed its mind');
    await expect(late(3)).rejects.toThrow('changed its mind');
    await database.transaction(async (tx) => {
      late = (n) => tx.run(add(n));
    });
    await expect(late(4)).rejects.toThrow('The transaction is over');
    expect(await kept()).toEqual([]);
  });

  it('are tried again after a deadlock', async () => {
    await database.run(sql`INSERT INTO ${table} (n) VALUES (1), (2)`);
    let met = 0;
    let meet = () => {};
    const both = new Promise<void>((resolve) => {
      meet = resolve;
    });
    let attempts = 0;
    const cross = (first: number, second: number) =>
      database.transaction(async (tx) => {
        attempts += 1;
        await tx.run(sql`SELECT FROM ${table} WHERE n = ${first} FOR UPDATE`);
        met += 1;
        if (met === 2) meet();
        await both;
        tx.send(sql`SELECT FROM ${table} WHERE n = ${second} FOR UPDATE`);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(attempts).toBe(3);
  });
});

describe('a transaction whose connection is lost', () => {
  let proxy: FaultProxy;
  let postgres: Postgres;

  beforeEach(async () => {
    proxy = await FaultProxy.listen(Number(new URL(adminUrl()).port));
    postgres = await connect({ url: adminUrlThrough(proxy.port) });
  });
  afterEach(async () => {
    proxy.close();
    await postgres.close();
  });

  it('between two statements, is reported and its client replaced', async () => {
    const { database } = postgres;
    const effect = jest.fn();
    const lost = database.transaction(async (tx) => {
      tx.afterCommit(effect);
      const { pid } = (await tx.row<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`)) as { pid: number };
      const other = await connect();
      await other.database.row(sql`SELECT pg_terminate_backend(${pid}, 1000)`);
      await other.close();
      tx.send(sql`SELECT 1`);
    });
    await expect(lost).rejects.toThrow();
    expect(effect).not.toHaveBeenCalled();
    expect(await database.transaction((tx) => tx.row(sql`SELECT 2 AS two`))).toEqual({ two: 2 });
  });

  it('is reported when the answer to its commit does not come, and its client is replaced', async () => {
    const { database } = postgres;
    const effect = jest.fn();
    const lost = database.transaction(async (tx) => {
      tx.afterCommit(effect);
      await tx.row(sql`SELECT 1 AS one`);
      proxy.blackhole(5_100, Object.assign(new Dice(1), { chance: () => false }));
    });
    await expect(lost).rejects.toThrow(/Query read timeout/);
    expect(effect).not.toHaveBeenCalled();
    expect(await database.transaction((tx) => tx.row(sql`SELECT 2 AS two`))).toEqual({ two: 2 });
  });
});
