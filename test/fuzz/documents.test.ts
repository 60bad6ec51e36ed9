import type { GraphQLFormattedError } from 'graphql';
import { parse, print, validate } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { createRunner, type OperationRunner, type Outcome } from '../../bench/operation-runner';
import { type Person, startTestApp, TEST_SECRET, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { report } from '../support/global-setup';
import { together } from '../support/interleaving';
import { Grammar, type Invented } from './grammar';
import { harvestPlaces, openWorld } from './world';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const IN_PROCESS = Number(process.env['FUZZ_DOCUMENTS'] ?? 1_500);
const BY_HTTP = 400;
const BY_WEBSOCKET = 100;
const AT_ONCE = 8;
/** Of each test, and several times what the slowest takes on two cores. */
const TIME_MAX_MS = Math.max(180_000, IN_PROCESS * 30);
/** Failing documents shown, smallest first. */
const FAILURES_SHOWN = 3;

/** A whole document is refused with one of these only. */
const REFUSALS = ['DOCUMENT_TOO_COMPLEX', 'BAD_USER_INPUT'];
/** What fields of a document that runs may answer besides. */
const ANSWERS = [...REFUSALS, 'UNAUTHENTICATED', 'NOT_FOUND'];
/** What no message written for a client contains. */
const UNMASKED =
  /\b(?:at \S+\.[jt]s|SELECT|INSERT|relation "|violates|undefined|Cannot (?:read|return)|is not a function|ECONN\w+|\$\d|node_modules)\b/;

let app: TestApp;
let runner: OperationRunner;
let grammar: Grammar;
let viewers: (Person | null)[];
let socket: Client;

beforeAll(async () => {
  app = await startTestApp({ env: { SOCKET_MESSAGES_PER_SECOND: '100000', SOCKET_OPERATIONS_PER_SECOND: '100000' } });
  const world = await openWorld(app);
  viewers = [...world.viewers, null];
  runner = await createRunner({
    databaseUrl: app.databaseUrl,
    secretKey: TEST_SECRET,
    signingKeyPem: TEST_SIGNING_KEY,
    env: { DATABASE_POOL_MAX: '10' },
  });
  await harvestPlaces(runner, world.pool);
  grammar = new Grammar(runner.schema, world.pool, SEED);
  socket = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${world.viewers[0]?.token}` },
  });
});
afterAll(async () => {
  await socket?.dispose();
  await runner?.close();
  await app?.close();
});

interface Failure {
  readonly complaint: string;
  readonly document: Invented;
}

/** Codes of a run, counted, and what went wrong. */
class Tally {
  readonly counts: Record<string, number> = {};
  readonly failures: Failure[] = [];

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  expectNone(where: string): void {
    report(`fuzz ${where}: seed ${SEED}, ${JSON.stringify(this.counts)}`);
    if (this.failures.length === 0) return;
    const smallest = this.failures.sort((a, b) => a.document.query.length - b.document.query.length);
    const shown = smallest.slice(0, FAILURES_SHOWN).map(({ complaint, document }) => {
      return `${complaint}\n${print(parse(document.query))}\nvariables ${JSON.stringify(document.variables)}`;
    });
    throw new Error(`seed ${SEED}: ${this.failures.length} documents failed\n\n${shown.join('\n\n')}`);
  }
}

/** What is wrong with errors of an answer, or null. */
function faultOf(errors: readonly GraphQLFormattedError[], allowed: readonly string[]): string | null {
  for (const { message, extensions } of errors) {
    const code = String(extensions?.['code']);
    if (!allowed.includes(code)) return `answered ${code}: ${message}`;
    if (UNMASKED.test(message)) return `shows what it should not: ${message}`;
  }
  return null;
}

function faultOfOutcome({ refused, errors, estimate, actual }: Outcome, query: string): string | null {
  const fault = faultOf(errors, refused ? REFUSALS : ANSWERS);
  if (fault) return fault;
  if (actual.cost > estimate.cost) return `cost ${actual.cost}, estimated ${estimate.cost}`;
  if (query.includes('mutation Invented') || actual.statements <= estimate.statements) return null;
  return `took ${actual.statements} statements, estimated ${estimate.statements}`;
}

function classOf(errors: readonly GraphQLFormattedError[], refused: boolean): string {
  if (errors.length === 0) return 'answered';
  return `${refused ? 'refused' : 'in part'} ${errors[0]?.extensions?.['code']}`;
}

describe('documents invented from the schema', () => {
  it(
    `answer as they must, ${IN_PROCESS} of them by the pipeline and the schema`,
    async () => {
      const tally = new Tally();
      await together(AT_ONCE, IN_PROCESS, async (n) => {
        const document = grammar.document();
        const invalid = n % 4 === 0 ? validate(runner.schema, parse(document.query)) : [];
        if (invalid[0]) tally.failures.push({ complaint: `not valid: ${invalid[0].message}`, document });
        const outcome = await runner.run(document, viewerOf(n));
        tally.count(classOf(outcome.errors, outcome.refused));
        const complaint = faultOfOutcome(outcome, document.query);
        if (complaint) tally.failures.push({ complaint, document });
      });
      tally.expectNone('in process');
      // A fuzzer whose documents are mostly refused, or mostly wrong, tests little else.
      expect(tally.counts['answered']).toBeGreaterThan(IN_PROCESS * 0.6);
    },
    TIME_MAX_MS,
  );

  it(
    `answer as they must, ${BY_HTTP} of them over HTTP`,
    async () => {
      const tally = new Tally();
      await together(AT_ONCE, BY_HTTP, async (n) => {
        const document = grammar.document();
        const { data, errors = [], status } = await sendByHttp(document, viewers[n % viewers.length] ?? null);
        tally.count(classOf(errors, data === undefined));
        const complaint = faultOf(errors, ANSWERS);
        if (complaint || status >= 500) tally.failures.push({ complaint: complaint ?? `status ${status}`, document });
      });
      tally.expectNone('over HTTP');
    },
    TIME_MAX_MS,
  );

  it(
    `answer as they must, ${BY_WEBSOCKET} of them over one WebSocket`,
    async () => {
      const tally = new Tally();
      await together(AT_ONCE, BY_WEBSOCKET, async () => {
        const document = grammar.document();
        const errors = await sendBySocket(document);
        tally.count(classOf(errors, false));
        const complaint = faultOf(errors, ANSWERS);
        if (complaint) tally.failures.push({ complaint, document });
      });
      tally.expectNone('over WebSocket');
    },
    TIME_MAX_MS,
  );
});

function viewerOf(n: number) {
  const person = viewers[n % viewers.length] as (Person & { sessionId: string }) | null;
  return person && { userId: person.uuid, sessionId: person.sessionId };
}

async function sendByHttp(document: Invented, as: Person | null) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as.token}` }) },
    body: JSON.stringify(document),
  });
  const body = (await response.json()) as { data?: unknown; errors?: GraphQLFormattedError[] };
  return { status: response.status, ...body };
}

function sendBySocket(document: Invented): Promise<readonly GraphQLFormattedError[]> {
  return new Promise((resolve, reject) => {
    let errors: readonly GraphQLFormattedError[] = [];
    socket.subscribe(document, {
      next: (result) => {
        errors = result.errors ?? [];
      },
      error: (refused) => (Array.isArray(refused) ? resolve(refused) : reject(refused)),
      complete: () => resolve(errors),
    });
  });
}
