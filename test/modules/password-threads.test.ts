import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { PasswordThreads } from '../../src/modules/auth/password-threads';
import { until } from '../pipeline/asking';
import { startTestApp } from '../support/app';
import { member, PASSWORD, signIn } from '../support/passwords';

const PARAMETERS = { algorithm: 2, memoryCost: 64, timeCost: 1, parallelism: 1 };
const AT_ONCE = 3;
const NICE_FIELD = 16;

/** How nice each thread of this process is (proc(5)); Linux alone has priorities of threads. */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[NICE_FIELD]);
  });
}

const lowered = () => niceness().filter((nice) => nice > getPriority()).length;
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('passwords', () => {
  onLinux('are hashed in threads that give way to all others, few at once, until the service ends', async () => {
    // Those of other tests in this process end by themselves.
    await until('other threads have ended', () => lowered() === 0).catch(() => {});
    const others = lowered();
    // Hashes that take a while, so that several are wanted at once.
    const env = { PASSWORD_HASHES_AT_ONCE: String(AT_ONCE), PASSWORD_HASH_MEMORY_KIB: '19456', JOBS_CONCURRENCY: '0' };
    const app = await startTestApp({ env });
    try {
      await member(app, 'thread_ada');
      expect(lowered()).toBe(others + 1);
      const answers = await Promise.all(Array.from({ length: AT_ONCE * 4 }, () => signIn(app, 'thread_ada', PASSWORD)));
      expect(answers.every(({ accessToken }) => accessToken !== null)).toBe(true);
      expect(lowered()).toBe(others + AT_ONCE);
    } finally {
      await app.close();
    }
    await until('no thread is left', () => lowered() <= others);
  });
});

describe('a thread that hashes', () => {
  const crashes: Error[] = [];
  let threads: PasswordThreads;
  beforeEach(() => {
    crashes.length = 0;
    threads = new PasswordThreads((error) => crashes.push(error));
  });
  afterEach(() => threads.close());

  const hash = () => threads.run({ password: 'a password', parameters: PARAMETERS });

  it('hashes and compares one after the other', async () => {
    const made = String(await hash());
    expect(made).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await threads.run({ password: 'a password', passwordHash: made })).toBe(true);
    expect(await threads.run({ password: 'another one', passwordHash: made })).toBe(false);
    expect(await threads.run({ password: 'a password', passwordHash: '$argon2id$nonsense' })).toBe(false);
  });

  it('fails alone when it ends by itself, and another takes its place', async () => {
    const others = hash();
    await expect(threads.run(null as never)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(crashes).toHaveLength(1);
    expect(await others).toMatch(/^\$argon2id/);
    expect(await hash()).toMatch(/^\$argon2id/);
    await expect(threads.run(null as never)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await hash()).toMatch(/^\$argon2id/);
  });

  it('is not waited for when it has ended while it had nothing to do', async () => {
    await hash();
    const [idle] = (threads as unknown as { idle: Worker[] }).idle;
    await idle?.terminate();
    expect(await hash()).toMatch(/^\$argon2id/);
  });

  it('says what is wrong with the parameters, and lives', async () => {
    const parameters = { ...PARAMETERS, memoryCost: 1 };
    await expect(threads.run({ password: 'a password', parameters })).rejects.toThrow(/memory/i);
    expect(crashes).toEqual([]);
  });

  it('ends with the service: what is under way fails, and nothing begins', async () => {
    const under = hash();
    threads.close();
    await expect(under).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(hash()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
