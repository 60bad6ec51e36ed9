import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EmbeddedPostgresError } from '../../src/platform/embedded/embedded-postgres';
import { addressFrom, PostgresScratch, query } from '../support/postgres-scratch';

const NOBODY = { uid: 65_534, gid: 65_534 };

const isRoot = process.geteuid?.() === 0;
const nobodyCanReachTheCheckout =
  isRoot && spawnSync(process.execPath, ['-e', `fs.accessSync('${__filename}')`], NOBODY).status === 0;

let scratch: PostgresScratch;

beforeEach(async () => {
  scratch = await PostgresScratch.create();
});

afterEach(() => scratch.clear());

async function faultOf(promise: Promise<unknown>): Promise<EmbeddedPostgresError> {
  const outcome = await promise.then(
    () => new Error('no fault'),
    (err: unknown) => err,
  );
  expect(outcome).toBeInstanceOf(EmbeddedPostgresError);
  return outcome as EmbeddedPostgresError;
}

describe('a start from nothing', () => {
  it('gives a database in UTF-8 and UTC that keeps every character', async () => {
    const { url, reused } = await scratch.start();

    expect(reused).toBe(false);
    expect(new URL(url).pathname).toBe('/portico');
    expect(await query(url, 'SHOW server_encoding')).toEqual(['UTF8']);
    expect(await query(url, 'SHOW timezone')).toEqual(['UTC']);
    expect(await query(url, `SELECT 'naïve 👩‍🚀 日本', upper('é')`)).toEqual(['naïve 👩‍🚀 日本', 'É']);
  });

  it('passes settings on, except those that would open the server to others', async () => {
    const { url } = await scratch.start({ settings: { max_connections: 17, listen_addresses: '*' } });

    expect(await query(url, 'SHOW max_connections')).toEqual(['17']);
    expect(await query(url, 'SHOW listen_addresses')).toEqual(['127.0.0.1']);
    expect(await query(url, 'SHOW unix_socket_directories')).toEqual(['']);
  });

  it('refuses connections with no password or a wrong one', async () => {
    const { url } = await scratch.start();
    const withoutPassword = new URL(url);
    withoutPassword.password = '';
    const withWrongPassword = new URL(url);
    withWrongPassword.password = 'guess';

    await expect(query(withoutPassword.href, 'SELECT 1')).rejects.toThrow(/password/);
    await expect(query(withWrongPassword.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  it('keeps the password and the data from other users', async () => {
    await scratch.start();

    expect((await stat(join(scratch.dataDir, 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(scratch.dataDir, 'cluster'))).mode & 0o777).toBe(0o700);
  });

  it('serves two folders side by side', async () => {
    const [one, two] = await Promise.all([
      scratch.start({ dataDir: join(scratch.path, 'one') }),
      scratch.start({ dataDir: join(scratch.path, 'two') }),
    ]);

    await query(one.url, 'CREATE TABLE t ()');
    expect(await query(two.url, `SELECT to_regclass('t')`)).toEqual([null]);
  });
});

describe('a later start', () => {
  it('finds the data again', async () => {
    const first = await scratch.start();
    await query(first.url, `CREATE TABLE t AS SELECT 'kept' AS v`);
    await first.stop();

    const second = await scratch.start();

    expect(second.reused).toBe(false);
    expect(await query(second.url, 'SELECT v FROM t')).toEqual(['kept']);
  });

  it('recovers what was committed when the server was killed', async () => {
    const first = await scratch.start();
    await query(first.url, `CREATE TABLE t AS SELECT 'kept' AS v`);
    process.kill(scratch.postmasterPid(), 'SIGKILL');
    await first.stop();

    const second = await scratch.start();

    expect(await query(second.url, 'SELECT v FROM t')).toEqual(['kept']);
  });

  it('is not misled by a stale lock file whose pid now belongs to another program', async () => {
    const first = await scratch.start();
    const lockFile = join(scratch.dataDir, 'cluster', 'postmaster.pid');
    const lock = readFileSync(lockFile, 'utf8');
    await first.stop();
    await writeFile(lockFile, lock.replace(/^\d+/, String(process.ppid)));

    const second = await scratch.start();

    expect(second.reused).toBe(false);
    expect(await query(second.url, 'SELECT 1')).toEqual([1]);
  });
});

describe('a start that cannot succeed says why and what to do', () => {
  it('below a file', async () => {
    await writeFile(join(scratch.path, 'file'), '');

    const fault = await faultOf(scratch.start({ dataDir: join(scratch.path, 'file', 'data') }));

    expect(fault.message).toContain('is a file, not a folder');
    expect(fault.remedy).toBe('Choose another data folder.');
  });

  it('on the data of another major version, which it leaves alone', async () => {
    await mkdir(join(scratch.dataDir, 'cluster'), { recursive: true });
    await writeFile(join(scratch.dataDir, 'cluster', 'PG_VERSION'), '9\n');

    const fault = await faultOf(scratch.start());

    expect(fault.message).toContain('made by PostgreSQL 9');
    expect(fault.remedy).toContain('dump it with PostgreSQL 9');
    expect(readFileSync(join(scratch.dataDir, 'cluster', 'PG_VERSION'), 'utf8')).toBe('9\n');
  });

  it('on a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;

    const fault = await faultOf(scratch.start({ port }));
    taken.close();

    expect(fault.message).toBe(`Port ${port} of 127.0.0.1 is taken by another program.`);
    // The failed attempt has not kept the folder.
    expect((await scratch.start({ port })).url).toContain(`:${port}/`);
  });

  it('with a setting that does not exist', async () => {
    const fault = await faultOf(scratch.start({ settings: { no_such_setting: 1 } }));

    expect(fault.message).toContain('unrecognized configuration parameter "no_such_setting"');
    expect(fault.remedy).toContain('postgres.log');
  });
});

(isRoot ? describe : describe.skip)('as root', () => {
  it('runs the server as an ordinary user', async () => {
    await scratch.start();

    expect((await stat(`/proc/${scratch.postmasterPid()}`)).uid).toBe(NOBODY.uid);
  });

  it('keeps the data elsewhere, always in the same place, when that user cannot enter the folder', async () => {
    await chmod(scratch.path, 0o700);
    const events: { event: string; fields: { used?: string } }[] = [];
    const log = (event: string, fields: object) => events.push({ event, fields });
    const first = await scratch.start({ log });
    const used = events.find(({ event }) => event === 'embedded postgres data folder replaced')?.fields.used ?? '';
    try {
      await query(first.url, `CREATE TABLE t AS SELECT 'kept' AS v`);
      await first.stop();
      const second = await scratch.start();
      expect(await query(second.url, 'SELECT v FROM t')).toEqual(['kept']);
      await second.stop();
    } finally {
      await rm(used, { recursive: true });
    }
  });
});

(nobodyCanReachTheCheckout ? it : it.skip)('an ordinary user starts and stops a server', async () => {
  const home = join(scratch.path, 'home');
  await mkdir(home);
  await chown(home, NOBODY.uid, NOBODY.gid);
  const other = scratch.spawnOwner('stop', { dataDir: join(home, 'data'), ...NOBODY });

  expect(await addressFrom(other)).toMatch(/^postgres:\/\/portico:.+@127\.0\.0\.1:\d+\/portico$/);
  const [code] = await once(other, 'exit');
  expect(code).toBe(0);
});
