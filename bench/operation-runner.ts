import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { openDatabase } from '../src/app';
import { composeModules } from '../src/composition';
import { type Config, loadConfig } from '../src/config';
import { nobody } from '../src/graphql/caller';
import { Executor } from '../src/graphql/compiled/executor';
import { RequestContext } from '../src/graphql/context';
import { Deadline } from '../src/graphql/deadline';
import { presentError } from '../src/graphql/errors';
import { AutomaticDocuments } from '../src/graphql/pipeline/automatic';
import { measureCost, type OperationCost } from '../src/graphql/pipeline/cost';
import { RequestPipeline } from '../src/graphql/pipeline/pipeline';
import { Refusal } from '../src/graphql/pipeline/refusal';
import { readOperationRequest } from '../src/graphql/pipeline/request';
import type { MaybeViewer } from '../src/kernel/viewer';
import type { Database } from '../src/platform/postgres/database';
import { createLocalDoorbell } from '../src/platform/redis/doorbell';
import { createLocalStore } from '../src/platform/redis/key-value-store';
import { createLog } from '../src/platform/telemetry/log';

export interface RunnerOptions {
  readonly databaseUrl: string;
  readonly secretKey: string;
  readonly signingKeyPem: string;
  /** Environment variables besides the defaults. */
  readonly env?: Record<string, string>;
  /** Answers are given up that are larger than the service sends; they are made to their end when left out. */
  readonly capped?: boolean;
}

/** What a client would have sent. */
export interface Sent {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** What came of an operation, and what it cost by the service's own count. */
export interface Outcome {
  readonly refused: boolean;
  readonly errors: readonly GraphQLFormattedError[];
  readonly data: unknown;
  readonly estimate: OperationCost;
  readonly actual: OperationCost;
}

/** The service without its transports: the same pipeline, schema, context and errors, in this process. */
export interface OperationRunner {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly pipeline: RequestPipeline;
  run(sent: Sent, viewer: MaybeViewer): Promise<Outcome>;
  close(): Promise<void>;
}

const NOTHING: OperationCost = { cost: 0, statements: 0 };

export async function createRunner(options: RunnerOptions): Promise<OperationRunner> {
  const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: options.databaseUrl, ...options.env });
  const log = createLog({ level: 'silent', format: 'json' });
  const postgres = await openDatabase(options.databaseUrl, config, log);
  const { database } = postgres;
  const { secretKey, signingKeyPem } = options;
  const doorbell = createLocalDoorbell();
  const { schema } = await composeModules({ config, database, doorbell, log, secretKey, signingKeyPem });
  const { documents, graphql } = config;
  const pipeline = new RequestPipeline({
    schema,
    introspection: graphql.introspection,
    limits: documents.limits,
    cacheCharacters: documents.cacheCharacters,
    policy: 'open',
    registered: new Map(),
    automatic: new AutomaticDocuments(createLocalStore(documents.cacheCharacters), config.http.bodyMaxBytes),
    costMax: documents.costMax,
    statementsMax: documents.readsMax,
    copies: false,
    onUnregistered: () => {},
  });
  const answerMaxBytes = options.capped ? graphql.responseMaxBytes : Number.POSITIVE_INFINITY;
  const executor = new Executor({ schema, ...config.execution, answerMaxBytes });
  return {
    config,
    schema,
    pipeline,
    run: (sent, viewer) => runOperation({ pipeline, executor, database, config, log }, sent, viewer),
    async close() {
      await doorbell.close();
      await postgres.close();
    },
  };
}

interface Parts {
  readonly pipeline: RequestPipeline;
  readonly executor: Executor;
  readonly database: Database;
  readonly config: Config;
  readonly log: ReturnType<typeof createLog>;
}

async function runOperation(parts: Parts, sent: Sent, viewer: MaybeViewer): Promise<Outcome> {
  const { pipeline, executor, database, config, log } = parts;
  try {
    const prepared = await pipeline.prepare(readOperationRequest(sent));
    const deadline = new Deadline(config.graphql.operationTimeoutMs);
    const context = new RequestContext(database, { ...nobody('in-process'), viewer }, deadline);
    context.asked = prepared.asked;
    const { document, operation } = prepared;
    const result = await executor.execute(prepared, context);
    deadline.clear();
    const actual = { cost: measureCost(operation, result.data, document), statements: context.cost.statements };
    const errors = (result.errors ?? []).map((error) => presentError(error, log));
    return { refused: false, errors, data: result.data, estimate: prepared.estimate, actual };
  } catch (error) {
    const errors = error instanceof Refusal ? error.errors.map((each) => each.toJSON()) : [presentError(error, log)];
    return { refused: true, errors, data: null, estimate: NOTHING, actual: NOTHING };
  }
}
