import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type BlackHole, digBlackHole } from '../support/black-hole';
import { type CopiesProcess, CopiesWorld, door, newNote } from '../support/copies';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';
import { findRedisServer, startRedis, type TestRedis } from '../support/redis-server';

let world: CopiesWorld;
let redis: TestRedis;
let isThere = true;

beforeAll(async () => {
  isThere = (await findRedisServer()) !== null;
  if (!isThere) return report('NO REDIS: copies whose Redis fails are not tested.');
  world = await CopiesWorld.open();
  redis = await startRedis();
});
afterEach(() => world?.closeProcesses());
afterAll(async () => {
  await redis?.stop();
  await world?.close();
});

/** Skips where there is no server program. */
function test(name: string, work: () => Promise<void>): void {
  it(name, async () => {
    if (isThere) await work();
  });
}

/** Waits until this process puts copies into Redis again. */
async function sharing(by: CopiesProcess, port = redis.port): Promise<void> {
  const client = new Redis(port);
  await eventually('copies are put into Redis', async () => {
    const id = newNote();
    await by.write(id, 'probe');
    await by.read(id);
    // Nobody waits for a copy to be put there.
    await sleep(50);
    return (await client.get(world.redisName(id)))?.startsWith('[');
  });
  client.disconnect();
}

describe('copies whose Redis fails', () => {
  let hole: BlackHole;
  beforeEach(async () => {
    if (isThere) hole = await digBlackHole(redis.port);
  });
  afterEach(() => hole?.close());
  const behindHole = () => world.start({ redisUrl: `redis://127.0.0.1:${hole.port}` });

  test('are read from PostgreSQL, with one line in the log, and shared again when it is back', async () => {
    const here = await world.start({ redisUrl: redis.url });
    await sharing(here);
    await redis.kill();
    for (let n = 1; n <= 30; n += 1) {
      const id = newNote();
      await here.write(id, `note ${n}`);
      expect(await here.text(id)).toBe(`note ${n}`);
      await here.write(id, `again ${n}`);
      expect(await here.text(id)).toBe(`again ${n}`);
    }
    expect(here.warnings).toEqual(['shared copies cannot be reached']);
    redis = await startRedis({ port: redis.port });
    await sharing(here);
    expect(here.warnings).toEqual(['shared copies cannot be reached']);
  });

  test('are not taken from it by a writer that could not drop them', async () => {
    const [cut, whole] = [await behindHole(), await world.start({ redisUrl: redis.url })];
    await sharing(cut);
    const id = newNote();
    await whole.write(id, 'old');
    await whole.read(id);
    await sharing(whole);
    // Nobody else is there to drop it.
    whole.close();
    hole.swallow('everything');
    await cut.write(id, 'new');
    expect(await cut.text(id)).toBe('new');
    // The log has been read meanwhile, to no avail either.
    await sleep(800);
    hole.swallow('nothing');
    await sharing(cut);
    cut.local.clear();
    expect(await cut.text(id)).toBe('new');
  });

  test('do not hold up each read when it swallows bytes', async () => {
    const here = await behindHole();
    await sharing(here);
    const sent = jest.spyOn(Redis.prototype, 'sendCommand');
    hole.swallow('from the server');
    const ids = Array.from({ length: 30 }, newNote);
    for (const id of ids) await here.write(id, 'there');
    for (const id of ids) expect(await here.text(id)).toBe('there');
    const waits = sent.mock.calls.filter(([command]) => ['mget', 'unlink'].includes(command.name));
    sent.mockRestore();
    // One waits, and the rest is not even sent while Redis has its own.
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.length).toBeLessThan(20);
    expect(here.warnings).toEqual(['shared copies cannot be reached']);
  });

  test('are put there by nobody whose lease was lost with it', async () => {
    const here = await world.start({ redisUrl: redis.url });
    await sharing(here);
    const id = newNote();
    await here.write(id, 'old');
    const [read, on] = [door(), door()];
    here.whenRead = async () => {
      read.open();
      await on.opened;
    };
    const early = here.text(id);
    await read.opened;
    here.whenRead = async () => {};
    await redis.kill();
    await world.writeAndDie(id, 'new');
    redis = await startRedis({ port: redis.port });
    on.open();
    expect(await early).toBe('old');
    await sharing(here);
    await eventually('the new one is found', async () => (await here.text(id)) === 'new');
    const fresh = await world.start({ redisUrl: redis.url });
    expect(await fresh.text(id)).toBe('new');
  });
});
