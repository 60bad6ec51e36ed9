import type { Position } from '../../kernel/cursor';
import type { Viewer } from '../../kernel/viewer';
import type { Executor } from '../postgres/database';

/** What a copy of somebody's data holds of one kind. */
export interface ExportSource {
  /** The name of its file, without ending. */
  readonly name: string;
  /** What one line of it is, for whoever opens the file. */
  readonly about: string;
  /**
   * All of it, page by page, as it may leave the service: nothing that the person could not see by other means, and no
   * secret. `executor` is a transaction in which everything is of one moment.
   */
  readonly pages: (executor: Executor, viewer: Viewer) => AsyncIterable<readonly object[]>;
}

/** A part of a list: at most `limit` rows behind `after`. Whoever reads it reads one more, to learn whether more follow. */
export interface Stretch {
  readonly limit: number;
  readonly after: Position | null;
}

/** Rows in memory at once. */
const PAGE = 500;

/** Reads a list from its beginning to its end. `place`: the position behind a row. */
export async function* inPages<Row>(
  read: (stretch: Stretch) => Promise<readonly Row[]>,
  place: (row: Row) => Position,
): AsyncGenerator<readonly Row[]> {
  let after: Position | null = null;
  for (;;) {
    const rows = await read({ limit: PAGE, after });
    const page = rows.slice(0, PAGE);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (rows.length <= PAGE || last === undefined) return;
    after = place(last);
  }
}

/** A list so short by its nature that it is one page. */
export async function* atOnce<Row>(rows: Promise<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  yield await rows;
}

/** The pages of rows as they are to be shown. */
export async function* shownAs<Row>(
  pages: AsyncIterable<readonly Row[]>,
  show: (row: Row) => object,
): AsyncGenerator<readonly object[]> {
  for await (const page of pages) yield page.map(show);
}
