import { type Person, startTestApp, type TestApp } from '../support/app';
import { report } from '../support/global-setup';
import { startRedis, type TestRedis } from '../support/redis-server';
import { send, until } from './asking';

const CAPACITY = 120;
const RATE = 1;
const PROCESSES = 3;
const CALLERS = 12;

let redis: TestRedis;
let apps: TestApp[];

beforeAll(async () => {
  redis = await startRedis();
  const env = {
    REDIS_URL: redis.url,
    DOCUMENT_COST_MAX: '30',
    BUDGET_CAPACITY: String(CAPACITY),
    BUDGET_RESTORE_PER_SECOND: String(RATE),
    BUDGET_ADDRESS_FACTOR: '100000',
    BUDGET_LOCAL_PERCENT: '33',
    JOBS_CONCURRENCY: '0',
  };
  const first = await startTestApp({ env });
  const others = Array.from({ length: PROCESSES - 1 }, () => startTestApp({ env, databaseUrl: first.databaseUrl }));
  apps = [first, ...(await Promise.all(others))];
});
afterAll(async () => {
  for (const app of [...apps].reverse()) await app.close();
  await redis.stop();
});

interface Flood {
  readonly units: number;
  readonly seconds: number;
  readonly statuses: ReadonlySet<number>;
}

/** Asks as one person at all processes at once, until `enough`; answers what was admitted. */
async function flood(person: Person, enough: (units: number, asked: number) => boolean): Promise<Flood> {
  const startedAt = performance.now();
  const statuses = new Set<number>();
  let units = 0;
  let asked = 0;
  // Three units estimated, two used: what is given back is part of the race.
  const query = '{ viewer { user { id } feed(first: 1) { nodes { id } } } }';
  const caller = async (app: TestApp) => {
    while (!enough(units, asked)) {
      asked += 1;
      const { status, body } = await send(app, { query }, { as: person });
      statuses.add(status);
      units += body.extensions?.cost.actual ?? 0;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, i) => caller(apps[i % PROCESSES] as TestApp)));
  return { units, seconds: (performance.now() - startedAt) / 1_000, statuses };
}

const personAt = (handle: string) => (apps[0] as TestApp).person(handle);

describe('one budget of three processes', () => {
  it('is never admitted twice', async () => {
    const { units, seconds, statuses } = await flood(await personAt('flooder'), (_, asked) => asked > 250);
    expect([...statuses].sort()).toEqual([200, 429]);
    expect(units).toBeLessThanOrEqual(CAPACITY + seconds * RATE);
    expect(units).toBeGreaterThan(CAPACITY * 0.9);
  });

  it('is at most doubled when Redis is killed during a flood, which every process survives', async () => {
    const person = await personAt('killer');
    let killing: Promise<void> | undefined;
    const { units, seconds, statuses } = await flood(person, (admitted, asked) => {
      if (admitted > CAPACITY / 2) killing ??= redis.kill();
      return asked > 300;
    });
    await killing;
    report(`Budget of ${CAPACITY}; admitted with Redis killed in between: ${units} in ${seconds.toFixed(1)} s.`);
    expect(killing).toBeDefined();
    expect([...statuses].sort()).toEqual([200, 429]);
    expect(units).toBeLessThanOrEqual(2 * (CAPACITY + seconds * RATE));
    expect(units).toBeGreaterThan(CAPACITY / 2);
    const other = await personAt('somebody_else');
    for (const app of apps) {
      expect((await send(app, { query: '{ viewer { id } }' }, { as: other })).status).toBe(200);
      expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    }
  });

  it('is shared again once Redis is back', async () => {
    redis = await startRedis({ port: redis.port });
    let people = 0;
    await until('all processes count together', async () => {
      // Somebody new each time: who has asked before has less left in a process that still counts by itself.
      people += 1;
      const person = await personAt(`later_${people}`);
      const answers = [];
      for (const app of apps) answers.push(await send(app, { query: '{ viewer { id } }' }, { as: person }));
      const left = answers.map(({ body }) => body.extensions.cost.remaining as number);
      return (
        left.every((units) => units > CAPACITY / 2) && left.every((units, i) => i === 0 || units < (left[i - 1] ?? 0))
      );
    });
    const again = await personAt('flooder_again');
    const { units, seconds } = await flood(again, (_, asked) => asked > 150);
    expect(units).toBeLessThanOrEqual(CAPACITY + seconds * RATE);
  });
});
