import type { GraphQLSchema } from 'graphql';
import { composeModules } from '../../src/composition';
import { loadConfig } from '../../src/config';
import type { Database } from '../../src/platform/postgres/database';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { TEST_SECRET, TEST_SIGNING_KEY } from './app';

/** A database in which every statement fails. */
export const NO_DATABASE = { during: () => NO_DATABASE } as unknown as Database;

/** The schema of the service, with nothing behind it. */
export async function composeSchema(): Promise<GraphQLSchema> {
  const { schema } = await composeModules({
    config: loadConfig({ NODE_ENV: 'test' }),
    database: NO_DATABASE,
    doorbell: createLocalDoorbell(),
    log: createLog({ level: 'silent', format: 'json' }),
    secretKey: TEST_SECRET,
    signingKeyPem: TEST_SIGNING_KEY,
  });
  return schema;
}
