import { type Person, startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/interleaving';
import { block, unblock } from '../support/social';
import { comment, mutate, people, publish } from '../support/verbs';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';

let plain: TestApp;
let near: TestApp;
/** Hears nobody and is heard by nobody. */
let deaf: TestApp;
let cached: readonly TestApp[];

beforeAll(async () => {
  const redis: Record<string, string> = redisUrl ? { REDIS_URL: redisUrl } : {};
  plain = await startTestApp({ env: { ...redis, ENTITY_CACHE: 'announce' } });
  const { databaseUrl } = plain;
  [near, deaf] = await Promise.all([
    startTestApp({ databaseUrl, env: { ...redis, ENTITY_CACHE: 'on' } }),
    startTestApp({ databaseUrl, env: { ENTITY_CACHE: 'on' } }),
  ]);
  cached = [near, deaf];
});
afterAll(async () => {
  await Promise.all(cached.map((app) => app.close()));
  await plain.close();
});

const THREAD = `query Thread($id: ID!, $first: Int!, $order: CommentOrder!, $after: String) {
  post(id: $id) { comments(first: $first, order: $order, after: $after) {
    nodes { id text version updatedAt author { name } } edges { cursor } pageInfo { hasNextPage endCursor } } } }`;

interface Page {
  readonly first?: number;
  readonly order?: 'OLDEST' | 'NEWEST';
  readonly after?: string | null;
}

async function thread(app: TestApp, id: string, as: Person | null, page: Page = {}) {
  const { post } = await app.ok(THREAD, { id, first: 3, order: 'NEWEST', ...page }, as);
  return post.comments;
}

const textsOf = (page: { nodes: { text: string }[] }) => page.nodes.map(({ text }) => text);

async function textsIn(app: TestApp, id: string, as: Person | null, page: Page = {}): Promise<string[]> {
  return textsOf(await thread(app, id, as, page));
}

/** Until all that it takes is whether the viewer may see the post. */
async function warm(app: TestApp, id: string, as: Person | null, page: Page = {}): Promise<void> {
  await eventually('the comments come from copies', async () => {
    await thread(app, id, as, page);
    return app.statementsOf('Thread') === 1;
  });
}

describe('copies of what stands first under a post', () => {
  it('answer as PostgreSQL does, in either order, whatever the length and the place', async () => {
    const { host, guest } = await people(plain, 'host', 'guest');
    for (const many of [0, 1, 4, 6, 9]) {
      const id = await publish(plain, host);
      for (let n = 0; n < many; n += 1) await comment(plain, n % 2 ? host : guest, id, `number ${n}`);
      for (const order of ['OLDEST', 'NEWEST'] as const) {
        await warm(near, id, guest, { order });
        for (const first of [1, 3, 5, 6, 20]) {
          const page = await thread(near, id, guest, { order, first });
          expect(page).toEqual(await thread(plain, id, guest, { order, first }));
          const next = { order, first, after: page.pageInfo.endCursor };
          expect(await thread(near, id, guest, next)).toEqual(await thread(plain, id, guest, next));
        }
      }
    }
  });

  it('are never older than the question, in no process: they are right for one state of the thread', async () => {
    const { writer, reader } = await people(plain, 'writer', 'reader');
    const id = await publish(plain, writer);
    const { id: first } = await comment(plain, writer, id, 'one');
    const shows = async (...texts: string[]) => {
      for (const app of cached) {
        expect(await textsIn(app, id, reader)).toEqual(texts);
        // Made anew for the next act to make old.
        await warm(app, id, reader);
      }
    };
    await shows('one');
    const { id: second } = await comment(plain, writer, id, 'two');
    await shows('two', 'one');
    await mutate(plain, writer, 'updateComment', { id: first, text: 'the first' });
    await shows('two', 'the first');
    await mutate(near, writer, 'updateComment', { id: second, text: 'the second' });
    await shows('the second', 'the first');
    await mutate(plain, writer, 'deleteNode', { id: first });
    await shows('the second');
    // As many comments as before the last two acts: only what has become of the thread tells the difference.
    await comment(near, writer, id, 'three');
    await shows('three', 'the second');
    await mutate(deaf, writer, 'deleteNode', { id: second });
    await shows('three');
  });

  it('are left out by who is not shown everybody in them, and gets others in their place', async () => {
    const { poster, noisy, quiet, blocker, blocked } = await people(
      plain,
      'poster',
      'noisy',
      'quiet',
      'blocker',
      'blocked',
    );
    const id = await publish(plain, poster);
    for (let n = 0; n < 4; n += 1) await comment(plain, quiet, id, `quiet ${n}`);
    for (let n = 0; n < 6; n += 1) await comment(plain, noisy, id, `noisy ${n}`);
    for (const app of cached) await warm(app, id, poster);
    await block(plain, blocker, noisy);
    await block(plain, noisy, blocked);
    for (const app of cached) {
      for (const viewer of [blocker, blocked]) {
        expect(await textsIn(app, id, viewer)).toEqual(['quiet 3', 'quiet 2', 'quiet 1']);
      }
      expect(await textsIn(app, id, poster)).toEqual(['noisy 5', 'noisy 4', 'noisy 3']);
    }
    await unblock(plain, blocker, noisy);
    for (const app of cached) expect(await textsIn(app, id, blocker)).toEqual(['noisy 5', 'noisy 4', 'noisy 3']);
  });

  it('still serve whoever blocks people that stand in none of them', async () => {
    const { opener, talker, hermit, other } = await people(plain, 'opener', 'talker', 'hermit', 'other');
    const id = await publish(plain, opener);
    await comment(plain, talker, id, 'hello');
    await block(plain, hermit, other);
    await warm(near, id, hermit);
    expect(await textsIn(near, id, hermit)).toEqual(['hello']);
  });

  it('are not shown of somebody whose account has been deleted, while their traces are still there', async () => {
    const { owner, leaver } = await people(plain, 'owner', 'leaver');
    const id = await publish(plain, owner);
    await comment(plain, owner, id, 'stays');
    await comment(plain, leaver, id, 'goes');
    for (const app of cached) await warm(app, id, null);
    // As the service does, but that nothing is removed yet, and nobody is told.
    await plain.sql.query(
      `WITH gone AS (UPDATE users SET deleted_at = now() WHERE id = $1 RETURNING id)
       INSERT INTO account_purges (user_id, event_id, created_at) SELECT id, gen_random_uuid(), now() FROM gone`,
      [leaver.uuid],
    );
    for (const app of cached) {
      for (const viewer of [owner, null]) expect(await textsIn(app, id, viewer)).toEqual(['stays']);
    }
    await plain.sql.query('DELETE FROM account_purges WHERE user_id = $1', [leaver.uuid]);
  });
});
