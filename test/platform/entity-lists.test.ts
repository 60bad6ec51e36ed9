import { decodeCopy, defineEntity, encodeCopy } from '../../src/platform/cache/entity';
import { LocalCopies } from '../../src/platform/cache/local-copies';

interface Line {
  readonly id: string;
  readonly text: string | null;
}
interface Page {
  readonly id: string;
  readonly version: number;
  readonly lines: readonly Line[];
}

const LINES = defineEntity<Line>('line', 'id', ['id', 'text']);
const PAGES = defineEntity<Page>('page', 'id', ['id', 'version', 'lines'], { lines: LINES });

const page: Page = {
  id: 'p',
  version: 3,
  lines: [
    { id: 'a', text: 'one' },
    { id: 'b', text: null },
  ],
};

describe('copies of rows in which rows of another kind stand', () => {
  it('are as they were when they come back from text, with an empty list as well', () => {
    for (const row of [page, { ...page, lines: [] }]) {
      expect(decodeCopy(PAGES, 'p', encodeCopy(PAGES, 'p', row))).toEqual(row);
    }
    expect(decodeCopy(PAGES, 'p', encodeCopy(PAGES, 'p', null))).toBeNull();
  });

  it('are passed over when they are damaged, or of another build', () => {
    const [shape] = JSON.parse(encodeCopy(PAGES, 'p', page));
    const lists = [null, 'text', 7, {}, [null], [7], [['a']], [['a', 'one', 'more']], [['a', {}]], [['a', ['one']]]];
    for (const list of lists)
      expect(decodeCopy(PAGES, 'p', JSON.stringify([shape, 'p', ['p', 3, list]]))).toBeUndefined();
    const wider = defineEntity<Line & { more: number }>('line', 'id', ['id', 'text', 'more']);
    const other = defineEntity<Page>('page', 'id', ['id', 'version', 'lines'], { lines: wider });
    expect(decodeCopy(other, 'p', encodeCopy(PAGES, 'p', page))).toBeUndefined();
    expect(other.shape).not.toBe(PAGES.shape);
  });

  it('count what stands in them among the bytes that they take, and cannot be changed', () => {
    const sizeOf = (row: Page) => {
      const copies = new LocalCopies(1_000_000);
      copies.set('page', 'p', row, 1_000);
      return copies.size;
    };
    const long = 'x'.repeat(1_000);
    const grown = { ...page, lines: page.lines.map((line) => ({ ...line, text: long })) };
    expect(sizeOf(grown) - sizeOf(structuredClone(page))).toBeGreaterThanOrEqual(2 * 1_000);
    const [line] = grown.lines;
    expect(() => Object.assign(line as object, { text: 'changed' })).toThrow(TypeError);
  });
});
