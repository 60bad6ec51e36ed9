import { type App, startApp } from '../app';
import type { Config } from '../config';
import { GRAPHQL_PATH } from '../graphql/authentication';
import type { PlaygroundConfig } from '../graphql/playground/config';
import { EVENT_STREAM_PATH } from '../graphql/sse';
import { encodeId } from '../kernel/ids';
import { hashPassword } from '../modules/auth';
import { POST_PREFIX } from '../modules/posts';
import type { Log } from '../platform/telemetry/log';
import { DEMO_PASSWORD, demoAccounts, findSamplePost, seedDemoWorld } from '../world/demo';
import { migrateDatabase, requireMigrated } from './migrate';
import { findSecrets, findSurroundings } from './surroundings';

export interface Served {
  readonly app: App;
  /** What to tell the person who started it. */
  readonly greeting: readonly string[];
  stop(): Promise<void>;
}

/**
 * Serves the API. In development it brings what is missing: a database, secrets, the schema and a demo world.
 * @throws StartFault, ConfigError or EmbeddedPostgresError with a remedy; nothing is left running.
 */
export async function serve(config: Config, log: Log): Promise<Served> {
  const startedAt = performance.now();
  const secrets = findSecrets(config);
  const surroundings = await findSurroundings(config, log);
  const { databaseUrl, directUrl, embedded } = surroundings;
  try {
    if (config.production) await requireMigrated(directUrl, config, log);
    else await migrateDatabase(directUrl, config, log);
    if (embedded)
      await seedDemoWorld(databaseUrl, (password) => hashPassword(config.auth.passwordHash, password), Date.now());
    // Read by whoever started it, at the terminal: a log would keep the links.
    const printMail = (text: string) => void process.stdout.write(text);
    const playground = () => describePlayground(databaseUrl, embedded);
    const app = await startApp({ config, databaseUrl, directUrl, ...secrets, log, playground, printMail });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    return {
      app,
      greeting: greet(app.url, config, embedded, seconds),
      async stop() {
        await app.close();
        await surroundings.stop();
      },
    };
  } catch (error) {
    await surroundings.stop();
    throw error;
  }
}

/** Demo accounts are offered on the demo world only; their password is public. */
async function describePlayground(databaseUrl: string, demo: boolean): Promise<PlaygroundConfig> {
  const sample = demo ? await findSamplePost(databaseUrl) : null;
  return {
    endpoint: GRAPHQL_PATH,
    subscriptionUrl: GRAPHQL_PATH,
    samplePostId: sample && encodeId(POST_PREFIX, sample),
    demoAccounts: demo ? demoAccounts() : [],
    demoPassword: demo ? DEMO_PASSWORD : null,
  };
}

function greet(url: string, config: Config, demo: boolean, seconds: string): string[] {
  const lines = [
    `Portico is up after ${seconds} s.`,
    '',
    `  GraphQL     ${url}${GRAPHQL_PATH}   (POST, GET, WebSocket; event stream at ${EVENT_STREAM_PATH})`,
    ...(config.graphql.playground ? [`  Playground  ${url}/playground`] : []),
    `  Health      ${url}/health/ready`,
  ];
  if (!demo) return lines;
  const width = Math.max(...demoAccounts().map(({ handle }) => handle.length));
  return [
    ...lines,
    '',
    `Sign in to the demo world with the password ${DEMO_PASSWORD} as:`,
    ...demoAccounts().map(({ handle, note }) => `  ${handle.padEnd(width)}  ${note}`),
    '',
    'Ctrl-C stops everything.',
  ];
}
