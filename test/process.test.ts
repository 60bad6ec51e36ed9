import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TEST_SECRET, TEST_SIGNING_KEY } from './support/app';
import { adminUrl, createEmptyDatabase, createTestDatabase, withDatabaseName } from './support/database';
import { report, seconds } from './support/global-setup';
import { buildService, type RunningProcess, runService } from './support/process';

const URL_PRINTED = /GraphQL +(http:\/\/127\.0\.0\.1:\d+)\/graphql/;
const STACK_TRACE = /\n +at /;
const FEED = '{ viewer { feed(first: 3) { nodes { text author { handle } } } } }';

let folder: string;
let dataDir: string;

beforeAll(async () => {
  await buildService();
  folder = mkdtempSync(path.join(tmpdir(), 'portico-process-'));
  // As root the database runs as another user, who has to get through.
  chmodSync(folder, 0o755);
  dataDir = path.join(folder, 'data');
}, 90_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(url: string, query: string, token?: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: read by the shape of each query
  return (await response.json()) as any;
}

async function signIn(url: string): Promise<string> {
  const { data } = await ask(
    url,
    'mutation { signIn(input: { login: "ada", password: "portico-demo" }) { accessToken } }',
  );
  return data.signIn.accessToken;
}

describe('npm start on a bare machine', () => {
  const start = () => runService(['serve'], { PORT: '0', DATA_DIR: dataDir });
  let running: RunningProcess;

  it('brings a database and a demo world, prints where things are, and answers', async () => {
    const startedAt = performance.now();
    running = start();
    const url = (await running.printed(URL_PRINTED))[1] as string;
    const { data } = await ask(url, FEED, await signIn(url));
    report(`From nothing to the first answered query: ${seconds(startedAt)} s.`);
    expect(data.viewer.feed.nodes).toHaveLength(3);
    const printed = running.output();
    expect(printed).toContain(`${url}/playground`);
    expect(printed).toContain(`${url}/health/ready`);
    expect(printed).toContain('portico-demo');
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/playground`)).status).toBe(200);
  });

  it('refuses a second start on the same folder, saying why', async () => {
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('set DATA_DIR');
    expect(second.output()).not.toMatch(STACK_TRACE);
  });

  it('ends everything it started on Ctrl-C', async () => {
    expect(await running.kill('SIGINT')).toBe(0);
    // The last line of all.
    expect(running.output()).toContain('"msg":"stopped"');
  });

  it('keeps its data, recovers from a kill -9, and starts again', async () => {
    const killed = start();
    const first = (await killed.printed(URL_PRINTED))[1] as string;
    const token = await signIn(first);
    await ask(first, 'mutation { createPost(input: { text: "written before the crash" }) { replayed } }', token);
    expect(await killed.kill('SIGKILL')).toBe('SIGKILL');
    const startedAt = performance.now();
    const again = start();
    const url = (await again.printed(URL_PRINTED))[1] as string;
    report(`Started again after kill -9: ${seconds(startedAt)} s.`);
    // The token of before is still good: secrets are kept as well.
    const { data } = await ask(url, FEED, token);
    expect(data.viewer.feed.nodes[0].text).toBe('written before the crash');
    expect(await again.kill('SIGTERM')).toBe(0);
  });
});

describe('a start that cannot succeed says so in a sentence, with the remedy', () => {
  it.each<[string, () => Promise<Record<string, string>>, RegExp]>([
    [
      'a taken port',
      async () => {
        const { port } = await new Promise<AddressInfo>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo));
          server.unref();
        });
        return { PORT: String(port), DATABASE_URL: (await createTestDatabase()).url, DATA_DIR: dataDir };
      },
      /Port \d+ is taken\.\nStop what listens there, or set PORT/,
    ],
    [
      'a folder that cannot be made',
      async () => {
        const file = path.join(folder, 'a-file');
        writeFileSync(file, '');
        return { PORT: '0', DATA_DIR: path.join(file, 'below') };
      },
      /DATA_DIR/,
    ],
    [
      'a database that does not answer',
      async () => ({ DATABASE_URL: 'postgres://someone:hunter2@127.0.0.1:1/portico', DATA_DIR: dataDir }),
      /No PostgreSQL answers at 127\.0\.0\.1:1\/portico\.\nStart it, or correct DATABASE_URL/,
    ],
    [
      'a database that does not exist',
      async () => ({ DATABASE_URL: withDatabaseName(adminUrl(), 'no_such_database'), DATA_DIR: dataDir }),
      /has no such database\.\nCreate it, or correct DATABASE_URL/,
    ],
    [
      'a wrong password',
      async () => {
        const url = new URL(adminUrl());
        url.password = 'hunter2';
        return { DATABASE_URL: url.toString(), DATA_DIR: dataDir };
      },
      /refuses this user and password\.\nCheck DATABASE_URL/,
    ],
    [
      'several wrong variables at once',
      async () => ({ PORT: 'high', LOG_LEVEL: 'loud' }),
      /PORT has[\s\S]*LOG_LEVEL has/,
    ],
  ])('%s', async (_name, environment, sentence) => {
    const failed = runService(['serve'], await environment());
    expect(await failed.ended).toBe(1);
    expect(failed.output()).toMatch(sentence);
    expect(failed.output()).not.toMatch(STACK_TRACE);
    expect(failed.output()).not.toContain('hunter2');
  });

  it('an unknown command', async () => {
    const failed = runService(['sevre'], {});
    expect(await failed.ended).toBe(2);
    expect(failed.output()).toContain('Use one of: serve, migrate, schema, world');
  });
});

describe('production', () => {
  const redisUrl = process.env['TEST_REDIS_URL'];
  const production = (databaseUrl: string) => ({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'https://api.example.com',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl ?? 'redis://127.0.0.1:1',
    SECRET_KEY: TEST_SECRET,
    TOKEN_SIGNING_KEY: TEST_SIGNING_KEY.replaceAll('\n', '\\n'),
    MAIL_URL: 'smtp://127.0.0.1:1',
  });

  it('names every variable that it lacks', async () => {
    const failed = runService(['serve'], { NODE_ENV: 'production' });
    expect(await failed.ended).toBe(1);
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'SECRET_KEY', 'TOKEN_SIGNING_KEY', 'PUBLIC_URL', 'MAIL_URL']) {
      expect(failed.output()).toContain(`${name} is missing`);
    }
  });

  it('migrates by a command of its own, and serves neither playground nor schema', async () => {
    const database = await createEmptyDatabase();
    const refused = runService(['serve'], production(database.url));
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/lacks \d+ migration\(s\)[\s\S]*npm run migrate/);

    const migrate = runService(['migrate'], production(database.url));
    expect(await migrate.ended).toBe(0);

    const served = runService(['serve'], production(database.url));
    const url = (await served.printed(/"url":"(http:[^"]+)"/))[1] as string;
    expect((await ask(url, '{ __typename }')).data).toEqual({ __typename: 'Query' });
    const { errors } = await ask(url, '{ __schema { queryType { name } } }');
    expect(errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await fetch(`${url}/playground`)).status).toBe(404);
    expect(await served.kill('SIGTERM')).toBe(0);

    const epoch = runService(['epoch'], production(database.url));
    expect(await epoch.ended).toBe(0);
    expect(epoch.output()).toContain('A new history has begun');

    const world = runService(['world', '--users', '10'], production(database.url));
    expect(await world.ended).not.toBe(0);
    expect(world.output()).toContain('production');
    await database.drop();
  });
});
