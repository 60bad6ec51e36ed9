import { openDatabase } from '../../src/app';
import { loadConfig } from '../../src/config';
import { systemClock } from '../../src/kernel/clock';
import { decodeId } from '../../src/kernel/ids';
import { AccountPurge, PURGE_ACCOUNT } from '../../src/modules/privacy/account-purge.task';
import { ChangeLog } from '../../src/platform/changelog/change-log';
import { enqueue, type Task } from '../../src/platform/jobs/jobs';
import type { Postgres } from '../../src/platform/postgres/connect';
import type { Database } from '../../src/platform/postgres/database';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { createLog } from '../../src/platform/telemetry/log';
import { leave } from '../support/account-deletion';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { namesOf, readLog, sentences, waitingJobs } from '../support/change-log';
import { effectOf, placeNow, syncPage } from '../support/change-stream';
import { brokenInvariants } from '../support/integrity';
import { pick, seeded } from '../support/interleaving';
import { acquaint, send, start } from '../support/messaging';
import { attempt, follow, readWhole } from '../support/social';
import { comment, crowd, like, people, publish, relate } from '../support/verbs';

/** So that a handful of rows takes many transactions. */
const SIZES = { people: 2, messages: 2, texts: 2, likes: 2, ownRows: 3 };

let app: TestApp;
let postgres: Postgres;

/** Jobs are run by the tests. */
beforeAll(async () => {
  app = await startTestApp({ env: { JOBS_CONCURRENCY: '0' } });
  const quiet = createLog({ level: 'silent', format: 'json' });
  postgres = await openDatabase(app.databaseUrl, loadConfig({ NODE_ENV: 'test' }), quiet);
});
afterAll(async () => {
  await postgres.close();
  await app.close();
});
beforeEach(() => app.sql.query('DELETE FROM graphile_worker._private_jobs'));

function purgeTask(database: Database = postgres.database): Task {
  const doorbell = createLocalDoorbell();
  const changes = new ChangeLog(doorbell, systemClock);
  return new AccountPurge({ database, clock: systemClock, changes, doorbell, enqueue, sizes: SIZES }).task;
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

const isPending = async ({ uuid }: Person) =>
  (await app.sql.query('SELECT FROM account_purges WHERE user_id = $1', [uuid])).rowCount === 1;

/** Runs the job a few pages at a time, each time broken off, until nothing is left. */
async function purge(person: Person, between: () => Promise<unknown> = async () => {}, pages = 1): Promise<number> {
  for (let runs = 1; ; runs += 1) {
    await purgeTask(breakingAfter(pages))({ userId: person.uuid }).catch(() => {});
    await between();
    if (!(await isPending(person))) return runs;
    if (runs > 500) throw new Error('the purge does not end');
  }
}

const IDS = 'nodes { id } pageInfo { hasNextPage }';
const USERS = `query Users($ids: [ID!]!) {
  nodes(ids: $ids) { ... on User { id counts { followers following posts }
    followers(first: 30) { ${IDS} } following(first: 30) { ${IDS} } posts(first: 30) { ${IDS} } } }
}`;
const POSTS = `query Posts($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Post { id likedBy(first: 30) { ${IDS} } likes: likeCount commentCount
    comments(first: 30) { ${IDS} } } }
}`;

/** Every count that a viewer is shown, each with how much the list has in its place. */
async function countsAndLists(as: Person | null, users: readonly Person[], posts: readonly string[]) {
  const shownUsers = (await app.ok(USERS, { ids: users.map(({ id }) => id) }, as)).nodes.filter(Boolean);
  const shownPosts = (await app.ok(POSTS, { ids: posts }, as)).nodes.filter(Boolean);
  const counted: [string, number][] = [];
  const listed: [string, number][] = [];
  const compare = (what: string, n: number, list: { nodes: unknown[]; pageInfo: { hasNextPage: boolean } }) => {
    if (list.pageInfo.hasNextPage) throw new Error('a list that does not fit a page');
    counted.push([what, n]);
    listed.push([what, list.nodes.length]);
  };
  for (const user of shownUsers) {
    for (const list of ['followers', 'following', 'posts'])
      compare(`${list} ${user.id}`, user.counts[list], user[list]);
  }
  for (const post of shownPosts) {
    compare(`likes ${post.id}`, post.likes, post.likedBy);
    compare(`comments ${post.id}`, post.commentCount, post.comments);
  }
  return { counted, listed };
}

describe('what a deleted account leaves', () => {
  it('is out of every count at once, and stays so after each page of the job', async () => {
    const cast = await crowd(app, 'round', 8);
    const random = seeded(7);
    const posts: string[] = [];
    for (const person of cast) posts.push(await publish(app, person));
    for (let n = 0; n < 105; n += 1) {
      const [one, other, post] = [pick(random, cast), pick(random, cast), pick(random, posts)];
      if (n % 3 === 0) await attempt(app, one, 'setPostLiked', { postId: post, liked: true });
      else if (n % 3 === 1) await attempt(app, one, 'addComment', { postId: post, text: 'Well' });
      else await attempt(app, one, 'setRelationship', { userId: other.id, following: true });
    }
    const [gone, second, viewer, blocker] = cast as [Person, Person, Person, Person];
    await relate(app, blocker, gone, { blocking: true });
    await relate(app, blocker, cast[5] as Person, { blocking: true });
    await relate(app, gone, cast[6] as Person, { blocking: true, muting: true });
    const holds = async () => {
      for (const as of [viewer, blocker, null]) {
        const { counted, listed } = await countsAndLists(as, cast, posts);
        expect(counted).toEqual(listed);
      }
    };
    await holds();
    await leave(app, gone);
    await leave(app, second);
    await holds();
    const pages = await purge(gone, holds);
    await purge(second, async () => {}, 100);
    await holds();
    expect(pages).toBeGreaterThan(15);
    expect(await brokenInvariants(app.sql)).toEqual([]);
    const { rows } = await app.sql.query(
      `SELECT (SELECT count(*) FROM follows WHERE $1 IN (follower_id, followee_id))
         + (SELECT count(*) FROM blocks WHERE $1 IN (blocker_id, blocked_id))
         + (SELECT count(*) FROM mutes WHERE $1 IN (muter_id, muted_id)) + (SELECT count(*) FROM likes WHERE user_id = $1)
         + (SELECT count(*) FROM posts WHERE author_id = $1 AND (deleted_at IS NULL OR text <> ''))
         + (SELECT count(*) FROM comments WHERE author_id = $1 AND (deleted_at IS NULL OR text <> ''))
         + (SELECT count(*) FROM feed_entries WHERE viewer_id = $1)
         + (SELECT count(*) FROM change_entries WHERE viewer_id = $1) AS n`,
      [gone.uuid],
    );
    expect(Number(rows[0].n)).toBe(0);
  }, 30_000);

  it('is told to those who keep a copy of it, once, however often the job is broken off or runs beside itself', async () => {
    const { gone, fan, muter, host, muted, stranger } = await people(
      app,
      ...(['gone', 'fan', 'muter', 'host', 'muted', 'stranger'] as const),
    );
    await follow(app, fan, gone);
    const [one, two] = [await publish(app, gone), await publish(app, gone, 'For followers', { audience: 'FOLLOWERS' })];
    await publish(app, gone, 'Dear diary', { audience: 'PRIVATE' });
    await app.sql.query(
      `INSERT INTO feed_entries (viewer_id, post_id, author_id, published_at) SELECT $1, id, author_id, created_at
       FROM posts WHERE author_id = $2 AND audience <> 'PRIVATE'`,
      [fan.uuid, gone.uuid],
    );
    await relate(app, muter, gone, { muting: true });
    await relate(app, gone, muted, { muting: true });
    const note = await comment(app, gone, await publish(app, host));
    await like(app, gone, await publish(app, stranger));
    const cast = { gone, fan, muter, host, muted, stranger, one, two, note: note.id };
    const after = await placeNow(app, fan);
    await leave(app, gone);
    await Promise.all([purge(gone), purge(gone), purge(gone, undefined, 2)]);
    const others = (await readLog(app)).filter(({ nodeId, deleted }) => deleted && namesOf(cast).has(nodeId));
    expect(sentences(others, namesOf(cast))).toEqual(
      [
        'fan SOCIAL_GRAPH user gone deleted',
        'fan FEED post one deleted',
        'fan FEED post two deleted',
        'host FEED comment note deleted',
        'muter SOCIAL_GRAPH user gone deleted',
      ].sort(),
    );
    const removed = (await syncPage(app, fan, { after })).changes.map(effectOf).sort();
    expect(removed).toEqual([`- ${gone.id} DELETED`, `- ${one} DELETED`, `- ${two} DELETED`].sort());
    expect(await readWhole(app, fan, 'feed', fan.id.replace('user_', 'viewer_'))).toEqual([]);
    expect((await app.sql.query('SELECT FROM feed_entries WHERE author_id = $1', [gone.uuid])).rowCount).toBe(0);
  });

  it('is told of an author whose posts are read at page time as well', async () => {
    const { star, admirer, passer } = await people(app, ...(['star', 'admirer', 'passer'] as const));
    await follow(app, admirer, star);
    await relate(app, passer, star, { muting: true });
    const post = await publish(app, star);
    await app.sql.query('INSERT INTO feed_pull_authors (author_id, since) VALUES ($1, now())', [star.uuid]);
    await leave(app, star);
    await purge(star);
    const told = (await readLog(app)).filter(
      ({ nodeId, deleted }) => deleted && [star.uuid, decodeId(post)?.uuid].includes(nodeId),
    );
    expect(sentences(told, namesOf({ star, admirer, passer, post }))).toEqual([
      'admirer FEED post post deleted',
      'admirer SOCIAL_GRAPH user star deleted',
      'passer SOCIAL_GRAPH user star deleted',
    ]);
    expect((await app.sql.query('SELECT FROM feed_pull_authors')).rowCount).toBe(0);
  });

  it('leaves conversations to the others, who learn of it and lose what is not theirs', async () => {
    const trio = (await crowd(app, 'talker', 3)) as [Person, Person, Person];
    await acquaint(app, ...trio);
    const [gone, pal, third] = trio;
    const [direct, group] = [await start(app, gone, [pal]), await start(app, pal, [gone, third], 'Trio')];
    const said: string[] = [];
    for (let n = 0; n < 5; n += 1) said.push((await send(app, gone, group, `secret ${n}`)).id);
    await send(app, pal, group, 'Hear, hear');
    const word = await send(app, gone, direct, 'secret word');
    await leave(app, gone);
    await purge(gone);
    const names = namesOf({ gone, pal, third, direct, group, word: word.id, ...Object.fromEntries(said.entries()) });
    const told = (await readLog(app)).filter(({ eventId, viewerId }) => eventId && viewerId === third.uuid);
    expect(sentences(told, names)).toEqual(
      ['third MESSAGES conversation group', 'third SOCIAL_GRAPH user gone deleted']
        .concat(said.map((_, n) => `third MESSAGES message ${n}`))
        .sort(),
    );
    const { rows } = await app.sql.query(`SELECT text FROM messages WHERE sender_id = $1 AND text <> ''`, [gone.uuid]);
    expect(rows).toEqual([]);
    const badges = await app.ok('{ viewer { badges { unreadConversations } } }', {}, third);
    expect(badges.viewer.badges.unreadConversations).toBe(1);
    expect(await brokenInvariants(app.sql)).toEqual([]);
  });

  it('brings no conversation back that a block has hidden', async () => {
    const trio = (await crowd(app, 'rival', 3)) as [Person, Person, Person];
    await acquaint(app, ...trio);
    const [gone, rival, friend] = trio;
    const hidden = await start(app, gone, [rival]);
    await send(app, rival, hidden, 'Words');
    const open = await start(app, gone, [friend]);
    await relate(app, rival, gone, { blocking: true });
    await leave(app, gone);
    const sees = async (as: Person, id: string) =>
      (await app.ok('query Sees($id: ID!) { node(id: $id) { id } }', { id }, as)).node !== null;
    await purge(gone, async () => expect([await sees(rival, hidden), await sees(friend, open)]).toEqual([false, true]));
  });

  it('is the same job again until it is done, so that others have their turn', async () => {
    const gone = await app.person('prolific');
    const post = await publish(app, await app.person('patient'));
    await app.sql.query(
      `INSERT INTO likes (post_id, user_id, created_at) SELECT id, $1, now() FROM posts WHERE author_id <> $1`,
      [gone.uuid],
    );
    await app.sql.query(
      `UPDATE post_like_counters c SET likes = (SELECT count(*) FROM likes WHERE post_id = c.post_id)`,
    );
    for (let n = 0; n < 55; n += 1) await comment(app, gone, post, `Comment ${n}`);
    await leave(app, gone);
    expect(await waitingJobs(app, PURGE_ACCOUNT)).toEqual([{ userId: gone.uuid }]);
    await app.sql.query('DELETE FROM graphile_worker._private_jobs');
    await purgeTask()({ userId: gone.uuid });
    expect(await isPending(gone)).toBe(true);
    expect(await waitingJobs(app, PURGE_ACCOUNT)).toEqual([{ userId: gone.uuid }]);
    await purge(gone, undefined, 100);
    // Once more, as a job may.
    await purgeTask()({ userId: gone.uuid });
    expect((await countsAndLists(null, [], [post])).counted).toEqual([
      [`likes ${post}`, 0],
      [`comments ${post}`, 0],
    ]);
  });
});
