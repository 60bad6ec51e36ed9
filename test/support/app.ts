import { generateKeyPairSync } from 'node:crypto';
import { Pool } from 'pg';
import { type App, startApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { systemClock } from '../../src/kernel/clock';
import { encodeId, newId } from '../../src/kernel/ids';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { RowClient } from '../../src/platform/postgres/row-client';
import { createLog } from '../../src/platform/telemetry/log';
import { createTestDatabase } from './database';

/** One line of the service's log. */
export type LogLine = Record<string, unknown> & { readonly msg: string };

/** Somebody signed in. */
export interface Person {
  /** The UUID in the database. */
  readonly uuid: string;
  /** The TypeID in the API. */
  readonly id: string;
  readonly handle: string;
  readonly token: string;
}

export interface GraphqlAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers by the shape of their own query
  readonly data: any;
  readonly errors?: readonly { message: string; path?: readonly unknown[]; extensions: { code: string } }[];
  /** The body as sent. */
  readonly text: string;
}

export interface TestApp {
  readonly url: string;
  readonly databaseUrl: string;
  /** Straight to the database, around the service. */
  readonly sql: Pool;
  readonly log: LogLine[];
  /** Mails that would have been printed in development. */
  readonly mails: string[];
  /** Sends an operation, signed in as `as` or anonymous. */
  query(document: string, variables?: object, as?: Person | null): Promise<GraphqlAnswer>;
  /** As `query`, failing the test on any top-level error; answers `data`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers by the shape of their own query
  ok(document: string, variables?: object, as?: Person | null): Promise<any>;
  /** An account with a live session, made without the cost of a password. */
  person(handle: string, fields?: { private?: boolean; name?: string }): Promise<Person>;
  /** SQL statements that the last operation of this name took, by the operation log. */
  statementsOf(operation: string): number;
  /** Waits until no background job is left. */
  jobsDone(): Promise<void>;
  close(): Promise<void>;
}

/** Secrets of tests, made once per worker. */
export const TEST_SECRET = 'a secret for tests that nobody else knows';
export const TEST_SIGNING_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** Limits that a whole test file shares from one address are wide; tests of a limit set their own. */
const TEST_ENV = {
  NODE_ENV: 'test',
  PORT: '0',
  ATTEMPTS_MAX: '1000000',
  SIGN_IN_FAILURES_MAX: '1000000',
  MAILS_PER_HOUR: '1000000',
  PASSWORD_HASH_MEMORY_KIB: '64',
  PASSWORD_HASH_PASSES: '1',
  BUDGET_CAPACITY: '1000000000',
  BUDGET_RESTORE_PER_SECOND: '1000000',
  LOAD_SHED_DELAY_MS: '60000',
  SOCKETS_PER_VIEWER: '1000',
  SOCKETS_PER_ADDRESS: '10000',
  // `COMPILED_EXECUTION=off npx jest …`: the same tests by graphql-js alone.
  COMPILED_EXECUTION: process.env['COMPILED_EXECUTION'] ?? 'on',
};

const JOBS_DEADLINE_MS = 15_000;
const JOBS_CHECK_MS = 20;

export interface TestAppOptions {
  /** Environment variables beyond the tests' own. */
  readonly env?: Record<string, string>;
  /** An existing database; a fresh one when left out. */
  readonly databaseUrl?: string;
}

/** The whole service on a port of its own, with a database of its own. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.databaseUrl ? null : await createTestDatabase();
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const config = loadConfig({ ...TEST_ENV, DATABASE_URL: databaseUrl, ...options.env });
  const signingKeyPem = config.auth.signingKeyPem ?? TEST_SIGNING_KEY;
  const log: LogLine[] = [];
  const mails: string[] = [];
  const app: App = await startApp({
    printMail: (text) => mails.push(text),
    config,
    databaseUrl,
    directUrl: databaseUrl,
    secretKey: TEST_SECRET,
    signingKeyPem,
    log: createLog({ level: 'debug', format: 'json', destination: { write: (line) => log.push(JSON.parse(line)) } }),
  });
  const sql = new Pool({ connectionString: databaseUrl, max: 4, Client: RowClient });
  sql.on('error', () => {});
  const tokens = await AccessTokens.create({
    signingKeyPem,
    issuer: config.auth.issuer,
    lifetimeSeconds: 3_600,
    clock: systemClock,
  });

  async function query(document: string, variables?: object, as?: Person | null): Promise<GraphqlAnswer> {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as.token}` }) },
      body: JSON.stringify({ query: document, variables }),
    });
    const body = await response.text();
    // The budget counts down from answer to answer, whatever was asked; everything else of two answers compares.
    const text = body.replace(/"remaining":\d+,("restoreRate":\d+),"resetAt":"[^"]*"/, '$1');
    return { status: response.status, text, ...JSON.parse(body) };
  }

  return {
    url: app.url,
    databaseUrl,
    sql,
    log,
    mails,
    query,
    async ok(document, variables, as) {
      const answer = await query(document, variables, as);
      if (answer.errors) throw new Error(`unexpected errors: ${JSON.stringify(answer.errors)}`);
      return answer.data;
    },
    async person(handle, fields = {}) {
      const uuid = newId();
      const sessionId = newId();
      const now = systemClock.now();
      await sql.query(
        `WITH u AS (INSERT INTO users (id, name, handle, private, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)),
           h AS (INSERT INTO user_handles (handle_key, user_id) VALUES (lower($3), $1))
         INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($6, $1, $5, $5)`,
        [uuid, fields.name ?? handle, handle, fields.private ?? false, now, sessionId],
      );
      const token = await tokens.issue({ userId: uuid, sessionId });
      return { uuid, id: encodeId('user', uuid), handle, token };
    },
    statementsOf(operation) {
      const line = log.findLast((each) => each.msg === 'operation' && each['operation'] === operation);
      if (!line) throw new Error(`no operation ${operation} has been logged`);
      return Number(line['statements']);
    },
    async jobsDone() {
      const deadline = Date.now() + JOBS_DEADLINE_MS;
      for (;;) {
        const { rows } = await sql.query(
          'SELECT count(*)::int AS waiting FROM graphile_worker.jobs WHERE attempts < max_attempts',
        );
        if (rows[0].waiting === 0) return;
        if (Date.now() > deadline) throw new Error(`${rows[0].waiting} jobs are still waiting`);
        await new Promise((resolve) => setTimeout(resolve, JOBS_CHECK_MS));
      }
    },
    async close() {
      await app.close();
      await sql.end();
      await database?.drop();
    },
  };
}
