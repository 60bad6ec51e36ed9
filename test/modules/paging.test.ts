import { type Person, startTestApp, type TestApp } from '../support/app';
import { fillLists, idsOf, type List, listsOf, pagesOf, queryPage, readPage } from '../support/lists';
import { comment, publish, relate, remove } from '../support/verbs';

const SIZE = 21;
const FIRST = 7;
/** The lists by name, before anybody is there to own them. */
const NAMES = listsOf({} as Person, '').map(({ name }) => name);

let app: TestApp;
let ada: Person;
let lists: Map<string, List>;
let ofNewcomer: Map<string, List>;

beforeAll(async () => {
  app = await startTestApp();
  ada = await app.person('ada');
  const { postId } = await fillLists(app, ada, SIZE);
  lists = byName(listsOf(ada, postId));
  const newcomer = await app.person('newcomer');
  const lonely = await publish(app, await app.person('lonely'));
  ofNewcomer = byName(listsOf(newcomer, lonely));
});
afterAll(() => app.close());

function byName(all: List[]): Map<string, List> {
  return new Map(all.map((list) => [list.name, list]));
}

function listNamed(name: string, within = lists): List {
  const list = within.get(name);
  if (!list) throw new Error(`no list ${name}`);
  return list;
}

async function refusalOf(list: List, page: { first?: number; after?: string }): Promise<string | undefined> {
  const answer = await queryPage(app, list, page);
  return answer.errors?.[0]?.extensions.code;
}

describe.each(NAMES)('the list %s', (name) => {
  it('is the sum of its pages', async () => {
    const list = listNamed(name);
    const whole = await readPage(app, list, { first: 100 });
    expect(whole.edges).toHaveLength(SIZE);
    expect(whole.nodes.map(({ id }) => id)).toEqual(idsOf(whole));
    const pages = [];
    for await (const page of pagesOf(app, list, FIRST)) pages.push(page);
    expect(pages.map((page) => page.edges.length)).toEqual([7, 7, 7]);
    expect(pages.flatMap((page) => page.edges)).toEqual(whole.edges);
    expect(new Set(pages.flatMap(idsOf)).size).toBe(SIZE);
  });

  it('says of each page where it lies', async () => {
    const list = listNamed(name);
    const pages = [];
    for await (const page of pagesOf(app, list, FIRST)) pages.push(page);
    for (const [index, page] of pages.entries()) {
      expect(page.pageInfo).toEqual({
        hasPreviousPage: index > 0,
        hasNextPage: index < pages.length - 1,
        startCursor: page.edges[0]?.cursor,
        endCursor: page.edges.at(-1)?.cursor,
      });
    }
    const { edges } = await readPage(app, list, { first: 100 });
    const beyond = await readPage(app, list, { first: FIRST, after: edges.at(-1)?.cursor ?? null });
    expect(beyond.edges).toEqual([]);
    expect(beyond.pageInfo).toEqual({
      hasPreviousPage: true,
      hasNextPage: false,
      startCursor: null,
      endCursor: null,
    });
  });

  it('continues behind any of its cursors', async () => {
    const list = listNamed(name);
    const { edges } = await readPage(app, list, { first: 100 });
    const { edges: rest } = await readPage(app, list, { first: 100, after: edges[10]?.cursor ?? null });
    expect(rest).toEqual(edges.slice(11));
  });

  it('may be empty', async () => {
    expect(await readPage(app, listNamed(name, ofNewcomer), { first: FIRST })).toEqual({
      edges: [],
      nodes: [],
      pageInfo: {
        ...{ hasNextPage: false, hasPreviousPage: false, startCursor: null },
        // The place before everything: where a subscription begins that is to miss nothing.
        endCursor: name === 'comments OLDEST' ? expect.any(String) : null,
      },
    });
  });

  it('has pages of 1 to 100, and of 20 when nothing is asked', async () => {
    const list = listNamed(name);
    for (const first of [0, -1, 101, 2 ** 31 - 1, -(2 ** 31)]) {
      expect([first, await refusalOf(list, { first })]).toEqual([first, 'BAD_USER_INPUT']);
    }
    expect((await readPage(app, list, { first: 1 })).edges).toHaveLength(1);
    expect((await readPage(app, list, { first: null })).edges).toHaveLength(20);
  });

  it('refuses what is not a cursor of its own', async () => {
    const list = listNamed(name);
    const cursor = (await readPage(app, list, { first: 3 })).pageInfo.endCursor as string;
    const foreign = [];
    for (const other of lists.values()) {
      if (other !== list) foreign.push((await readPage(app, other, { first: 3 })).pageInfo.endCursor as string);
    }
    const bytes = Buffer.from(cursor, 'base64url');
    const flipped = [0, 11, 12, bytes.length - 1].map((at) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy.toString('base64url');
    });
    const made = [
      ...flipped,
      cursor.slice(0, -1),
      cursor.slice(0, 16),
      `${cursor}A`,
      `${cursor}=`,
      ` ${cursor}`,
      Buffer.from('["2026-01-01T00:00:00.000Z"]').toString('base64url'),
      'null',
      '',
      'A'.repeat(513),
      'A'.repeat(50_000),
    ];
    for (const after of [...foreign, ...made]) {
      expect([after, await refusalOf(list, { after })]).toEqual([after, 'BAD_USER_INPUT']);
    }
  });
});

describe('the order', () => {
  it.each(['posts', 'feed'])('of %s is newest first, by id where times are equal', async (name) => {
    const ids = idsOf(await readPage(app, listNamed(name), { first: 100 }));
    expect(ids).toEqual([...ids].sort().reverse());
  });

  it('NEWEST of comments is OLDEST turned round', async () => {
    const oldest = idsOf(await readPage(app, listNamed('comments OLDEST'), { first: 100 }));
    expect(idsOf(await readPage(app, listNamed('comments NEWEST'), { first: 100 }))).toEqual(oldest.reverse());
  });
});

describe('a cursor', () => {
  it.each(['feed', 'blocks', 'mutes', 'followRequests'])('of %s belongs to its viewer', async (name) => {
    const mine = listNamed(name);
    const { endCursor } = (await readPage(app, mine, { first: 3 })).pageInfo;
    expect(await refusalOf({ ...mine, as: await app.person(`other_${name}`) }, { after: endCursor as string })).toBe(
      'BAD_USER_INPUT',
    );
  });

  it.each(['posts', 'followers', 'following'])('of %s belongs to one person', async (name) => {
    const { endCursor } = (await readPage(app, listNamed(name), { first: 3 })).pageInfo;
    expect(await refusalOf(listNamed(name, ofNewcomer), { after: endCursor as string })).toBe('BAD_USER_INPUT');
  });

  it('made by a mutation continues its list', async () => {
    const { postId } = await threadOf(3);
    const { cursor } = await comment(app, ada, postId, 'Fourth');
    const { id } = await comment(app, ada, postId, 'Fifth');
    const list = listNamed('comments OLDEST', byName(listsOf(ada, postId)));
    expect(idsOf(await readPage(app, list, { first: 100, after: cursor }))).toEqual([id]);
  });

  it('still works when its element is gone', async () => {
    const { postId, ids } = await threadOf(4);
    const list = listNamed('comments OLDEST', byName(listsOf(ada, postId)));
    const { endCursor } = (await readPage(app, list, { first: 2 })).pageInfo;
    await remove(app, ada, ids[1] as string);
    expect(idsOf(await readPage(app, list, { first: 2, after: endCursor }))).toEqual(ids.slice(2));
  });

  async function threadOf(size: number): Promise<{ postId: string; ids: string[] }> {
    const postId = await publish(app, ada);
    const ids = [];
    for (let i = 0; i < size; i += 1) ids.push((await comment(app, ada, postId, `Comment ${i}`)).id);
    return { postId, ids };
  }
});

describe('a page', () => {
  it('is full although people in between are hidden from the viewer', async () => {
    const [zoe, hidden] = [await app.person('zoe'), await app.person('hidden')];
    const postId = await publish(app, zoe);
    const shown: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      const { id } = await comment(app, i % 2 ? hidden : zoe, postId, `Comment ${i}`);
      if (i % 2 === 0) shown.push(id);
    }
    await relate(app, hidden, zoe, { blocking: true });
    const list = listNamed('comments OLDEST', byName(listsOf(zoe, postId)));
    const pages = [];
    for await (const page of pagesOf(app, list, FIRST)) pages.push(idsOf(page));
    expect(pages).toEqual([shown.slice(0, 7), shown.slice(7)]);
  });
});
