import { setTimeout as sleep } from 'node:timers/promises';
import { type OperationDefinitionNode, parse } from 'graphql';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { estimateCost } from '../../src/graphql/pipeline/cost';
import { decodeId, encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { composeSchema } from '../support/bare-schema';
import { RandomPeople } from '../support/copies-screen';
import { report } from '../support/global-setup';
import { eventually, pick, seeded, together } from '../support/interleaving';
import { block, follow } from '../support/social';
import { comment, crowd, like, mutate, people, publish } from '../support/verbs';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
if (!redisUrl) report('NO REDIS: copies that processes share are not tested.');
const ROUNDS = Number(process.env['CACHE_ROUNDS'] ?? 1);
const SEED = Number(process.env['CACHE_SEED'] ?? 7);
/** Acts of a round, one after the other and at the same time. */
const [ALONE, AT_ONCE] = ROUNDS > 1 ? [10, 30] : [4, 8];
/** What the service promises to those who did not write. */
const BOUND_MS = 2_000;

/** Reads everything from PostgreSQL, and lets the others know what it writes. */
let plain: TestApp;
let near: TestApp;
let far: TestApp;
/** Hears nobody and is heard by nobody: it has the log alone. */
let deaf: TestApp;
let cached: readonly TestApp[];

beforeAll(async () => {
  const wide = { DOCUMENT_COST_MAX: '100000', DOCUMENT_READS_MAX: '100', DOCUMENT_FIELDS_MAX: '5000' };
  const redis: Record<string, string> = redisUrl ? { REDIS_URL: redisUrl } : {};
  plain = await startTestApp({ env: { ...wide, ...redis, ENTITY_CACHE: 'announce' } });
  const { databaseUrl } = plain;
  const on = { ...wide, ENTITY_CACHE: 'on' };
  [near, far, deaf] = await Promise.all([
    startTestApp({ databaseUrl, env: { ...on, ...redis } }),
    startTestApp({ databaseUrl, env: { ...on, ...redis } }),
    startTestApp({ databaseUrl, env: on }),
  ]);
  cached = [near, far, deaf];
});
afterAll(async () => {
  await Promise.all(cached.map((app) => app.close()));
  await plain.close();
});

const POST = `query Post($id: ID!) { post(id: $id) { text likeCount commentCount viewerHasLiked author { name } } }`;
const ask = async (app: TestApp, id: string, as: Person | null = null) => (await app.ok(POST, { id }, as)).post;

/** The statements that it can take at most. */
async function estimateOf(text: string, copies: boolean): Promise<number> {
  const document = parse(text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return estimateCost(await composeSchema(), document, operation, {}, copies).statements;
}

describe('copies of posts, people and counters', () => {
  it('answer exactly as PostgreSQL: at once for whoever writes, and for everybody when two seconds are over', async () => {
    const random = seeded(SEED);
    const crowdOf = new RandomPeople(random, await crowd(plain, `random${SEED}x`, 6));
    const [first, second, third] = crowdOf.people as [Person, Person, Person];
    await follow(plain, first, second, third);
    await block(plain, second, third);
    const viewers = [...crowdOf.people, null];
    for (let round = 0; round < ROUNDS; round += 1) {
      // One process: whatever is written through it, by whomever, it knows at once.
      const app = pick(random, cached);
      for (let n = 0; n < ALONE; n += 1) {
        // So that there are copies that the write makes old.
        for (const other of cached) await crowdOf.screen(other, pick(random, viewers));
        const who = crowdOf.person();
        const act = await crowdOf.act(app, who);
        // Jobs of what was done before may still be under way.
        await eventually(`nothing moves after ${act}`, async () => {
          const before = await crowdOf.screen(plain, who);
          const seen = await crowdOf.screen(app, who);
          if ((await crowdOf.screen(plain, who)) !== before) return false;
          expect([act, seen]).toEqual([act, before]);
          return true;
        });
      }
      await together(4, AT_ONCE, async () => {
        await crowdOf.act(pick(random, [...cached, plain]), crowdOf.person());
        await crowdOf.screen(pick(random, cached), pick(random, viewers));
      });
      await plain.jobsDone();
      await sleep(BOUND_MS);
      for (const viewer of viewers) {
        const [screen, feed] = [await crowdOf.screen(plain, viewer), await crowdOf.feed(plain, viewer)];
        for (const each of cached) {
          expect(await crowdOf.screen(each, viewer)).toBe(screen);
          expect(await crowdOf.feed(each, viewer)).toBe(feed);
        }
      }
    }
  }, 600_000);

  it('never show anybody a text that was not meant for them', async () => {
    const { author, stranger } = await people(plain, 'author', 'stranger');
    const id = await publish(near, author, 'a secret draft', { audience: 'PRIVATE' });
    for (const app of cached) expect((await ask(app, id, author)).text).toBe('a secret draft');
    await mutate(near, author, 'updatePost', { id, text: 'for everybody', audience: 'PUBLIC' });
    for (const app of cached) expect((await ask(app, id, stranger)).text).toBe('for everybody');
    await mutate(near, author, 'updatePost', { id, text: 'secret again', audience: 'PRIVATE' });
    for (const app of cached) expect(await ask(app, id, stranger)).toBeNull();
    for (const app of cached) expect((await ask(app, id, author)).text).toBe('secret again');
  });

  it('show a post as soon as it exists, also where it was asked for before', async () => {
    const { early: author } = await people(plain, 'early');
    const id = encodeId('post', newId());
    for (const app of cached) expect(await ask(app, id)).toBeNull();
    await mutate(near, author, 'createPost', { id, text: 'here now' });
    for (const app of cached) expect(await ask(app, id)).toMatchObject({ text: 'here now', likeCount: 0 });
  });

  describe('leave to PostgreSQL what differs by viewer', () => {
    const SHOWN = 'text likeCount commentCount viewerHasLiked author { name }';
    const WITH_COMMENTS = `${SHOWN} comments(first: 3) { nodes { text author { name } } }`;
    const FEED = `query Feed { viewer { feed(first: 20) { nodes { ${WITH_COMMENTS} } } } }`;
    const PROFILE = `query Profile($id: ID!) { user(id: $id) {
      name counts { posts followers } relationship { following } posts(first: 5) { nodes { ${WITH_COMMENTS} } } } }`;
    let author: Person;
    let reader: Person;
    let id: string;

    beforeAll(async () => {
      ({ spared: author, sparing: reader } = await people(plain, 'spared', 'sparing'));
      await follow(plain, reader, author);
      for (let n = 0; n < 3; n += 1) {
        id = await publish(plain, author);
        await comment(plain, author, id);
        await like(plain, author, id);
      }
      await plain.jobsDone();
    });

    const cost = async (app: TestApp, document: string, variables: object) => {
      await app.ok(document, variables, reader);
      return app.statementsOf(/\w+ (\w+)/.exec(document)?.[1] ?? '');
    };

    it.each([
      ['a post', 1, 1, POST, () => ({ id })],
      ['a feed with comments', 2, 1, FEED, () => ({})],
      ['a profile with posts and their comments', 3, 2, PROFILE, () => ({ id: author.id })],
    ])(
      'in no more statements than without copies, for %s: %i, and %i',
      async (_what, without, warm, document, variables) => {
        const cold = await cost(deaf, document, variables());
        await eventually('it is answered from copies', async () => {
          return (await cost(near, document, variables())) === warm;
        });
        expect(await cost(plain, document, variables())).toBe(without);
        expect(await near.ok(document, variables(), reader)).toEqual(await plain.ok(document, variables(), reader));
        const estimated = (copies: boolean) => estimateOf(document, copies);
        expect(cold).toBeLessThanOrEqual(await estimated(true));
        expect(await estimated(true)).toBeGreaterThan(await estimated(false));
      },
    );

    it('and find there that a row is another by now', async () => {
      const { uuid } = decodeId(id) as { uuid: string };
      for (const table of ['posts', 'users']) {
        const row = table === 'posts' ? uuid : author.uuid;
        const [document, variables] = table === 'posts' ? [POST, { id }] : [PROFILE, { id: author.id }];
        await eventually('there are copies', async () => (await cost(near, document, variables)) <= 2);
        const warm = await cost(near, document, variables);
        // Past the service, so that nobody is told.
        await plain.sql.query(`UPDATE ${table} SET version = version + 1 WHERE id = $1`, [row]);
        const stale = await cost(near, document, variables);
        expect(stale).toBeGreaterThan(warm);
        expect(stale).toBeLessThanOrEqual(await estimateOf(document, true));
        await plain.sql.query(`UPDATE ${table} SET version = version - 1 WHERE id = $1`, [row]);
      }
    });

    it('and keep the place where a page ends, whatever goes while it is read', async () => {
      const { leaver } = await people(plain, 'leaver');
      await follow(plain, leaver, author);
      const posts: string[] = [];
      for (let n = 0; n < 4; n += 1) posts.unshift(await publish(plain, leaver));
      const page = 'query Page { viewer { feed(first: 2) { nodes { id } pageInfo { hasNextPage } } } }';
      const { query } = Client.prototype;
      const sent = jest.spyOn(Client.prototype, 'query');
      let gone = false;
      sent.mockImplementation(async function (this: Client, ...args: unknown[]) {
        const { text } = args[0] as { readonly text?: string };
        if (!gone && /FROM posts p WHERE p\.id = ANY/.test(text ?? '')) {
          gone = true;
          const uuid = decodeId(posts[0] as string)?.uuid;
          await plain.sql.query('UPDATE posts SET deleted_at = now(), version = version + 1 WHERE id = $1', [uuid]);
        }
        return Reflect.apply(query, this, args);
      } as never);
      const { viewer } = await deaf.ok(page, {}, leaver);
      sent.mockRestore();
      expect(gone).toBe(true);
      expect(viewer.feed).toEqual({
        nodes: posts.slice(1, 3).map((id) => ({ id })),
        pageInfo: { hasNextPage: true },
      });
    });

    it('and are estimated as if all were missing, where there are copies only', async () => {
      const many = Array.from({ length: 14 }, (_, n) => `p${n}: post(id: $id) { ${WITH_COMMENTS} }`).join(' ');
      const document = `query Many($id: ID!) { ${many} }`;
      expect((await plain.query(document, { id }, reader)).errors).toBeUndefined();
      const { errors } = await near.query(document, { id }, reader);
      expect(errors?.[0]?.extensions.code).toBe('DOCUMENT_TOO_COMPLEX');
    });
  });

  it('are subtracted from what a block hides, by each viewer apart', async () => {
    const { counted: author, liker, blocker } = await people(plain, 'counted', 'liker', 'blocker');
    const id = await publish(near, author);
    await like(near, liker, id);
    await comment(near, liker, id);
    await block(near, blocker, liker);
    // The second time the counts of everybody are at hand.
    for (let times = 0; times < 2; times += 1) {
      expect(await ask(near, id, blocker)).toMatchObject({ likeCount: 0, commentCount: 0, viewerHasLiked: false });
      expect(await ask(near, id, liker)).toMatchObject({ likeCount: 1, commentCount: 1, viewerHasLiked: true });
      expect(await ask(near, id)).toMatchObject({ likeCount: 1, commentCount: 1, viewerHasLiked: null });
    }
  });
});

(redisUrl ? describe : describe.skip)('what stands in Redis', () => {
  const ROWS: Record<string, string> = {
    user: 'SELECT * FROM users WHERE id = $1',
    post: 'SELECT * FROM posts WHERE id = $1',
    'post-counts': 'SELECT * FROM author_post_counters WHERE author_id = $1',
    'like-count': 'SELECT post_id, likes FROM post_like_counters WHERE post_id = $1',
    'comment-count': 'SELECT post_id, comment_count FROM comment_threads WHERE post_id = $1',
  };

  it('is rows as they stand in PostgreSQL, and nothing of any viewer', async () => {
    const redis = new Redis(redisUrl);
    const epochs = await plain.sql.query('SELECT epoch FROM change_log_epochs');
    const keys = () => redis.keys(`portico:entity:1:${epochs.rows[0].epoch}.*`);
    // Tests before this one have changed rows past the service, of which nobody is told.
    const earlier = await keys();
    if (earlier.length > 0) await redis.del(...earlier);
    const { shared: author, fan, foe } = await people(plain, 'shared', 'fan', 'foe');
    const id = await publish(near, author);
    await like(near, fan, id);
    await block(near, foe, fan);
    await block(near, author, foe);
    const profile =
      'query Profile($id: ID!) { user(id: $id) { name counts { posts followers } relationship { blocking } } }';
    for (const viewer of [author, fan, foe, null]) {
      for (const app of [near, far]) {
        await ask(app, id, viewer);
        await app.ok(profile, { id: author.id }, viewer);
      }
    }
    const names = await keys();
    expect(names.length).toBeGreaterThan(4);
    expect(names.some((name) => name.includes(`:like-count:${decodeId(id)?.uuid}`))).toBe(true);
    for (const name of names) {
      const text = (await redis.get(name)) ?? '';
      if (!text.startsWith('[')) continue;
      const [, kind, uuid] = name.split(':').slice(-3) as [string, string, string];
      const { rows } = await plain.sql.query({ text: ROWS[kind] ?? '', values: [uuid], rowMode: 'array' });
      const stored = rows[0]?.map((value: unknown) => (value instanceof Date ? value.toISOString() : value)) ?? null;
      const [, of, kept] = JSON.parse(text);
      const sorted = (values: unknown[] | null) => values && [...values].map(String).sort();
      expect([name, of, sorted(kept)]).toEqual([name, uuid, sorted(stored)]);
    }
    redis.disconnect();
  });
});
