import { composeModules } from '../../src/composition';
import { type Config, loadConfig } from '../../src/config';
import { AutomaticDocuments } from '../../src/graphql/pipeline/automatic';
import { RequestPipeline } from '../../src/graphql/pipeline/pipeline';
import { Refusal } from '../../src/graphql/pipeline/refusal';
import { readOperationRequest } from '../../src/graphql/pipeline/request';
import type { Database } from '../../src/platform/postgres/database';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { createLocalStore } from '../../src/platform/redis/key-value-store';
import { createLog } from '../../src/platform/telemetry/log';
import { TEST_SECRET, TEST_SIGNING_KEY } from '../support/app';

/** Makes pipelines of a service that nobody has configured, apart from `env`, without a service around them. */
export async function barePipelines(): Promise<(env?: Record<string, string>) => RequestPipeline> {
  const read = (env: Record<string, string> = {}) => loadConfig({ NODE_ENV: 'test', INTROSPECTION: 'off', ...env });
  const { schema } = await composeModules({
    config: read(),
    database: {} as Database,
    doorbell: createLocalDoorbell(),
    log: createLog({ level: 'silent', format: 'json' }),
    secretKey: TEST_SECRET,
    signingKeyPem: TEST_SIGNING_KEY,
  });
  return (env) => {
    const { documents, graphql, http }: Config = read(env);
    return new RequestPipeline({
      schema,
      introspection: graphql.introspection,
      limits: documents.limits,
      cacheCharacters: documents.cacheCharacters,
      policy: documents.policy,
      registered: new Map(),
      automatic: new AutomaticDocuments(createLocalStore(documents.cacheCharacters), http.bodyMaxBytes),
      costMax: documents.costMax,
      statementsMax: documents.readsMax,
      copies: false,
      onUnregistered: () => {},
    });
  };
}

/** With what a body is refused; null when it is not. @throws what is no refusal. */
export async function refusalOf(pipeline: RequestPipeline, body: string): Promise<Refusal | null> {
  try {
    await pipeline.prepare(readOperationRequest(JSON.parse(body)));
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
