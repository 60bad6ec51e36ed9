import { openDatabase } from '../../src/app';
import { loadConfig } from '../../src/config';
import { systemClock } from '../../src/kernel/clock';
import { FanOut } from '../../src/modules/feed/feed.fan-out';
import { pageFollowers } from '../../src/modules/relationships';
import { Audiences } from '../../src/platform/changelog/audience';
import { ChangeLog } from '../../src/platform/changelog/change-log';
import { SPREAD_TASK, Spread } from '../../src/platform/changelog/spread';
import { enqueue, mergeTasks, type Task } from '../../src/platform/jobs/jobs';
import type { Postgres } from '../../src/platform/postgres/connect';
import type { Database } from '../../src/platform/postgres/database';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { type LogRow, namesOf, readLog, sentences, waitingJobs, writtenTogether } from '../support/change-log';
import { crowd, mutate, publish, relate, remove } from '../support/verbs';

const FANS = 7;
/** So that seven followers take four transactions. */
const LOGS_AT_ONCE = 2;
const RUNS_AT_ONCE = 4;
const OPTIONS = { pullThreshold: 100, backfillPosts: 100, feedsAtOnce: LOGS_AT_ONCE };

let app: TestApp;
let postgres: Postgres;
let author: Person;
let fans: Person[];

/** Jobs are run by the tests. */
beforeAll(async () => {
  app = await startTestApp({ env: { JOBS_CONCURRENCY: '0' } });
  postgres = await openDatabase(
    app.databaseUrl,
    loadConfig({ NODE_ENV: 'test' }),
    createLog({ level: 'silent', format: 'json' }),
  );
  author = await app.person('author');
  fans = await crowd(app, 'fan', FANS);
  for (const fan of fans) await relate(app, fan, author, { following: true });
});
afterAll(async () => {
  await postgres.close();
  await app.close();
});
beforeEach(async () => {
  await app.sql.query('DELETE FROM graphile_worker._private_jobs');
  await app.sql.query('DELETE FROM feed_pull_authors');
});

function changeLog(): ChangeLog {
  return new ChangeLog(createLocalDoorbell(), systemClock);
}

function spreadTask(database: Database = postgres.database): Task {
  const audiences = new Audiences();
  audiences.register('followers', pageFollowers);
  return new Spread({ database, enqueue, changes: changeLog(), audiences, atOnce: LOGS_AT_ONCE }).task;
}

function publishTask(database: Database = postgres.database, options = OPTIONS): Task {
  return new FanOut(database, changeLog(), systemClock, options).published;
}

/** A database that goes away after so many transactions. */
function breakingAfter(transactions: number): Database {
  let left = transactions;
  const broken = Object.create(postgres.database) as Database;
  broken.transaction = (work) => {
    if (left-- <= 0) throw new Error('the database went away');
    return postgres.database.transaction(work);
  };
  return broken;
}

/** What everybody but the author has in their logs about a node. */
async function told(nodeId: string): Promise<LogRow[]> {
  const [uuid] = [...namesOf({ nodeId }).keys()];
  return (await readLog(app)).filter((row) => row.nodeId === uuid && row.viewerId !== author.uuid);
}

/** A sentence for each fan. */
function toEachFan(what: string): string[] {
  return fans.map((_, i) => `fan${i} ${what}`).sort();
}

function names(node: string) {
  return namesOf({ ...Object.fromEntries(fans.map((fan, i) => [`fan${i}`, fan])), node });
}

/** Both tasks, each with a job that is waiting for it, the node that it is about, and what each fan is to learn. */
const TASKS = {
  'of an edited post': async () => {
    const node = await publish(app, author);
    await mutate(app, author, 'updatePost', { id: node, text: 'Hi' });
    return { node, job: (await waitingJobs(app, SPREAD_TASK))[0], make: spreadTask, each: 'FEED post node' };
  },
  'of a deleted post': async () => {
    const node = await publish(app, author);
    await remove(app, author, node);
    return { node, job: (await waitingJobs(app, SPREAD_TASK))[0], make: spreadTask, each: 'FEED post node deleted' };
  },
  'of a profile': async () => {
    // Entries of other tests and of the follows themselves are about the same node.
    await app.sql.query('DELETE FROM change_entries WHERE node_id = $1', [author.uuid]);
    await mutate(app, author, 'updateProfile', { name: 'Somebody' });
    const each = 'SOCIAL_GRAPH user node';
    return { node: author.id, job: (await waitingJobs(app, SPREAD_TASK))[0], make: spreadTask, each };
  },
  'of a new post': async () => {
    const node = await publish(app, author);
    return { node, job: (await waitingJobs(app, 'posts.published'))[0], make: publishTask, each: 'FEED post node' };
  },
  'of a new post that is read at page time': async () => {
    const node = await publish(app, author);
    const make = (database?: Database) => publishTask(database, { ...OPTIONS, pullThreshold: FANS });
    return { node, job: (await waitingJobs(app, 'posts.published'))[0], make, each: 'FEED post node' };
  },
} as const;

describe.each(Object.entries(TASKS))('the job that tells followers %s', (_what, begin) => {
  it('appends once for each, in batches', async () => {
    const { node, job, make, each } = await begin();
    await make()(job);
    expect(sentences(await told(node), names(node))).toEqual(toEachFan(each));
  });

  it('appends once when it runs twice', async () => {
    const { node, job, make, each } = await begin();
    await make()(job);
    await make()(job);
    expect(sentences(await told(node), names(node))).toEqual(toEachFan(each));
  });

  it('appends once, without a fault, when it runs four times at once', async () => {
    const { node, job, make, each } = await begin();
    await Promise.all(Array.from({ length: RUNS_AT_ONCE }, () => make()(job)));
    expect(sentences(await told(node), names(node))).toEqual(toEachFan(each));
  });

  it('goes on after an interruption', async () => {
    const { node, job, make, each } = await begin();
    await expect((async () => make(breakingAfter(1))(job))()).rejects.toThrow('went away');
    expect(await told(node)).toHaveLength(LOGS_AT_ONCE);
    await make()(job);
    expect(sentences(await told(node), names(node))).toEqual(toEachFan(each));
  });
});

describe('a job for followers', () => {
  it('is one for ten quick edits, and says the newest', async () => {
    const id = await publish(app, author);
    for (let n = 1; n <= 10; n += 1) await mutate(app, author, 'updatePost', { id, text: `Edit ${n}` });
    expect(await waitingJobs(app, SPREAD_TASK)).toMatchObject([{ change: { version: 11 } }]);
    await remove(app, author, id);
    expect(await waitingJobs(app, SPREAD_TASK)).toMatchObject([{ change: { version: 12, deleted: true } }]);
  });

  it('is another for another node', async () => {
    const [one, other] = [await publish(app, author), await publish(app, author)];
    for (const id of [one, other]) await mutate(app, author, 'updatePost', { id, text: 'Hi' });
    await mutate(app, author, 'updateProfile', { name: 'Somebody else' });
    expect(await waitingJobs(app, SPREAD_TASK)).toHaveLength(3);
  });

  it('is none for what they have never been shown', async () => {
    const id = await publish(app, author, 'Dear diary', { audience: 'PRIVATE' });
    await mutate(app, author, 'updatePost', { id, text: 'Dear, dear diary' });
    await remove(app, author, id);
    expect([...(await waitingJobs(app, SPREAD_TASK)), ...(await waitingJobs(app, 'posts.published'))]).toEqual([]);
  });

  it('writes logs and feeds together or not at all', async () => {
    const id = await publish(app, author);
    const [job] = await waitingJobs(app, 'posts.published');
    await app.sql.query('ALTER TABLE change_entries RENAME TO change_entries_away');
    await expect(publishTask()(job)).rejects.toThrow('change_entries');
    await app.sql.query('ALTER TABLE change_entries_away RENAME TO change_entries');
    const [uuid] = [...namesOf({ id }).keys()];
    expect((await app.sql.query('SELECT FROM feed_entries WHERE post_id = $1', [uuid])).rows).toEqual([]);
    await publishTask()(job);
    expect(await writtenTogether(app, id)).toEqual(fans.map(() => true));
  });
});

describe('tasks of one name', () => {
  it('run one after the other, and all again after a failure', async () => {
    const done: string[] = [];
    let faults = 1;
    const task = (name: string) => async (payload: unknown) => {
      if (name === 'second' && faults-- > 0) throw new Error('not now');
      done.push(`${name} ${payload}`);
    };
    const tasks = mergeTasks([
      ['block', task('first')],
      ['other', task('other')],
      ['block', task('second')],
      ['block', task('third')],
    ]);
    expect([...tasks.keys()]).toEqual(['block', 'other']);
    await expect(tasks.get('block')?.('job')).rejects.toThrow('not now');
    await tasks.get('block')?.('job');
    expect(done).toEqual(['first job', 'first job', 'second job', 'third job']);
  });
});
