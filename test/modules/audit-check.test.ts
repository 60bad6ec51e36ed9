import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { openDatabase } from '../../src/app';
import { type AuditVerdict, checkAudit, type EndFiles, readEnds } from '../../src/commands/audit';
import { composeAudit } from '../../src/composition';
import { loadConfig } from '../../src/config';
import { newId } from '../../src/kernel/ids';
import type { Postgres } from '../../src/platform/postgres/connect';
import { createLog } from '../../src/platform/telemetry/log';
import { TEST_SECRET } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';

const SILENT = createLog({ level: 'silent', format: 'json' });
const CONFIG = loadConfig({ NODE_ENV: 'test' });
const LENGTH = 9;
const NO_FILES: EndFiles = { ends: null, archived: null };

let database: TestDatabase;
let postgres: Postgres;
let sql: Client;
let folder: string;
/** Of the person whose trail is tampered with. */
let chain: number;

const audit = composeAudit(TEST_SECRET);
const tell = (userId: string) =>
  postgres.database.transaction(async (tx) => {
    audit.append(tx, {
      kind: 'session.opened',
      userId,
      sessionId: newId(),
      address: '::1',
      details: { n: 1, a: 'é"' },
    });
  });
const check = (files = NO_FILES, secret = TEST_SECRET) => checkAudit(database.url, CONFIG, SILENT, secret, files);
const brokenLines = ({ lines }: AuditVerdict) => lines.filter((line) => /^chain.*BROKEN/.test(line));

/** Around every guard of the database, as its owner can. */
async function tamper(...statements: string[]): Promise<void> {
  await sql.query('SET session_replication_role = replica');
  for (const statement of statements) await sql.query(statement.replaceAll('$chain', String(chain)));
  await sql.query('SET session_replication_role = origin');
}

const shift = (from: number, by: number) => [
  `UPDATE audit_events SET seq = seq + 1000 WHERE chain = $chain AND seq >= ${from}`,
  `UPDATE audit_events SET seq = seq - 1000 + ${by} WHERE chain = $chain AND seq >= 1000`,
];
const copyOf = (seq: number, to: string) =>
  `INSERT INTO audit_events SELECT chain, ${to}, kind, user_id, session_id, address, details, at, hash
   FROM audit_events WHERE chain = $chain AND seq = ${seq}`;
const swap = (one: number, other: number) => [
  `UPDATE audit_events SET seq = CASE seq WHEN ${one} THEN -1 ELSE -2 END WHERE chain = $chain AND seq IN (${one}, ${other})`,
  `UPDATE audit_events SET seq = CASE seq WHEN -1 THEN ${other} ELSE ${one} END WHERE chain = $chain AND seq < 0`,
];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'portico-audit-'));
  database = await createTestDatabase();
  postgres = await openDatabase(database.url, CONFIG, SILENT);
  sql = new Client({ connectionString: database.url });
  await sql.connect();
  const person = newId();
  await tell(person);
  chain = (await sql.query('SELECT chain FROM audit_chains')).rows[0].chain;
  for (let i = 1; i < LENGTH; i += 1) await tell(person);
  // Others, in whichever chains they fall but this one.
  for (let i = 0; i < 20; i += 1) await tell(newId());
  await tamper(
    `DELETE FROM audit_events WHERE chain = $chain AND seq > ${LENGTH}`,
    `UPDATE audit_chains c SET seq = e.seq, hash = e.hash FROM audit_events e WHERE c.chain = $chain AND e.chain = $chain AND e.seq = ${LENGTH}`,
    'CREATE TABLE kept_events AS SELECT * FROM audit_events',
    'CREATE TABLE kept_chains AS SELECT * FROM audit_chains',
  );
});
afterAll(async () => {
  await sql.end();
  await postgres.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});
afterEach(() =>
  tamper(
    ...['events', 'chains'].flatMap((name) => [
      `TRUNCATE audit_${name}`,
      `INSERT INTO audit_${name} SELECT * FROM kept_${name}`,
    ]),
  ),
);

describe('the check of the audit trail', () => {
  it('finds nothing wrong with what the service wrote, and counts it', async () => {
    const { rows } = await sql.query(
      'SELECT count(*)::int AS n, count(DISTINCT chain)::int AS chains FROM audit_events',
    );
    const { lines, holds } = await check();
    expect(holds).toBe(true);
    expect(lines.at(-1)).toContain(`The audit trail holds: ${rows[0].n} events in ${rows[0].chains} chains.`);
    expect(lines).toHaveLength(rows[0].chains + 1);
  });

  it.each<[string, string[], number, string]>([
    ['another kind', [`UPDATE audit_events SET kind = 'session.ended' WHERE chain = $chain AND seq = 4`], 4, 'changed'],
    [
      'another person',
      [`UPDATE audit_events SET user_id = gen_random_uuid() WHERE chain = $chain AND seq = 4`],
      4,
      'changed',
    ],
    ['nobody', [`UPDATE audit_events SET user_id = NULL WHERE chain = $chain AND seq = 4`], 4, 'changed'],
    ['another session', [`UPDATE audit_events SET session_id = NULL WHERE chain = $chain AND seq = 4`], 4, 'changed'],
    ['another address', [`UPDATE audit_events SET address = '::2' WHERE chain = $chain AND seq = 1`], 1, 'changed'],
    ['other details', [`UPDATE audit_events SET details = '{}' WHERE chain = $chain AND seq = 9`], 9, 'changed'],
    [
      'spaces in the details',
      [`UPDATE audit_events SET details = details || ' ' WHERE chain = $chain AND seq = 4`],
      4,
      'changed',
    ],
    [
      'a time a millisecond later',
      [`UPDATE audit_events SET at = at + interval '1 ms' WHERE chain = $chain AND seq = 4`],
      4,
      'changed',
    ],
    ['another hash', [`UPDATE audit_events SET hash = upper(hash) WHERE chain = $chain AND seq = 4`], 4, 'changed'],
    ['a row less', ['DELETE FROM audit_events WHERE chain = $chain AND seq = 4'], 4, 'removed. Row 4 is missing'],
    [
      'the first row gone',
      ['DELETE FROM audit_events WHERE chain = $chain AND seq = 1'],
      1,
      'removed. Row 1 is missing',
    ],
    [
      'rows less',
      ['DELETE FROM audit_events WHERE chain = $chain AND seq BETWEEN 3 AND 6'],
      3,
      'removed. Rows 3 to 6 are missing',
    ],
    [
      'rows less, and the others moved up',
      ['DELETE FROM audit_events WHERE chain = $chain AND seq IN (4, 5)', ...shift(6, -2)],
      4,
      'removed. 2 taken out from here on',
    ],
    ['a row more', [...shift(4, 1), copyOf(2, '4')], 4, 'inserted. The row that belongs here is 5 now'],
    ['rows more', [...shift(4, 2), copyOf(2, '4'), copyOf(3, '5')], 4, 'inserted. The row that belongs here is 6 now'],
    ['a row before the first', [copyOf(1, '0')], 0, 'inserted. It stands before the first row'],
    ['neighbours in another order', swap(4, 5), 4, 'reordered. Row 5 belongs in its place'],
    ['rows in another order', swap(2, 7), 2, 'reordered. Row 7 belongs in its place'],
    ['a row more at the end', [copyOf(9, '10')], 10, 'changed'],
    [
      'the last row gone',
      ['DELETE FROM audit_events WHERE chain = $chain AND seq = 9'],
      9,
      'cut. The rows from here to 9 are missing, by audit_chains',
    ],
    ['all rows gone', ['DELETE FROM audit_events WHERE chain = $chain'], 1, 'cut'],
    ['no end', ['DELETE FROM audit_chains WHERE chain = $chain'], 10, 'end-altered. audit_chains lacks the end'],
    [
      'an end set back',
      ['UPDATE audit_chains SET seq = 7 WHERE chain = $chain'],
      8,
      'end-altered. audit_chains ends at 7',
    ],
    ['an end of another hash', [`UPDATE audit_chains SET hash = 'x' WHERE chain = $chain`], 9, 'end-altered'],
  ])('finds %s, and says where', async (_what, statements, row, kind) => {
    await tamper(...statements);
    const verdict = await check();
    expect(verdict.holds).toBe(false);
    expect(brokenLines(verdict)).toHaveLength(1);
    const broken = `BROKEN at row ${row}: ${kind}`;
    expect(brokenLines(verdict)[0]).toMatch(new RegExp(`^chain +${chain} .*${broken}`));
    expect(verdict.lines.at(-1)).toContain(`BROKEN in 1 of`);
  });

  it('finds a chain that somebody begins beside the others', async () => {
    await tamper(copyOf(1, '1').replace('SELECT chain', 'SELECT 77'));
    expect(brokenLines(await check())).toEqual([expect.stringMatching(/^chain 77 .*BROKEN at row 1: changed/)]);
  });

  it('finds rows of a chain put into another', async () => {
    await tamper(`UPDATE audit_events SET chain = 77 WHERE chain = $chain`);
    expect(brokenLines(await check()).map((line) => line.replace(/ +\d+ +\S+ +BROKEN/, ':'))).toEqual([
      expect.stringMatching(new RegExp(`^chain +${chain}: at row 1: cut`)),
      expect.stringMatching(/^chain 77: at row 1: changed/),
    ]);
  });

  it('finds a trail made with another key', async () => {
    const verdict = await check(NO_FILES, 'another secret that is long enough for a key');
    expect(brokenLines(verdict)).toHaveLength(verdict.lines.length - 1);
  });

  it('finds by the ends noted earlier what was cut together with its end', async () => {
    const ends = path.join(folder, 'ends.txt');
    writeFileSync(ends, (await check()).lines.join('\n'));
    await tamper(
      'DELETE FROM audit_events WHERE chain = $chain AND seq > 6',
      'UPDATE audit_chains SET seq = 6, hash = e.hash FROM audit_events e WHERE audit_chains.chain = $chain AND e.chain = $chain AND e.seq = 6',
    );
    expect((await check()).holds).toBe(true);
    const verdict = await check({ ...NO_FILES, ends });
    expect(brokenLines(verdict)).toEqual([expect.stringMatching(/BROKEN at row 7: cut. .* by the ends noted earlier/)]);
    await tamper('DELETE FROM audit_events WHERE chain = $chain', 'DELETE FROM audit_chains WHERE chain = $chain');
    expect(brokenLines(await check({ ...NO_FILES, ends }))).toEqual([expect.stringMatching(/BROKEN at row 1: cut/)]);
  });

  it('finds by the ends noted earlier what somebody with the key wrote anew', async () => {
    const ends = path.join(folder, 'ends.txt');
    const lines = (await check()).lines
      .join('\n')
      .replace(/^(chain +(\d+) +\d+ +)\S+/gm, (line, start, of) =>
        Number(of) === chain ? `${start}${'A'.repeat(43)}` : line,
      );
    writeFileSync(ends, lines);
    expect(brokenLines(await check({ ...NO_FILES, ends }))).toEqual([
      expect.stringMatching(/BROKEN at row 9: rewritten/),
    ]);
  });

  it('goes on from ends up to which rows were moved away, and takes no others for them', async () => {
    const archived = path.join(folder, 'archived.txt');
    const { rows } = await sql.query('SELECT hash FROM audit_events WHERE chain = $1 AND seq = 5', [chain]);
    writeFileSync(archived, `chain ${chain} 5 ${rows[0].hash}`);
    await tamper('DELETE FROM audit_events WHERE chain = $chain AND seq <= 5');
    expect((await check()).holds).toBe(false);
    expect((await check({ ...NO_FILES, archived })).holds).toBe(true);
    await tamper('DELETE FROM audit_events WHERE chain = $chain AND seq = 6');
    expect(brokenLines(await check({ ...NO_FILES, archived }))).toEqual([expect.stringMatching(/at row 6: removed/)]);
  });

  it('takes its files by name, and refuses one without ends', async () => {
    expect(readEnds(['--archived', 'a', '--ends', 'b'])).toEqual({ ends: 'b', archived: 'a' });
    for (const args of [['--ends'], ['--end', 'b'], ['ends', 'b'], ['--ends', '']]) expect(readEnds(args)).toBeNull();
    const ends = path.join(folder, 'nothing.txt');
    await expect(check({ ...NO_FILES, ends })).rejects.toThrow('cannot be read');
    writeFileSync(ends, 'chain 1 1 short');
    await expect(check({ ...NO_FILES, ends })).rejects.toThrow('holds no ends');
  });
});

describe('the audit trail', () => {
  it.each([`UPDATE audit_events SET kind = 'x'`, 'DELETE FROM audit_events', 'TRUNCATE audit_events'])(
    'refuses %s',
    async (statement) => {
      await expect(sql.query(statement)).rejects.toThrow('the audit trail is append-only');
    },
  );

  it('tells nothing of what was rolled back', async () => {
    const userId = newId();
    const failing = postgres.database.transaction(async (tx) => {
      audit.append(tx, { kind: 'session.opened', userId });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await sql.query('SELECT FROM audit_events WHERE user_id = $1', [userId])).rowCount).toBe(0);
    expect((await check()).holds).toBe(true);
  });

  it('never deadlocks between transactions that tell of the same people in another order', async () => {
    const people = Array.from({ length: 6 }, newId);
    let tries = 0;
    const tellAll = (order: readonly string[]) =>
      postgres.database.transaction(async (tx) => {
        tries += 1;
        for (const userId of order) audit.append(tx, { kind: 'session.opened', userId });
      });
    await Promise.all(Array.from({ length: 40 }, (_, i) => tellAll(i % 2 ? people : [...people].reverse())));
    expect(tries).toBe(40);
    expect((await check()).holds).toBe(true);
  });

  it('is written after everything else that comes at the end of a transaction', async () => {
    const order: string[] = [];
    const userId = newId();
    await postgres.database.transaction(async (tx) => {
      audit.append(tx, { kind: 'session.opened', userId });
      tx.atEnd(async () => {
        const { rowCount } = await sql.query('SELECT FROM audit_events WHERE user_id = $1', [userId]);
        const own = await tx.rows({ text: 'SELECT FROM audit_events WHERE user_id = $1', values: [userId] } as never);
        order.push(`${rowCount} ${own.length}`);
      });
    });
    expect(order).toEqual(['0 0']);
    expect((await sql.query('SELECT FROM audit_events WHERE user_id = $1', [userId])).rowCount).toBe(1);
  });
});
