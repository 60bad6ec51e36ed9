import type { PageRequest } from './connection';
import { defineLoader, type Loader, type LoaderContext, type LoaderDefinition } from './loader-scope';

/** What pages have in common that one statement can read for many parents at once. */
export type PageShape = Pick<PageRequest, 'limit' | 'after'>;

/**
 * What to read for a page: one row less where nobody asks whether more follow. Readers read `limit + 1` rows, of which
 * the last tells nothing else.
 */
export function rowsToRead<Shape extends PageShape>(context: LoaderContext, shape: Shape): Shape {
  const tells = ['PageInfo.hasNextPage', 'PageInfo.hasPreviousPage'];
  return tells.every((field) => context.leavesOut(field)) ? { ...shape, limit: shape.limit - 1 } : shape;
}

/** One page of the list of one parent. */
export interface PageKey<Shape extends PageShape> {
  readonly parentId: string;
  readonly shape: Shape;
}

/** A row of a page, saying whose list it stands in. */
export interface PageRow {
  readonly parentId: string;
}

/** Reads the same page, `limit + 1` rows at most, of the lists of many parents: rows of one parent in list order. */
export type ReadPages<Row extends PageRow, Shape extends PageShape> = (
  context: LoaderContext,
  parentIds: readonly string[],
  shape: Shape,
) => Promise<readonly Row[]>;

/**
 * Declares the loader of a nested list. However many parents a page has, pages of one shape come in one statement;
 * each differently asked page (an alias with another `first`, `after` or order) costs one more.
 * @param atHand the page where it takes no reading, as of a `LoaderDefinition`; given `rowsToRead` of what is asked.
 */
export function definePageLoader<Row extends PageRow, Shape extends PageShape>(
  read: ReadPages<Row, Shape>,
  tags?: LoaderDefinition<PageKey<Shape>, readonly Row[]>['tags'],
  atHand?: (context: LoaderContext, parentId: string, shape: Shape) => readonly Row[] | undefined,
): Loader<PageKey<Shape>, readonly Row[]> {
  return defineLoader<PageKey<Shape>, readonly Row[]>({
    cacheKey: ({ parentId, shape }) => parentId + nameOf(shape),
    tags,
    atHand: atHand && ((context, { parentId, shape }) => atHand(context, parentId, rowsToRead(context, shape))),
    async batch(context, keys) {
      const byShape = new Map<string, Pages<Row, Shape>>();
      let alike: Pages<Row, Shape> | undefined;
      const pages = keys.map(({ parentId, shape }) => {
        if (!alike || !hasSameProperties(alike.shape, shape)) {
          const name = nameOf(shape);
          alike = byShape.get(name) ?? { shape, byParent: new Map() };
          byShape.set(name, alike);
        }
        let page = alike.byParent.get(parentId);
        if (!page) {
          page = [];
          alike.byParent.set(parentId, page);
        }
        return page;
      });
      await Promise.all(
        [...byShape.values()].map(async ({ shape, byParent }) => {
          const rows = await read(context, [...byParent.keys()], rowsToRead(context, shape));
          let parentId: string | null = null;
          let page: Row[] | undefined;
          for (const row of rows) {
            // Those of one parent mostly stand together.
            if (row.parentId !== parentId) {
              parentId = row.parentId;
              page = byParent.get(parentId);
            }
            page?.push(row);
          }
        }),
      );
      return pages;
    },
  });
}

/** Pages that one statement reads. */
interface Pages<Row extends PageRow, Shape extends PageShape> {
  readonly shape: Shape;
  readonly byParent: Map<string, Row[]>;
}

/** Tells shapes of one kind apart, which all have the same properties in the same order. */
function nameOf(shape: PageShape): string {
  let name = '';
  for (const value of Object.values(shape)) {
    name += typeof value === 'number' || value === null ? `:${value}` : `:${JSON.stringify(value)}`;
  }
  return name;
}

/** Sees at a glance that two shapes are the same, where they are: those with a position it may not know again. */
function hasSameProperties<Shape extends PageShape>(one: Shape, other: Shape): boolean {
  for (const property in one) if (one[property] !== other[property]) return false;
  return true;
}
