import { type Person, startTestApp, type TestApp } from '../support/app';
import { pick, seeded, together } from '../support/interleaving';
import { idsOf, type List, listsOf, type Page, pagesOf, readPage } from '../support/lists';
import { comment, crowd, publish, relate, remove } from '../support/verbs';

const FIRST = 7;
const WRITERS = 8;
/** Additions by each writer while the reader is under way. */
const WRITES = 8;
const ROWS = 49;
/** Three of seven rows go. */
const LASTING = 28;

let app: TestApp;
let reader: Person;
let writers: Person[];

beforeAll(async () => {
  app = await startTestApp();
  reader = await app.person('reader');
  writers = await crowd(app, 'writer', WRITERS);
  await Promise.all(writers.map((writer) => relate(app, reader, writer, { following: true })));
});
afterAll(() => app.close());

/** A row, and who may delete it. */
interface Row {
  readonly id: string;
  readonly author: Person;
}

type Write = (writer: Person) => Promise<Row>;

/**
 * Fills a list with rows that last and rows that go; then eight writers add and delete in it while a reader pages by 7
 * to its end.
 * @returns the rows that lasted, in the order of the list; the rows that the reader saw, and its last cursor.
 */
async function readUnderWrites(list: List, write: Write) {
  const random = seeded(20_260_104);
  const rows: Row[] = [];
  await together(WRITERS, ROWS, async () => rows.push(await write(pick(random, writers))));
  await app.jobsDone();
  const doomed = rows.filter((_, index) => index % 7 < 3);
  const doomedIds = new Set(doomed.map(({ id }) => id));
  const lasting = idsOf(await readPage(app, list, { first: 100 })).filter((id) => !doomedIds.has(id));
  expect(lasting).toHaveLength(LASTING);

  const writing = together(WRITERS, WRITERS * WRITES, async () => {
    doomed.push(await write(pick(random, writers)));
    const gone = random() < 0.8 && doomed.splice(Math.floor(random() * doomed.length), 1)[0];
    if (gone) await remove(app, gone.author, gone.id);
  });
  const pages: Page[] = [];
  for await (const page of pagesOf(app, list, FIRST)) pages.push(page);
  await writing;
  await app.jobsDone();
  const last = pages.findLast(({ edges }) => edges.length > 0)?.pageInfo.endCursor;
  return { lasting, seen: pages.flatMap(idsOf), last };
}

function expectEachOnceInOrder({ lasting, seen }: { lasting: string[]; seen: string[] }): void {
  expect(seen.filter((id) => lasting.includes(id))).toEqual(lasting);
  expect(new Set(seen).size).toBe(seen.length);
}

function listOf(name: string, owner: Person, postId = ''): List {
  const list = listsOf(owner, postId).find((each) => each.name === name);
  if (!list) throw new Error(`no list ${name}`);
  return { ...list, as: reader };
}

describe('while eight writers add and delete, a reader who pages by 7 to the end finds each lasting row once, in order,', () => {
  it('in a home feed', async () => {
    const write: Write = async (author) => ({ author, id: await publish(app, author) });
    expectEachOnceInOrder(await readUnderWrites(listOf('feed', reader), write));
  });

  it('in a profile', async () => {
    const author = await app.person('author');
    const write: Write = async () => ({ author, id: await publish(app, author) });
    expectEachOnceInOrder(await readUnderWrites(listOf('posts', author), write));
  });

  it('in the newest comments of a post', async () => {
    const postId = await publish(app, reader);
    const write: Write = async (author) => ({ author, ...(await comment(app, author, postId)) });
    expectEachOnceInOrder(await readUnderWrites(listOf('comments NEWEST', reader, postId), write));
  });

  it('in the oldest comments of a post, and later the rest behind the last cursor', async () => {
    const postId = await publish(app, reader);
    const write: Write = async (author) => ({ author, ...(await comment(app, author, postId)) });
    const list = listOf('comments OLDEST', reader, postId);
    const result = await readUnderWrites(list, write);
    expectEachOnceInOrder(result);
    const rest: string[] = [];
    let after = result.last ?? null;
    for (let more = true; more; ) {
      const page = await readPage(app, list, { first: FIRST, after });
      rest.push(...idsOf(page));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    const all: string[] = [];
    for await (const page of pagesOf(app, list, 100)) all.push(...idsOf(page));
    // Whatever was written meanwhile stands behind what had been read, so nobody needs to start over.
    expect(all.filter((id) => !result.seen.includes(id))).toEqual(rest);
  });
});
