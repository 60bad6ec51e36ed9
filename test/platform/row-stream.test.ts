import { EventEmitter } from 'node:events';
import { Client } from 'pg';
import { RowClient } from '../../src/platform/postgres/row-client';
import { compileDecoder, getTypeParser } from '../../src/platform/postgres/row-decoder';
import { RowStream } from '../../src/platform/postgres/row-stream';
import { StatementQuery } from '../../src/platform/postgres/statement-query';
import { StatementTexts } from '../../src/platform/postgres/statement-texts';
import { adminUrl } from '../support/database';

/** One value of every kind that the tables hold, and the awkward ones of each. */
const VALUES = [
  `'018af8d3-0d47-7954-b0a9-674bd3a77531'::uuid`,
  ...['', 'plain', 'naïve café', '🚲 and 漢字', '"quoted" \\ back\tslash', 'x'.repeat(63), `${'y'.repeat(64)}é`].map(
    (text) => `'${text}'::text`,
  ),
  `'${'é'.repeat(400)}'::varchar(500)`,
  ...['0', '-1', '2147483647', '-2147483648'].map((number) => `'${number}'::integer`),
  ...['0', '-7', '999999999999999', '9007199254740991', '-9007199254740991'].map((number) => `'${number}'::bigint`),
  `'-32768'::smallint`,
  'TRUE',
  'FALSE',
  ...[
    '2026-01-02 03:04:05.678+00',
    '2026-01-02 03:04:05.6+00',
    '2026-01-02 03:04:05+00',
    '0999-12-31 23:59:59.999+00',
    '2026-01-02 03:04:05.678901+00',
    '10000-01-02 03:04:05.678+00',
  ].map((time) => `'${time}'::timestamptz`),
  `'2026-01-02 03:04:05.678+00'::timestamptz(3)`,
  `'{"a": [1, "é"]}'::jsonb`,
  `'{1,2}'::integer[]`,
  `1.5::float8`,
  `1.5::numeric`,
  `'2026-01-02'::date`,
  `NULL::text`,
  `NULL::uuid`,
  `NULL::timestamptz`,
  `NULL::integer`,
  `NULL::boolean`,
];
const COLUMNS = VALUES.map((value, n) => `${value} AS "${n % 3 === 0 ? '' : 'inside.'}v${n}"`).join(', ');

/** Everything that PostgreSQL sends when it answers a statement, and what node-postgres makes of it. */
async function record(text: string) {
  const client = new Client({ connectionString: adminUrl(), types: { getTypeParser } as never });
  await client.connect();
  try {
    const chunks: Buffer[] = [];
    client.connection.stream.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
    const { rows, fields } = await client.query({ text, values: [1], rowMode: 'array' });
    return { bytes: Buffer.concat(chunks), rows, fields };
  } finally {
    await client.end();
  }
}

/** Hands bytes on in chunks. @returns the rows that were taken, and all that went to node-postgres. */
function pass(chunks: readonly Buffer[]) {
  const socket = new EventEmitter();
  const stream = new RowStream({});
  const rows: string[] = [];
  const others: Buffer[] = [];
  stream.taker = (bytes, start, end) => rows.push(bytes.toString('latin1', start, end));
  stream.follow(socket).on('data', (bytes: Buffer) => others.push(Buffer.from(bytes)));
  for (const chunk of chunks) socket.emit('data', chunk);
  return { rows, others: Buffer.concat(others).toString('latin1') };
}

describe('rows off the socket', () => {
  it('have the values that node-postgres reads, nested by the names of their columns', async () => {
    const { rows, fields } = await record(`SELECT ${COLUMNS}, $1::integer AS given`);
    const expected: Record<string, unknown> = { inside: {} };
    for (const [n, { name }] of fields.entries()) {
      const [outer, inner] = name.split('.') as [string, string?];
      if (inner === undefined) expected[outer] = rows[0]?.[n];
      else (expected['inside'] as Record<string, unknown>)[inner] = rows[0]?.[n];
    }
    const client = new RowClient({ connectionString: adminUrl(), types: { getTypeParser } as never });
    await client.connect();
    const texts = new StatementTexts(true);
    const text = `SELECT ${COLUMNS}, $1::integer AS given`;
    // Described once, and read without a description from then on.
    for (let n = 0; n < 4; n += 1) {
      const known = texts.use(text);
      expect(await client.query(new StatementQuery(known, [1], known.name)).answered).toEqual({
        rows: [expected],
        count: 1,
      });
    }
    await client.end();
  });

  it('are the same however the bytes are cut into chunks', async () => {
    const { bytes } = await record(`SELECT n, repeat('é', n) AS text FROM generate_series($1::integer, 40) AS n`);
    const whole = pass([bytes]);
    expect(whole.rows).toHaveLength(40);
    expect(whole.others).not.toContain('\u00c3\u00a9');
    for (let at = 1; at < bytes.length; at += 1)
      expect(pass([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    for (const size of [1, 2, 3, 4, 5, 6, 7, 11, 64]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      expect(pass(chunks)).toEqual(whole);
    }
  });

  it('of other columns than were described are refused', () => {
    const decode = compileDecoder([
      { name: 'a', dataTypeID: 25 },
      { name: 'b', dataTypeID: 25 },
    ]);
    const one = Buffer.from([0, 1, 0, 0, 0, 1, 0x61]);
    expect(() => decode(one, 0, one.length)).toThrow('columns of a statement have changed');
  });
});
