import { openDatabase } from '../../src/app';
import { composeModules } from '../../src/composition';
import { loadConfig } from '../../src/config';
import { decodeId } from '../../src/kernel/ids';
import { BLOCK_CHANGED, FEED_CHANGED, FOLLOWED } from '../../src/modules/relationships';
import { SPREAD_TASK } from '../../src/platform/changelog/spread';
import type { Task } from '../../src/platform/jobs/jobs';
import type { Postgres } from '../../src/platform/postgres/connect';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { type Person, startTestApp, TEST_SECRET, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { namesOf, readLog, sentences, waitingJobs, writtenTogether } from '../support/change-log';
import { comment, crowd, publish, relate, remove } from '../support/verbs';

const PULLED_POSTS = 100;
const RUNS_AT_ONCE = 4;
const SILENT = createLog({ level: 'silent', format: 'json' });

let app: TestApp;
let postgres: Postgres;
let tasks: ReadonlyMap<string, Task>;
let closeModules: () => void;

/** Jobs are run by the tests, in the composition of the service. */
beforeAll(async () => {
  app = await startTestApp({ env: { JOBS_CONCURRENCY: '0' } });
  const config = loadConfig({ NODE_ENV: 'test' });
  postgres = await openDatabase(app.databaseUrl, config, SILENT);
  const modules = await composeModules({
    config,
    database: postgres.database,
    doorbell: createLocalDoorbell(),
    log: SILENT,
    secretKey: TEST_SECRET,
    signingKeyPem: TEST_SIGNING_KEY,
  });
  tasks = modules.tasks;
  closeModules = modules.close;
});
afterAll(async () => {
  closeModules();
  await postgres.close();
  await app.close();
});

/** Takes the waiting jobs of these tasks and runs them, each as often as asked, all at once. */
async function run(names: readonly string[], times = 1): Promise<void> {
  for (const name of names) {
    const jobs = await waitingJobs(app, name);
    await app.sql.query(
      `DELETE FROM graphile_worker._private_jobs j USING graphile_worker._private_tasks t
       WHERE t.id = j.task_id AND t.identifier = $1`,
      [name],
    );
    const task = tasks.get(name) as Task;
    await Promise.all(jobs.flatMap((job) => Array.from({ length: times }, () => task(job))));
  }
}

let pairs = 0;
/** Two people who follow each other, each with a post that stands in the other's feed. */
async function friends() {
  pairs += 1;
  const [ada, bob] = (await crowd(app, `pair${pairs}_`, 2)) as [Person, Person];
  const [adas, bobs] = [await publish(app, ada), await publish(app, bob)];
  await relate(app, ada, bob, { following: true });
  await relate(app, bob, ada, { following: true });
  await run(['posts.published', FOLLOWED]);
  await app.sql.query('DELETE FROM change_entries');
  return { ada, bob, adas, bobs, names: namesOf({ ada, bob, adas, bobs }) };
}

async function feedEntries(names: ReadonlyMap<string, string>): Promise<string[]> {
  return sentences(
    (await readLog(app)).filter(({ scope }) => scope === 'FEED'),
    names,
  );
}

describe('a relationship that changes a feed', () => {
  it.each([1, RUNS_AT_ONCE])('is told of once when its jobs run %i times at once', async (times) => {
    const { ada, bob, adas, names } = await friends();
    await relate(app, bob, ada, { following: false });
    await run([FEED_CHANGED], times);
    expect(await feedEntries(names)).toEqual(['bob FEED post adas']);
    await relate(app, bob, ada, { following: true });
    await run([FOLLOWED], times);
    expect(await feedEntries(names)).toEqual(['bob FEED post adas', 'bob FEED post adas']);
    await comment(app, bob, adas);
    await app.sql.query('DELETE FROM change_entries');
    await relate(app, ada, bob, { blocking: true });
    await run([BLOCK_CHANGED], times);
    const told = (await feedEntries(names)).map((each) => each.replace(/comment .*/, 'comment'));
    expect(told).toEqual(['ada FEED comment', 'ada FEED post bobs', 'bob FEED comment', 'bob FEED post adas']);
  });

  it('is told of once for a mute that is set and lifted before the job runs', async () => {
    const { ada, bob } = await friends();
    await relate(app, bob, ada, { muting: true });
    await relate(app, bob, ada, { muting: false });
    expect(await waitingJobs(app, FEED_CHANGED)).toMatchObject([{ viewerId: bob.uuid, otherId: ada.uuid }]);
    await run([FEED_CHANGED]);
  });

  it('is in the log in the same moment as in the feed', async () => {
    const { ada, bob, adas } = await friends();
    await app.sql.query('DELETE FROM feed_entries');
    await relate(app, bob, ada, { following: false });
    await relate(app, bob, ada, { following: true });
    await run([FOLLOWED, FEED_CHANGED]);
    expect(await writtenTogether(app, adas)).toEqual([true]);
  });

  it('changes nothing for those who do not follow', async () => {
    const [ada, bob] = (await crowd(app, 'stranger', 2)) as [Person, Person];
    await relate(app, bob, ada, { muting: true });
    await relate(app, bob, ada, { following: true, muting: false });
    await relate(app, bob, ada, { following: true });
    expect(await waitingJobs(app, FEED_CHANGED)).toEqual([]);
    await run([FOLLOWED]);
  });

  it('takes posts out that were deleted while the follower was leaving', async () => {
    const { ada, bob, adas, names } = await friends();
    await remove(app, ada, adas);
    await relate(app, bob, ada, { following: false });
    // Too late for the job of the deletion, which no longer finds this follower.
    await run([SPREAD_TASK, FEED_CHANGED]);
    expect(await feedEntries(names)).toEqual(['ada FEED post adas deleted', 'bob FEED post adas']);
  });
});

describe('the posts of an author who is read at page time', () => {
  it('come into a feed and leave it a hundred at a time, none that nobody else may see', async () => {
    const [ada, bob] = (await crowd(app, 'pulled', 2)) as [Person, Person];
    await app.sql.query('INSERT INTO feed_pull_authors (author_id, since) VALUES ($1, now())', [ada.uuid]);
    await app.sql.query(
      `INSERT INTO posts (id, author_id, text, audience, created_at, updated_at)
       SELECT gen_random_uuid(), $1, 'Post ' || n, 'PUBLIC', now() - n * interval '1 minute', now()
       FROM generate_series(1, $2::integer) n`,
      [ada.uuid, PULLED_POSTS + 20],
    );
    const diary = await publish(app, ada, 'Dear diary', { audience: 'PRIVATE' });
    await relate(app, bob, ada, { following: true });
    await run([FOLLOWED]);
    const came = (await readLog(app, bob)).filter(({ scope }) => scope === 'FEED');
    // The newest hundred, one of which is not for others.
    expect(came).toHaveLength(PULLED_POSTS - 1);
    expect(came.map(({ nodeId }) => nodeId)).not.toContain(decodeId(diary)?.uuid);
    await relate(app, bob, ada, { muting: true });
    await run([FEED_CHANGED]);
    const left = (await readLog(app, bob)).filter(({ scope }) => scope === 'FEED').slice(came.length);
    expect(new Set(left.map(({ nodeId }) => nodeId))).toEqual(new Set(came.map(({ nodeId }) => nodeId)));
  });
});
