import { Redis } from 'ioredis';
import { CopiesWorld, door, newNote } from '../support/copies';
import { report } from '../support/global-setup';
import { eventually } from '../support/interleaving';

const redisUrl = process.env['TEST_REDIS_URL'] ?? null;
if (!redisUrl) report('NO REDIS: copies that processes share are not tested.');
const withRedis = redisUrl ? describe : describe.skip;

let world: CopiesWorld;

beforeAll(async () => {
  world = await CopiesWorld.open();
});
afterEach(() => world.closeProcesses());
afterAll(() => world.close());

withRedis('copies in Redis', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(redisUrl as string);
  });
  afterAll(() => redis.disconnect());

  const shared = { redisUrl };
  const kept = (id: string) =>
    eventually('it stands in Redis', async () => (await redis.get(world.redisName(id)))?.startsWith('['));

  it('serve the process that comes next, and all after it', async () => {
    const [near, far] = [await world.start(shared), await world.start(shared)];
    const id = newNote();
    await near.write(id, 'shared');
    await near.read(id);
    await kept(id);
    expect(await far.text(id)).toBe('shared');
    expect(far.reads).toEqual([]);
    expect(await redis.pttl(world.redisName(id))).toBeGreaterThan(0);
  });

  it('are not put there by a reader that had read before the commit', async () => {
    const [near, far, third] = [await world.start(shared), await world.start(shared), await world.start(shared)];
    const id = newNote();
    await near.write(id, 'old');
    const [read, written] = [door(), door()];
    far.whenRead = async () => {
      read.open();
      await written.opened;
    };
    const early = far.text(id);
    await read.opened;
    await near.write(id, 'new');
    written.open();
    expect(await early).toBe('old');
    // Also with a lease that somebody else has been granted since.
    expect(await third.text(id)).toBe('new');
    await kept(id);
    expect(await redis.get(world.redisName(id))).toContain('new');
    await eventually('the early reader knows', async () => (await far.text(id)) === 'new');
  });

  it('are not put there when Redis was emptied in between', async () => {
    const [near, far] = [await world.start(shared), await world.start(shared)];
    const id = newNote();
    await near.write(id, 'old');
    const [read, written] = [door(), door()];
    far.whenRead = async () => {
      read.open();
      await written.opened;
    };
    const early = far.text(id);
    await read.opened;
    await redis.del(world.redisName(id));
    written.open();
    expect(await early).toBe('old');
    // What comes behind it on the same connection shows that it has had its turn.
    await far.read(newNote());
    expect(await redis.get(world.redisName(id))).toBeNull();
  });

  it('are dropped by others when the writer was killed before it could', async () => {
    const [near, far] = [await world.start(shared), await world.start(shared)];
    const id = newNote();
    await near.write(id, 'old');
    await near.read(id);
    await kept(id);
    await world.writeAndDie(id, 'new');
    await eventually('one has dropped it', async () => (await near.text(id)) === 'new');
    await eventually('the other has, too', async () => (await far.text(id)) === 'new');
  });

  it('are dropped by whoever starts, when all were killed before they could', async () => {
    const id = newNote();
    const first = await world.start(shared);
    await first.write(id, 'old');
    await first.read(id);
    await kept(id);
    world.closeProcesses();
    await world.writeAndDie(id, 'new');
    expect(await (await world.start(shared)).text(id)).toBe('new');
  });

  it('are passed over when they are damaged, or of somebody else', async () => {
    const here = await world.start(shared);
    const [id, other] = [newNote(), newNote()];
    await here.write(id, 'right');
    await here.write(other, 'of another');
    await here.read(id, other);
    await kept(id);
    const right = (await redis.get(world.redisName(id))) as string;
    const foreign = (await redis.get(world.redisName(other))) as string;
    const [shape] = JSON.parse(right) as [string];
    const bad = [
      ...['', 'nonsense', 'null', '7', '{}', '[]', '[null]', right.slice(0, -1), right.replace(shape, 'anothershape')],
      ...[foreign, right.replace('"right"', '{}'), right.replace('"right",', ''), right.replace('"right"', '["x"]')],
      JSON.stringify([shape, id, [other, 'wrong', 1]]),
      JSON.stringify([shape, other, null]),
      JSON.stringify(['anothershape', id, [id, 'wrong', 1]]),
    ];
    for (const text of bad) {
      await redis.set(world.redisName(id), text);
      const fresh = await world.start(shared);
      await redis.set(world.redisName(id), text);
      expect([text, await fresh.text(id)]).toEqual([text, 'right']);
      expect(fresh.warnings).toEqual([]);
    }
    await redis.del(world.redisName(id));
  });
});
