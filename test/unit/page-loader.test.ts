import { nobody } from '../../src/graphql/caller';
import { RequestContext } from '../../src/graphql/context';
import { definePageLoader, type PageRow, type PageShape } from '../../src/graphql/page-loader';
import { NO_DATABASE } from '../support/bare-schema';

interface Numbered extends PageRow {
  readonly n: number;
}

let reads: { parentIds: readonly string[]; shape: PageShape }[];
/** Two rows of each parent that is not called empty, by turns. */
const pages = definePageLoader<Numbered, PageShape>(async (_context, parentIds, shape) => {
  reads.push({ parentIds, shape });
  const full = parentIds.filter((parentId) => parentId !== 'empty');
  return [1, 2].flatMap((n) => full.map((parentId) => ({ parentId: `${parentId}`, n: n * shape.limit })));
});

const open = () => new RequestContext(NO_DATABASE, nobody('request', 'http')).loaders;

describe('pages of many parents', () => {
  beforeEach(() => {
    reads = [];
  });

  it('come in one statement for each shape, and each parent gets its own', async () => {
    const loaders = open();
    const of = (parentId: string, limit: number, after: PageShape['after'] = null) =>
      loaders.load(pages, { parentId, shape: { limit, after } });
    const found = await Promise.all([
      of('a', 10),
      of('b', 10),
      of('a', 20),
      of('empty', 10),
      of('a', 10, ['x', 1]),
      of('b', 10, ['x', 1]),
      of('b', 10, ['x', '1']),
      of('c', 10),
    ]);
    expect(found.map((rows) => rows.map(({ parentId, n }) => `${parentId}${n}`).join())).toEqual([
      'a10,a20',
      'b10,b20',
      'a20,a40',
      '',
      'a10,a20',
      'b10,b20',
      'b10,b20',
      'c10,c20',
    ]);
    expect(reads).toEqual([
      { parentIds: ['a', 'b', 'empty', 'c'], shape: { limit: 10, after: null } },
      { parentIds: ['a'], shape: { limit: 20, after: null } },
      { parentIds: ['a', 'b'], shape: { limit: 10, after: ['x', 1] } },
      { parentIds: ['b'], shape: { limit: 10, after: ['x', '1'] } },
    ]);
  });

  it('are whole for both who ask the same, when a write came between', async () => {
    const loaders = open();
    const key = { parentId: 'a', shape: { limit: 1, after: null } };
    const before = loaders.load(pages, key);
    loaders.clear();
    const after = loaders.load(pages, key);
    expect([(await before).length, (await after).length]).toEqual([2, 2]);
  });
});
