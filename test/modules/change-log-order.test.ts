import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { type Person, startTestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { pick, type Random, seeded, together } from '../support/interleaving';
import { outcomeOf } from '../support/social';
import { crowd, documentOf, type MutationName, publish, relate } from '../support/verbs';

const SEED = 20_260_102;
const PEOPLE = 10;
const OPERATIONS = 300;
const IN_FLIGHT = 50;
const LOOK_EVERY_MS = 10;
const LOCK_SECONDS = 0.004;
const SET_UP_MS = 60_000;

interface Operation {
  readonly name: MutationName;
  readonly as: Person;
  readonly input: object;
}

describe('fifty writers at once whose readers are the same ten', () => {
  let database: TestDatabase;
  let sql: Pool;
  let jobFaults: unknown[];
  let failures: string[];
  let arrivals: Arrivals;

  beforeAll(async () => {
    // All fifty in PostgreSQL at once, with patience on a busy machine: what must not happen is that they cannot go on.
    const env = { DATABASE_POOL_MAX: '50', DATABASE_LOCK_TIMEOUT_MS: '30000', DATABASE_STATEMENT_TIMEOUT_MS: '30000' };
    database = await createTestDatabase();
    sql = new Pool({ connectionString: database.url, max: 2 });
    const app = await startTestApp({ databaseUrl: database.url, env: { ...env, OPERATION_TIMEOUT_MS: '60000' } });
    const people = await crowd(app, 'person', PEOPLE);
    const circle = people.map((person, i) =>
      relate(app, person, people[(i + 1) % PEOPLE] as Person, { following: true }),
    );
    await Promise.all(circle);
    const posts = await Promise.all(people.map((person) => publish(app, person)));
    const random = seeded(SEED);
    const operations = Array.from({ length: OPERATIONS }, () => drawOperation(random, people, posts));
    failures = [];
    await slowDownLogs(sql);
    arrivals = follow(sql);
    await together(IN_FLIGHT, OPERATIONS, async (index) => {
      const { name, as, input } = operations[index] as Operation;
      const answer = await app.query(documentOf(name), { input }, as);
      const outcome = outcomeOf(answer, name);
      if (!['OK', 'BLOCKED', 'NOT_FOUND'].includes(outcome)) failures.push(answer.text);
    });
    await app.jobsDone();
    await arrivals.stop();
    jobFaults = app.log.filter((line) => line.msg === 'job worker' && Number(line['level']) >= 40);
    // Ended sessions have reported all that they counted.
    await app.close();
  }, SET_UP_MS);
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  it('are all answered', () => {
    expect(failures).toEqual([]);
  });

  it('never lock each other out', async () => {
    const { rows } = await sql.query('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()');
    expect(rows).toEqual([{ deadlocks: 0 }]);
    expect(jobFaults).toEqual([]);
  });

  it('give each log numbers without a gap, up to where its row says it goes', async () => {
    const { rows } = await sql.query(`
      SELECT last_seq AS last, (SELECT array_agg(seq ORDER BY seq) FROM change_entries e WHERE e.viewer_id = s.viewer_id) AS seqs
      FROM change_streams s`);
    expect(rows).toHaveLength(PEOPLE);
    for (const { last, seqs } of rows) {
      expect(seqs).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      expect(last).toBeGreaterThan(OPERATIONS / PEOPLE / 2);
    }
  });

  it('are seen by a reader in the order of their numbers, none behind a later one', () => {
    expect(arrivals.reads()).toBeGreaterThan(20);
    expect(arrivals.lateOnes).toEqual([]);
  });
});

/** Makes each lock of a log last a little, so that two who take theirs in another order would meet. */
async function slowDownLogs(sql: Pool): Promise<void> {
  await sql.query(`
    CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_sleep(${LOCK_SECONDS});
      RETURN NEW;
    END $$`);
  await sql.query('CREATE TRIGGER slow BEFORE UPDATE ON change_streams FOR EACH ROW EXECUTE FUNCTION take_time()');
}

interface Arrivals {
  /** Entries that came into sight behind one with a higher number. */
  readonly lateOnes: string[];
  reads(): number;
  stop(): Promise<void>;
}

/** Reads what is new in all logs, again and again. */
function follow(sql: Pool): Arrivals {
  const lateOnes: string[] = [];
  const known = new Map<string, number>();
  let reads = 0;
  let going = true;
  const look = async () => {
    const { rows } = await sql.query(
      `SELECT viewer_id AS id, max(seq) AS last, count(*)::int AS entries FROM change_entries GROUP BY viewer_id`,
    );
    reads += 1;
    for (const { id, last, entries } of rows) {
      if (entries !== last) lateOnes.push(`${id} showed ${entries} entries up to ${last}`);
      if (last < (known.get(id) ?? 0)) lateOnes.push(`${id} went back to ${last}`);
      known.set(id, last);
    }
  };
  const looking = (async () => {
    for (; going; await sleep(LOOK_EVERY_MS)) await look();
  })();
  return {
    lateOnes,
    reads: () => reads,
    async stop() {
      going = false;
      await looking;
      await look();
    },
  };
}

function drawOperation(random: Random, people: readonly Person[], posts: readonly string[]): Operation {
  const as = pick(random, people);
  const luck = random();
  if (luck < 0.5) return { name: 'addComment', as, input: { postId: pick(random, posts), text: 'Well said' } };
  if (luck < 0.6) {
    return { name: 'setPostLiked', as, input: { postId: pick(random, posts), liked: random() < 0.5 } };
  }
  if (luck < 0.7) return { name: 'createPost', as, input: { text: 'Hello' } };
  if (luck < 0.8) return { name: 'updateProfile', as, input: { name: `Person ${luck}` } };
  const other = pick(
    random,
    people.filter((person) => person !== as),
  );
  const change = pick(random, [{ following: true }, { following: false }, { blocking: true }, { blocking: false }]);
  return { name: 'setRelationship', as, input: { userId: other.id, ...change } };
}
