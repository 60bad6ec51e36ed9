import { AbandoningClient } from '../../src/platform/postgres/abandoning-client';
import type { Postgres } from '../../src/platform/postgres/connect';
import { sql } from '../../src/platform/postgres/sql';
import { FaultProxy } from '../faults/fault-proxy';
import { Dice } from '../fuzz/random';
import { adminUrl } from '../support/database';
import { adminUrlThrough, connectTestPostgres } from '../support/postgres';

const STATEMENT_TIMEOUT_MS = 100;
const DARK_MS = 500;

describe('a pool behind a network that loses a connection without a word', () => {
  let proxy: FaultProxy;
  let postgres: Postgres;

  beforeEach(async () => {
    proxy = await FaultProxy.listen(Number(new URL(adminUrl()).port));
    postgres = await connectTestPostgres({
      url: adminUrlThrough(proxy.port),
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    });
  });
  afterEach(async () => {
    proxy.close();
    await postgres.close();
  });

  it('gives that connection up, and answers by another once there is a network again', async () => {
    const { database } = postgres;
    expect(await database.row(sql`SELECT 1 AS one`)).toEqual({ one: 1 });
    // None of the connections of the dark comes back.
    proxy.blackhole(DARK_MS, Object.assign(new Dice(1), { chance: () => false }));
    await expect(database.row(sql`SELECT 2 AS two`)).rejects.toThrow('Query read timeout');
    expect(await database.row(sql`SELECT 3 AS three`)).toEqual({ three: 3 });
  });
});

it('a connection that breaks while nobody has taken it yet does not end the process', () => {
  const client = new AbandoningClient();
  expect(() =>
    client.emit('error', new Error('terminating connection due to unexpected postmaster exit')),
  ).not.toThrow();
});
