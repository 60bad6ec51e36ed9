/**
 * Prints what the most expensive documents cost that the limits accept, on the largest legal data.
 * The limits of documents in config.ts are chosen from its figures.
 */
import { generateKeyPairSync } from 'node:crypto';
import { Client, Pool } from 'pg';
import { migrateDatabase } from '../src/commands/migrate';
import { loadConfig } from '../src/config';
import type { MaybeViewer } from '../src/kernel/viewer';
import { createLog } from '../src/platform/telemetry/log';
import { startTestPostgres } from '../test/support/postgres-server';
import { fillLargestWorld } from './largest-world';
import { createRunner, type OperationRunner, type Sent } from './operation-runner';
import { familiesOf, findWorst } from './worst-documents';

const ROUNDS = 5;
const CPU_GOAL_MS = 250;
const STATEMENTS_GOAL = 20;
const BYTES_GOAL = 2_097_152;
const DATABASE = 'worst_document';

interface Measured {
  readonly cpuMs: number;
  /** None of an answer that is refused for its size. */
  readonly bytes: number;
  readonly statements: number;
}

/** The median CPU time of one operation from its text to the bytes of its answer, first parse and warm-up left out. */
async function measure(runner: OperationRunner, sent: Sent, viewer: MaybeViewer): Promise<Measured> {
  const times: number[] = [];
  let bytes = 0;
  let statements = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    const { data, errors, actual } = await runner.run(sent, viewer);
    const code = errors[0]?.extensions?.['code'];
    bytes = code === 'RESPONSE_TOO_LARGE' ? 0 : Buffer.byteLength(JSON.stringify({ data }));
    if (bytes > runner.config.graphql.responseMaxBytes) bytes = 0;
    const { user, system } = process.cpuUsage(before);
    if (errors.length > 0 && bytes > 0) throw new Error(`a worst document failed: ${JSON.stringify(errors[0])}`);
    times.push((user + system) / 1_000);
    statements = actual.statements;
  }
  times.sort((a, b) => a - b);
  return { cpuMs: times[Math.floor(ROUNDS / 2)] as number, bytes, statements };
}

async function main(): Promise<void> {
  const postgres = await startTestPostgres();
  try {
    const admin = new Client({ connectionString: postgres.adminUrl });
    await admin.connect();
    await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
    await admin.query(`CREATE DATABASE ${DATABASE}`);
    await admin.end();
    const url = new URL(postgres.adminUrl);
    url.pathname = `/${DATABASE}`;
    const databaseUrl = url.toString();
    const log = createLog({ level: 'silent', format: 'json' });
    await migrateDatabase(databaseUrl, loadConfig({ NODE_ENV: 'test' }), log);
    await bench(databaseUrl);
  } finally {
    await postgres.stop();
  }
}

async function bench(databaseUrl: string): Promise<void> {
  const pool = new Pool({ connectionString: databaseUrl });
  const world = await fillLargestWorld(pool);
  await pool.end();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  // Overrides such as DOCUMENT_COST_MAX come from the environment, to try other limits.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('DOCUMENT_')));
  const runner = await createRunner({
    databaseUrl,
    secretKey: 'a secret for benchmarks that nobody knows',
    signingKeyPem,
    capped: true,
    env: { OPERATION_TIMEOUT_MS: '60000', BUDGET_CAPACITY: '1000000000', ...(env as Record<string, string>) },
  });
  const { documents } = runner.config;
  console.log(
    `limits: ${JSON.stringify({ cost: documents.costMax, reads: documents.readsMax, ...documents.limits })}\n`,
  );
  console.log('   CPU ms      KiB   SQL   est.  cost  family (outer x inner)');
  const all: Measured[] = [];
  for (const family of familiesOf(world)) {
    const worst = await findWorst(runner, family);
    if (!worst) {
      console.log(`        -        -     -      -     -  ${family.name}: none accepted`);
      continue;
    }
    const measured = await measure(runner, worst.sent, world.viewer);
    all.push(measured);
    const { cpuMs, bytes, statements } = measured;
    const tooLarge = bytes === 0 ? ', refused for its size' : '';
    const row = [cpuMs.toFixed(0).padStart(9), (bytes / 1_024).toFixed(0).padStart(8), String(statements).padStart(5)];
    row.push(String(worst.statements).padStart(6), String(worst.cost).padStart(5));
    console.log(`${row.join(' ')}  ${worst.family} (${worst.shape}${tooLarge})`);
  }
  const most = (key: keyof Measured) => Math.max(...all.map((each) => each[key]));
  const figures = [
    `${most('cpuMs').toFixed(0)} ms CPU (goal ${CPU_GOAL_MS})`,
    `${(most('bytes') / 1_024).toFixed(0)} KiB (goal ${BYTES_GOAL / 1_024})`,
    `${most('statements')} SQL statements (goal ${STATEMENTS_GOAL})`,
  ];
  console.log(`\nworst: ${figures.join(', ')}`);
  const missed = most('cpuMs') > CPU_GOAL_MS || most('bytes') > BYTES_GOAL || most('statements') > STATEMENTS_GOAL;
  if (missed) process.exitCode = 1;
  await runner.close();
}

void main();
