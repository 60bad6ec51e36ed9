import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess } from '../../src/platform/embedded/process-identity';
import { addressFrom, killProcess, PostgresScratch, query } from '../support/postgres-scratch';

let scratch: PostgresScratch;

beforeEach(async () => {
  scratch = await PostgresScratch.create();
});

afterEach(() => scratch.clear());

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`timed out: ${what}`);
  }
}

describe('a server whose owner was killed', () => {
  it('is taken over, data and all, and ends with the new owner', async () => {
    const other = scratch.spawnOwner('stay');
    const otherUrl = await addressFrom(other);
    await query(otherUrl, `CREATE TABLE t AS SELECT 'kept' AS v`);
    await killProcess(other);
    const pid = scratch.postmasterPid();

    const server = await scratch.start();

    expect(server.reused).toBe(true);
    expect(server.url).toBe(otherUrl);
    expect(scratch.postmasterPid()).toBe(pid);
    expect(await query(server.url, 'SELECT v FROM t')).toEqual(['kept']);
    await server.stop();
    expect(identifyProcess(pid)).toBeNull();
  });

  it('is restarted when the settings differ', async () => {
    const other = scratch.spawnOwner('stay');
    await addressFrom(other);
    await killProcess(other);
    const pid = scratch.postmasterPid();

    const server = await scratch.start({ settings: { max_connections: 17 } });

    expect(server.reused).toBe(false);
    expect(identifyProcess(pid)).toBeNull();
    expect(await query(server.url, 'SHOW max_connections')).toEqual(['17']);
  });

  it('is initialised anew when that happened before it was ready', async () => {
    const other = scratch.spawnOwner('stay');
    const unfinished = () =>
      (existsSync(scratch.dataDir) ? readdirSync(scratch.dataDir) : []).find((name) => name.includes('unfinished'));
    await until(() => existsSync(join(scratch.dataDir, unfinished() ?? 'none yet', 'PG_VERSION')), 'initdb has begun');
    await killProcess(other);
    expect(existsSync(join(scratch.dataDir, 'cluster'))).toBe(false);

    const { url } = await scratch.start();

    expect(await query(url, 'SELECT 1')).toEqual([1]);
  });
});

describe('the owner', () => {
  it('takes the server along when it exits without stopping it', async () => {
    const other = scratch.spawnOwner('exit');
    const url = await addressFrom(other);

    await until(() => other.exitCode === 0, 'exit');
    await until(() => !existsSync(join(scratch.dataDir, 'cluster', 'postmaster.pid')), 'the server ends');
    await expect(query(url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('keeps others off the folder while it lives, and its server is unharmed by their attempt', async () => {
    const other = scratch.spawnOwner('stay');
    const url = await addressFrom(other);

    const fault: unknown = await scratch.start().catch((err: unknown) => err);

    expect(fault).toMatchObject({
      name: 'EmbeddedPostgresError',
      message: expect.stringContaining(`already belongs to process ${other.pid}`),
      remedy: expect.stringMatching(/^Stop that process first/),
    });
    expect(await query(url, 'SELECT 1')).toEqual([1]);
  });

  it('cannot start a second server on the same folder, and can stop twice', async () => {
    const server = await scratch.start();

    await expect(scratch.start()).rejects.toThrow('already belongs to this process');
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
  });
});
