import { type Person, startTestApp, type TestApp } from '../support/app';
import { pick, type Random, seeded, together } from '../support/interleaving';
import { outcomeOf } from '../support/social';
import { crowd, documentOf, type MutationName } from '../support/verbs';

const SEED = 20_260_101;
const PEOPLE = 20;
const PRIVATE_EVERY = 3;
const OPERATIONS = 1_000;
const IN_FLIGHT = 50;
/** Seconds on an idle machine. */
const SET_UP_MS = 60_000;

interface Operation {
  readonly name: MutationName;
  readonly as: Person;
  readonly input: object;
}

/** Follows outnumber blocks, so that there is something to end. */
const CHANGES = [
  { following: true },
  { following: true },
  { following: true },
  { following: false },
  { blocking: true },
  { blocking: false },
  { blocking: false, following: true },
] as const;

describe('a thousand changes among twenty people at once', () => {
  let app: TestApp;
  let outcomes: Map<string, number>;
  let topLevelErrors: string[];

  beforeAll(async () => {
    app = await startTestApp();
    const people = await crowd(app, 'person', PEOPLE);
    const closed = people.filter((_, i) => i % PRIVATE_EVERY === 0).map(({ uuid }) => uuid);
    await app.sql.query('UPDATE users SET private = TRUE WHERE id = ANY($1)', [closed]);
    const random = seeded(SEED);
    const operations = Array.from({ length: OPERATIONS }, () => drawOperation(random, people));
    outcomes = new Map();
    topLevelErrors = [];
    await together(IN_FLIGHT, OPERATIONS, async (index) => {
      const { name, as, input } = operations[index] as Operation;
      const answer = await app.query(documentOf(name), { input }, as);
      if (answer.errors) topLevelErrors.push(answer.text);
      const outcome = outcomeOf(answer, name);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    });
    await app.jobsDone();
  }, SET_UP_MS);
  afterAll(() => app.close());

  it('are all answered, none with a top-level error', () => {
    expect(topLevelErrors).toEqual([]);
    expect([...outcomes.keys()].sort()).toEqual(['BLOCKED', 'NOT_FOUND', 'OK']);
    expect([...outcomes.values()].reduce((sum, times) => sum + times, 0)).toBe(OPERATIONS);
  });

  it('leave rows of every kind behind', async () => {
    const { rows } = await app.sql.query(`
      SELECT (SELECT count(*)::int FROM follows WHERE state = 'accepted') AS follows,
        (SELECT count(*)::int FROM follows WHERE state = 'requested') AS requests,
        (SELECT count(*)::int FROM blocks) AS blocks`);
    for (const count of Object.values(rows[0])) expect(count).toBeGreaterThan(5);
  });

  it('leave counters that equal the rows', async () => {
    const { rows } = await app.sql.query(`
      SELECT u.handle, COALESCE(c.followers, 0) AS followers, COALESCE(c.following, 0) AS following,
        (SELECT count(*)::int FROM follows WHERE followee_id = u.id AND state = 'accepted') AS "followerRows",
        (SELECT count(*)::int FROM follows WHERE follower_id = u.id AND state = 'accepted') AS "followingRows"
      FROM users u LEFT JOIN relationship_counters c ON c.user_id = u.id`);
    expect(rows).toHaveLength(PEOPLE);
    for (const row of rows) {
      expect({ ...row, followers: row.followerRows, following: row.followingRows }).toEqual(row);
    }
  });

  it('leave no follow and no request across a block', async () => {
    const { rows } = await app.sql.query(`
      SELECT f.* FROM follows f JOIN blocks b ON (b.blocker_id, b.blocked_id) IN
        ((f.follower_id, f.followee_id), (f.followee_id, f.follower_id))`);
    expect(rows).toEqual([]);
  });
});

function drawOperation(random: Random, people: readonly Person[]): Operation {
  const as = pick(random, people);
  const other = pick(
    random,
    people.filter((person) => person !== as),
  );
  if (random() < 0.15) {
    return { name: 'answerFollowRequest', as, input: { userId: other.id, accept: random() < 0.7 } };
  }
  return { name: 'setRelationship', as, input: { userId: other.id, ...pick(random, CHANGES) } };
}
