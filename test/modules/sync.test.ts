import { beginEpoch } from '../../src/platform/changelog/epoch';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { effectOf, type Page, placeNow, type SyncArguments, syncPage } from '../support/change-stream';
import { comment, mutate, people, publish, relate, remove } from '../support/verbs';

let app: TestApp;
let handles = 0;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Somebody new, whose log is empty. */
function somebody(): Promise<Person> {
  handles += 1;
  return app.person(`somebody${handles}`);
}

function sync(as: Person, args?: SyncArguments): Promise<Page> {
  return syncPage(app, as, args);
}

/** Everything behind a place, page by page. */
async function effectsAfter(as: Person, place: string, first = 50): Promise<string[]> {
  const effects: string[] = [];
  for (let after = place; ; ) {
    const page = await sync(as, { after, first });
    effects.push(...page.changes.map(effectOf));
    if (!page.hasMore) return effects;
    after = page.cursor;
  }
}

/** Two people, one following the other, with nothing left to be told. */
async function pair(): Promise<{ ada: Person; ben: Person }> {
  const [ada, ben] = [await somebody(), await somebody()];
  await relate(app, ben, ada, { following: true });
  await app.jobsDone();
  return { ada, ben };
}

describe('sync', () => {
  it('tells nothing but the place that is now when it is asked from nowhere', async () => {
    const ada = await somebody();
    const first = await sync(ada);
    expect(first).toMatchObject({ changes: [], hasMore: false, resetRequired: false });
    expect(await sync(ada, { after: first.cursor })).toEqual(first);
  });

  it('tells the author and the followers of a post, its changes and its end', async () => {
    const { ada, ben } = await pair();
    const [fromAda, fromBen] = [await placeNow(app, ada), await placeNow(app, ben)];
    const postId = await publish(app, ada, 'First');
    await app.jobsDone();
    for (const [who, place] of [
      [ada, fromAda],
      [ben, fromBen],
    ] as const) {
      const page = await sync(who, { after: place });
      expect(page.changes).toMatchObject([{ scope: 'FEED', node: { __typename: 'Post', id: postId, text: 'First' } }]);
    }
    await mutate(app, ada, 'updatePost', { id: postId, text: 'Second' });
    await remove(app, ada, postId);
    await app.jobsDone();
    expect(await effectsAfter(ben, fromBen)).toEqual([`- ${postId} DELETED`]);
  });

  it('pages, each change once, and each page goes on where the one before ended', async () => {
    const ada = await somebody();
    const place = await placeNow(app, ada);
    const posts: string[] = [];
    for (let i = 0; i < 7; i += 1) posts.push(await publish(app, ada, `Post ${i}`));
    expect(await effectsAfter(ada, place, 3)).toEqual(posts.map((id) => `+ ${id}`));
    const page = await sync(ada, { after: place, first: 3 });
    expect([page.hasMore, page.changes.at(-1)?.cursor]).toEqual([true, page.cursor]);
  });

  it('tells several changes of one node once, as it is now', async () => {
    const ada = await somebody();
    const place = await placeNow(app, ada);
    const postId = await publish(app, ada, 'One');
    const other = await publish(app, ada, 'Other');
    await mutate(app, ada, 'updatePost', { id: postId, text: 'Two' });
    const { changes } = await sync(ada, { after: place });
    expect(changes).toMatchObject([{ node: { id: other } }, { node: { id: postId, text: 'Two' } }]);
  });

  it('tells of the parts asked for, and moves its place past the others', async () => {
    const ada = await somebody();
    const place = await placeNow(app, ada);
    await publish(app, ada);
    await mutate(app, ada, 'updateProfile', { name: 'Ada II' });
    await publish(app, ada);
    const page = await sync(ada, { after: place, scopes: ['PROFILE'] });
    expect(page.changes).toMatchObject([{ scope: 'PROFILE', node: { id: ada.id, name: 'Ada II' } }]);
    expect((await sync(ada, { after: page.cursor })).changes).toEqual([]);
    expect((await sync(ada, { after: place, scopes: [] })).changes).toEqual([]);
  });

  it('hides what a block hides, and shows it again when the block is lifted', async () => {
    const { ada, ben } = await pair();
    const postId = await publish(app, ada);
    await app.jobsDone();
    const [fromAda, fromBen] = [await placeNow(app, ada), await placeNow(app, ben)];
    await relate(app, ada, ben, { blocking: true });
    await app.jobsDone();
    const hidden = await effectsAfter(ben, fromBen);
    expect(hidden).toEqual(expect.arrayContaining([`- ${ada.id} HIDDEN`, `- ${postId} HIDDEN`]));
    expect(await effectsAfter(ada, fromAda)).toContain(`+ ${ben.id}`);
    const blocked = await placeNow(app, ben);
    await relate(app, ada, ben, { blocking: false });
    await relate(app, ben, ada, { following: true });
    await app.jobsDone();
    const shown = await effectsAfter(ben, blocked);
    expect(shown).toEqual(expect.arrayContaining([`+ ${ada.id}`, `+ ${postId}`]));
  });

  it('shows a post while it stands in the home feed, whatever else may be seen', async () => {
    const { ada, ben } = await pair();
    const postId = await publish(app, ada);
    await app.jobsDone();
    for (const change of [{ following: false }, { following: true }, { muting: true }, { muting: false }]) {
      const place = await placeNow(app, ben);
      await relate(app, ben, ada, change);
      await app.jobsDone();
      const stands = Object.values(change)[0] === 'following' in change;
      expect([change, await effectsAfter(ben, place)]).toEqual([
        change,
        expect.arrayContaining([stands ? `+ ${postId}` : `- ${postId} HIDDEN`]),
      ]);
    }
  });

  it('asks for the rights of the moment in which it tells', async () => {
    const { ada, ben } = await pair();
    const place = await placeNow(app, ben);
    const postId = await publish(app, ada);
    await app.jobsDone();
    // Around the service, so that nothing more is written to any log.
    await app.sql.query(`UPDATE posts SET audience = 'PRIVATE' WHERE author_id = $1`, [ada.uuid]);
    expect(await effectsAfter(ben, place)).toEqual([`- ${postId} HIDDEN`]);
    await app.sql.query(`INSERT INTO blocks VALUES ($1, $2, now())`, [ada.uuid, ben.uuid]);
    await app.sql.query(`UPDATE posts SET audience = 'PUBLIC' WHERE author_id = $1`, [ada.uuid]);
    expect(await effectsAfter(ben, place)).toEqual([`- ${postId} HIDDEN`]);
  });

  it('reads its place before everything else of the operation, so that nothing falls between', async () => {
    const ada = await somebody();
    const document = `query ($after: Cursor) { viewer { feed(first: 100) { nodes { id } } sync(after: $after, first: 100) { cursor changes { ... on NodeUpserted { node { id } } } } } }`;
    let writing = true;
    const writer = (async () => {
      for (let i = 0; writing && i < 90; i += 1) await publish(app, ada, `Post ${i}`);
    })();
    const starts = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * 10));
        return (await app.ok(document, {}, ada)).viewer;
      }),
    );
    writing = false;
    await writer;
    const { nodes } = (await app.ok(document, {}, ada)).viewer.feed;
    for (const { feed, sync: start } of starts) {
      const { changes } = (await app.ok(document, { after: start.cursor }, ada)).viewer.sync;
      const known = new Set([...feed.nodes, ...changes.map((each: { node: object }) => each.node)].map(({ id }) => id));
      expect(nodes.filter(({ id }: { id: string }) => !known.has(id))).toEqual([]);
    }
  });

  it('takes a fixed number of statements, however much it tells', async () => {
    const { ada, ben } = await people(app, 'ada', 'ben');
    const place = await placeNow(app, ada);
    for (let i = 0; i < 5; i += 1) {
      const postId = await publish(app, ada);
      await comment(app, ben, postId);
      await relate(app, ada, ben, { muting: i % 2 === 0 });
    }
    const counts: number[] = [];
    for (const first of [3, 30]) {
      await sync(ada, { after: place, first });
      counts.push(app.statementsOf('Sync'));
    }
    // The place, the entries, and one batch for each of posts of the feed, comments and people.
    expect(counts).toEqual([5, 5]);
  });

  it.each([0, 101])('refuses first: %d', async (first) => {
    const ada = await somebody();
    const { errors } = await app.query(`{ viewer { sync(first: ${first}) { cursor } } }`, {}, ada);
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('a cursor that cannot be continued', () => {
  /** What is answered to it: nothing but that the copy must be loaded afresh, and a place to go on from. */
  async function expectReset(as: Person, after: string): Promise<void> {
    const page = await sync(as, { after });
    expect(page).toEqual({ changes: [], hasMore: false, resetRequired: true, cursor: await placeNow(app, as) });
  }

  it('is one of somebody else, one that was tampered with, or none at all', async () => {
    const [ada, ben] = [await somebody(), await somebody()];
    const place = await placeNow(app, ben);
    await expectReset(ada, place);
    await expectReset(ada, `${(await placeNow(app, ada)).slice(0, -2)}xx`);
    await expectReset(ada, 'nonsense');
  });

  it('is one behind which changes are no longer kept, and not one behind which all are', async () => {
    const ada = await somebody();
    const place = await placeNow(app, ada);
    await publish(app, ada);
    const between = await placeNow(app, ada);
    const kept = await publish(app, ada);
    await app.sql.query('DELETE FROM change_entries WHERE viewer_id = $1 AND seq = 1', [ada.uuid]);
    await expectReset(ada, place);
    expect(await effectsAfter(ada, between)).toEqual([`+ ${kept}`]);
    await app.sql.query('DELETE FROM change_entries WHERE viewer_id = $1', [ada.uuid]);
    await expectReset(ada, between);
    expect(await effectsAfter(ada, await placeNow(app, ada))).toEqual([]);
  });

  it('is one from before a backup was restored', async () => {
    const ada = await somebody();
    await publish(app, ada);
    const place = await placeNow(app, ada);
    // The log goes back behind the place, as a restored one does.
    await app.sql.query('UPDATE change_streams SET last_seq = 0 WHERE viewer_id = $1', [ada.uuid]);
    await app.sql.query('DELETE FROM change_entries WHERE viewer_id = $1', [ada.uuid]);
    await expectReset(ada, place);
    const restored = await placeNow(app, ada);
    const executor = {
      row: async () => null,
      rows: async () => [],
      run: ({ text, values }: never) => run(text, values),
    };
    await beginEpoch(executor as never, new Date().toISOString());
    await expectReset(ada, restored);
    expect(await effectsAfter(ada, await placeNow(app, ada))).toEqual([]);
  });

  async function run(text: string, values: unknown[]): Promise<number> {
    return (await app.sql.query(text, values)).rowCount ?? 0;
  }
});
