import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
  stopAbandonedPostgres,
} from '../../src/platform/embedded/embedded-postgres';

const ROOT = resolve(__dirname, '../..');

/** Another Portico process: starts the server on the folder given, prints its address and does what is asked. */
const OTHER_PROCESS = `
  const { transformFileSync } = require('@swc/core');
  require.extensions['.ts'] = (module, file) =>
    module._compile(transformFileSync(file, { configFile: '${ROOT}/.swcrc', sourceMaps: false }).code, file);
  const { startEmbeddedPostgres } = require('${ROOT}/src/platform/embedded/embedded-postgres.ts');
  const [dataDir, then] = process.argv.slice(1);
  startEmbeddedPostgres({ dataDir }).then((server) => {
    console.log(server.url);
    if (then === 'exit') process.exit(0);
    if (then === 'stop') return server.stop();
    setInterval(() => undefined, 1000);
  });
`;

/** A folder for embedded servers and the processes that use it; `clear()` ends and removes all of them. */
export class PostgresScratch {
  /** Where servers start unless told otherwise. */
  readonly dataDir: string;
  private readonly servers: EmbeddedPostgres[] = [];
  private readonly others: ChildProcess[] = [];

  private constructor(readonly path: string) {
    this.dataDir = join(path, 'data');
  }

  /** Open to the ordinary user who runs the server when the tests run as root. */
  static async create(): Promise<PostgresScratch> {
    const path = await mkdtemp(join(tmpdir(), 'portico-embedded-test-'));
    await chmod(path, 0o711);
    return new PostgresScratch(path);
  }

  async start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDir: this.dataDir, ...options });
    this.servers.push(server);
    return server;
  }

  /** Starts a server in another process, which then exits without stopping it, stops it, or stays. */
  spawnOwner(
    then: 'exit' | 'stop' | 'stay',
    options: { dataDir?: string; uid?: number; gid?: number } = {},
  ): ChildProcess {
    const { dataDir = this.dataDir, ...account } = options;
    const args = ['-e', OTHER_PROCESS, dataDir, then];
    const other = spawn(process.execPath, args, { ...account, cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    this.others.push(other);
    return other;
  }

  /** The pid in the server's lock file. */
  postmasterPid(): number {
    return Number.parseInt(readFileSync(join(this.dataDir, 'cluster', 'postmaster.pid'), 'utf8'), 10);
  }

  async clear(): Promise<void> {
    for (const other of this.others) await killProcess(other);
    for (const server of this.servers) await server.stop();
    if (this.others.length > 0) await stopAbandonedPostgres(this.dataDir);
    await rm(this.path, { recursive: true, force: true });
  }
}

/** The address that a process made by `spawnOwner` prints when its server is ready. */
export async function addressFrom(owner: ChildProcess): Promise<string> {
  if (!owner.stdout) throw new Error('no stdout');
  const [line] = await once(createInterface(owner.stdout), 'line');
  return String(line);
}

/** Resolves when the process is gone. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** All values of all rows. */
export async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows.flat();
  } finally {
    await client.end();
  }
}
